"""Rows that the database itself keeps as they are: which tables, and the triggers that see to it.

The audit trail and signatures never change. A notice revision's bytes never change; a released one
not at all. A run and its verdicts never change. A scope or letter release changes only by being
released, once. A locked letter never changes; nor do recipients, nor what was tried and
heard about a dispatch. A migration that adds to `TABLES`, or has SQLite
build one of them anew, ends with `KeepRows`, which makes all triggers anew; `tocsin doctor` looks
for them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper

from tocsin.store.plain_steps import PlainStep

_ALWAYS = "1 = 1"
_COLUMN = re.compile(r"\b(?:OLD|NEW)\.(\w+)")


@dataclass(frozen=True)
class Kept:
    """How the rows of one table are kept; deleting them is always refused.

    Attributes:
        what: what the rows are, for the sentence of the refusal.
        refused: when an update is refused, in SQL over OLD and NEW.
        key: the table's key.
    """

    what: str
    refused: str = _ALWAYS
    key: str = "id"

    @property
    def sentence(self) -> str:
        """Return what the database says to who tries."""
        return f"{self.what} are never changed or deleted."


TABLES: Mapping[str, Kept] = MappingProxyType(
    {
        "store_auditrow": Kept("Rows of the audit trail", key="seq"),
        "store_signature": Kept("Signatures"),
        "store_noticerevision": Kept(
            "Kept revisions of a notice",
            "OLD.state = 'released' OR NEW.body <> OLD.body OR NEW.sha256 <> OLD.sha256 "
            "OR NEW.number <> OLD.number OR NEW.notice_id <> OLD.notice_id",
        ),
        "store_matchrun": Kept("Runs"),
        "store_matchrunnotice": Kept("Runs"),
        "store_matchrunregistry": Kept("Runs"),
        "store_verdict": Kept("Verdicts of a run"),
        "store_verdictreason": Kept("Verdicts of a run"),
        "store_verdictgroup": Kept("Verdicts of a run"),
        # What was told may speak of a person: it can be emptied, and nothing else.
        "store_triageanswer": Kept(
            "Answers",
            "NEW.evidence <> '' OR NEW.old_value <> OLD.old_value OR NEW.new_value <> "
            "OLD.new_value OR NEW.device_id <> OLD.device_id OR NEW.told_by <> OLD.told_by",
        ),
        "store_acknowledgement": Kept("Acknowledgements"),
        "store_answerfile": Kept("Files of answers"),
        # Who was drawn stays drawn; what they said is kept when they say it.
        "store_effectivenesscheck": Kept("Effectiveness checks"),
        "store_complaint": Kept("Complaints"),
        "store_scoperelease": Kept(
            "Releases",
            "OLD.released_at IS NOT NULL OR NEW.manifest <> OLD.manifest "
            "OR NEW.sha256 <> OLD.sha256 OR NEW.leavers <> OLD.leavers "
            "OR NEW.leavers_sha256 <> OLD.leavers_sha256 OR NEW.run_id <> OLD.run_id",
        ),
        "store_letterrelease": Kept(
            "Releases",
            "OLD.released_at IS NOT NULL OR NEW.manifest_sha256 <> OLD.manifest_sha256 "
            "OR NEW.manifest <> OLD.manifest OR NEW.public_address <> OLD.public_address "
            "OR NEW.scope_release_id <> OLD.scope_release_id",
        ),
        "store_lettersource": Kept("Source texts of letters"),
        "store_letterversion": Kept(
            "Locked letters",
            "OLD.state = 'locked' OR NEW.action_id <> OLD.action_id OR NEW.key <> OLD.key "
            "OR NEW.language <> OLD.language OR NEW.country <> OLD.country "
            "OR NEW.number <> OLD.number",
        ),
        "store_recipient": Kept("The frozen recipients of a release"),
        "store_dispatchattempt": Kept("Attempts to hand a dispatch over"),
        "store_dispatchevidence": Kept("Evidence about a dispatch"),
        # The state changes; whom it is for, by which way, and the bytes that leave never do.
        "store_dispatch": Kept(
            "Dispatches",
            "NEW.recipient_id <> OLD.recipient_id OR NEW.person_id <> OLD.person_id OR "
            "NEW.addressee_id <> OLD.addressee_id OR NEW.action_id <> OLD.action_id OR "
            "NEW.letter_version_id <> OLD.letter_version_id OR NEW.channel <> OLD.channel OR "
            "NEW.purpose <> OLD.purpose OR NEW.reference <> OLD.reference OR "
            "NEW.message_id <> OLD.message_id OR "
            "(NEW.sha256 <> OLD.sha256 AND OLD.state <> 'being_made') OR "
            "COALESCE(NEW.vendor_id, 0) <> COALESCE(OLD.vendor_id, 0)",
        ),
        # Where messages of a vendor go is signed by nobody, and told in the trail: once.
        "store_vendor": Kept(
            "Vendors",
            "OLD.ended_at IS NOT NULL OR NEW.name <> OLD.name OR NEW.channel <> OLD.channel OR "
            "NEW.kind <> OLD.kind OR NEW.place <> OLD.place OR NEW.receipts <> OLD.receipts OR "
            "NEW.secret_from <> OLD.secret_from OR NEW.ca_file <> OLD.ca_file OR "
            "NEW.sender_name <> OLD.sender_name OR NEW.repeats_h <> OLD.repeats_h",
        ),
        "store_lettertick": Kept("Ticks of a checklist"),
        # What a letter is known by, and the bytes that it had in a batch.
        "store_issuedletter": Kept(
            "Issued letters",
            "NEW.letter_id <> OLD.letter_id OR NEW.code_token <> OLD.code_token OR "
            "(OLD.sent_at IS NOT NULL AND NEW.sealed_sheet <> OLD.sealed_sheet)",
            key="dispatch_id",
        ),
        "store_batchletter": Kept(
            "Letters of a batch",
            "NEW.batch_id <> OLD.batch_id OR NEW.issued_id <> OLD.issued_id OR "
            "(OLD.sha256 <> '' AND NEW.sha256 <> OLD.sha256)",
        ),
        "store_printbatch": Kept(
            "Batches",
            "NEW.action_id <> OLD.action_id OR NEW.n_in <> OLD.n_in OR (OLD.sha256 <> '' AND "
            "(NEW.sha256 <> OLD.sha256 OR NEW.manifest <> OLD.manifest))",
        ),
    }
)

# SQLite: INSERT OR REPLACE deletes without a word where recursive triggers are off.
# PostgreSQL: TRUNCATE asks no trigger of rows.
_KINDS = {"sqlite": ("update", "delete", "replace"), "postgresql": ("update", "delete", "truncate")}
_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"""
# What made a trigger: to the letter in SQLite; PostgreSQL words it anew, so there all are renewed.
_PRESENT = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text, '' FROM pg_trigger "
    "WHERE NOT tgisinternal",
}


def trigger_names(vendor: str) -> set[str]:
    """Return the names of all triggers that a database must have."""
    return {f"{table}_{kind}" for table in TABLES for kind in _KINDS[vendor]}


class KeepRows(PlainStep):
    """The last step of a migration: makes all triggers anew, for the tables that there are.

    It asks the database itself what is there, since Django takes seconds to make its models anew.
    """

    def alter(self, editor: BaseDatabaseSchemaEditor) -> None:
        """Make the triggers."""
        renew_triggers(editor)

    def describe(self) -> str:
        """Return what the step does."""
        return "Keep rows as they are"


def renew_triggers(editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers that are missing or wrong, for the tables that there are."""
    vendor = editor.connection.vendor
    make = _of_postgresql if vendor == "postgresql" else _of_sqlite
    with editor.connection.cursor() as cursor:
        tables = set(editor.connection.introspection.table_names(cursor))
        present = [each for each in TABLES if each in tables and _has_columns(cursor, each)]
        cursor.execute(_PRESENT[vendor])
        old = [row for row in cursor.fetchall() if row[1] in TABLES]
    wanted = [statement for table in present for statement in make(table, TABLES[table])]
    kept = {statement for _, _, statement in old} & set(wanted)
    for name, table, statement in old:
        if statement not in kept:
            editor.execute(f"DROP TRIGGER {name}" + f" ON {table}" * (vendor == "postgresql"))
    if vendor == "postgresql":
        editor.execute(_FUNCTION, params=None)  # it holds a percent sign
    for statement in wanted:
        if statement not in kept:
            editor.execute(statement, params=None)


def _has_columns(cursor: CursorWrapper, table: str) -> bool:
    """Whether a table has all columns of its rule: a later migration may add one of them.

    That migration ends with `KeepRows` too, so a table is without its triggers only in between.
    """
    cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')  # noqa: S608 - one of ours
    columns = {column[0] for column in cursor.description}
    return set(_COLUMN.findall(TABLES[table].refused)) <= columns


def _of_sqlite(table: str, kept: Kept) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{kept.sentence}'); END"
    there = f"EXISTS (SELECT 1 FROM {table} WHERE {kept.key} = NEW.{kept.key})"  # noqa: S608
    return [
        f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} WHEN {kept.refused} {refuse}",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} WHEN {there} {refuse}",
    ]


def _of_postgresql(table: str, kept: Kept) -> list[str]:
    refuse = f"EXECUTE FUNCTION refuse_change('{kept.sentence}')"
    update = f"FOR EACH ROW WHEN ({kept.refused}) {refuse}"
    return [
        f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {update}",
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    ]
