"""Triggers that let no statement change or delete a signature."""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_SENTENCE = "Signatures are never changed or deleted."

_THERE = "EXISTS (SELECT 1 FROM store_signature WHERE id = NEW.id)"
_SQLITE = [
    f"CREATE TRIGGER signature_no_{name} BEFORE {when} "
    f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
    for name, when in (
        ("update", "UPDATE ON store_signature"),
        ("delete", "DELETE ON store_signature"),
        # INSERT OR REPLACE deletes without a word where recursive triggers are off.
        ("replace", f"INSERT ON store_signature WHEN {_THERE}"),
    )
]
_POSTGRESQL = [
    f"""CREATE FUNCTION refuse_signature_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_SENTENCE}'; END $$""",
    """CREATE TRIGGER signatures_stay BEFORE UPDATE OR DELETE ON store_signature
    FOR EACH ROW EXECUTE FUNCTION refuse_signature_change()""",
    """CREATE TRIGGER signature_table_stays BEFORE TRUNCATE ON store_signature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_signature_change()""",
]


def add_triggers(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the triggers in the database's own words."""
    for statement in _POSTGRESQL if editor.connection.vendor == "postgresql" else _SQLITE:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("store", "0002_audit_rows_stay")]
    operations: ClassVar = [migrations.RunPython(add_triggers)]
