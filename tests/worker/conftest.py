"""Every test here that asks for a database runs on SQLite and on PostgreSQL."""

from tests.lib.databases import database, home, opened, postgres

__all__ = ["database", "home", "opened", "postgres"]
