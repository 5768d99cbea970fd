"""A database whose tests must commit, emptied afterwards: triggers are put back as they were."""

from django.apps import apps
from django.db import connection, transaction

_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def wipe(kind: str) -> None:
    """Take all rows out of all our tables, past the triggers that keep them."""
    tables = [model._meta.db_table for model in apps.get_app_config("store").get_models()]
    tables.append("account_emailaddress")
    with connection.cursor() as cursor, transaction.atomic():
        if kind == "postgresql":
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        cursor.execute(_TRIGGERS)
        triggers = cursor.fetchall()
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")
        for _, sql in triggers:
            cursor.execute(sql)
