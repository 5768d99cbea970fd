"""Commands of the store run on SQLite and on PostgreSQL."""

from tests.lib.databases import database, home, opened, postgres

__all__ = ["database", "home", "opened", "postgres"]
