"""Triggers that keep notices, runs and releases as they were signed.

A notice revision's bytes never change; a released one not at all. A run and its verdicts never
change. A scope or letter release changes only by being released, once.
"""

from typing import ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_ALWAYS = "1 = 1"
# Table -> when its rows may not be updated (deletion is refused for all of them but drafts).
_TABLES = {
    "store_noticerevision": (
        "OLD.state = 'released' OR NEW.body <> OLD.body OR NEW.sha256 <> OLD.sha256 "
        "OR NEW.number <> OLD.number OR NEW.notice_id <> OLD.notice_id"
    ),
    "store_matchrun": _ALWAYS,
    "store_matchrunnotice": _ALWAYS,
    "store_matchrunregistry": _ALWAYS,
    "store_verdict": _ALWAYS,
    # What was told may speak of a person: it can be emptied, and nothing else.
    "store_triageanswer": (
        "NEW.evidence <> '' OR NEW.old_value <> OLD.old_value OR NEW.new_value <> OLD.new_value "
        "OR NEW.device_id <> OLD.device_id OR NEW.told_by <> OLD.told_by"
    ),
    "store_scoperelease": (
        "OLD.released_at IS NOT NULL OR NEW.manifest <> OLD.manifest "
        "OR NEW.sha256 <> OLD.sha256 OR NEW.leavers <> OLD.leavers "
        "OR NEW.leavers_sha256 <> OLD.leavers_sha256 OR NEW.run_id <> OLD.run_id"
    ),
    "store_letterrelease": (
        "OLD.released_at IS NOT NULL OR NEW.manifest_sha256 <> OLD.manifest_sha256 "
        "OR NEW.scope_release_id <> OLD.scope_release_id"
    ),
}
_SENTENCE = "Kept notices, runs and releases are never changed or deleted."
_FUNCTION = f"""CREATE FUNCTION refuse_kept_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_SENTENCE}'; END $$"""


def _sqlite(table: str, when: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
    there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
    return [
        f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} WHEN {when} {refuse}",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE deletes without a word where recursive triggers are off.
        f"CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} WHEN {there} {refuse}",
    ]


def _postgresql(table: str, when: str) -> list[str]:
    refuse = "EXECUTE FUNCTION refuse_kept_change()"
    update = f"FOR EACH ROW WHEN ({when}) {refuse}"
    return [
        f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {update}",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    ]


def add_triggers(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the triggers in the database's own words."""
    is_postgresql = editor.connection.vendor == "postgresql"
    statements = [_FUNCTION] if is_postgresql else []
    for table, when in _TABLES.items():
        statements += (_postgresql if is_postgresql else _sqlite)(table, when)
    for statement in statements:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("store", "0003_signatures_stay")]
    operations: ClassVar = [migrations.RunPython(add_triggers)]
