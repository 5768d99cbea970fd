"""Triggers that let no statement change or delete a row of the audit trail."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_SENTENCE = "Rows of the audit trail are never changed or deleted."

_THERE = "EXISTS (SELECT 1 FROM store_auditrow WHERE seq = NEW.seq)"
_SQLITE = [
    f"CREATE TRIGGER audit_no_{name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
    for name, when in (
        ("update", "UPDATE ON store_auditrow"),
        ("delete", "DELETE ON store_auditrow"),
        # INSERT OR REPLACE deletes without a word where recursive triggers are off.
        ("replace", f"INSERT ON store_auditrow WHEN {_THERE}"),
    )
]
_POSTGRESQL = [
    f"""CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_SENTENCE}'; END $$""",
    """CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON store_auditrow
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()""",
    """CREATE TRIGGER audit_table_stays BEFORE TRUNCATE ON store_auditrow
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()""",
]


def add_triggers(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the triggers in the database's own words."""
    for statement in _POSTGRESQL if editor.connection.vendor == "postgresql" else _SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("store", "0001_tables")]
    operations: ClassVar = [migrations.RunPython(add_triggers)]
