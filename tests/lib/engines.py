"""Both engines on the same notices and rows, and where they differ."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from tests.lib.random_records import Row
from tests.lib.stored_tables import TABLES, create_tables, store_registry
from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.compute.duck import duck_database
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.stored_keying import key_registry
from tocsin.compute.stored_match import match_stored
from tocsin.compute.stored_records import StoredRegistry
from tocsin.compute.verdict_rows import GAP_NO, NO_EVIDENCE_REASON
from tocsin.compute.verdict_table import VERDICTS, match_loaded
from tocsin.match.engines.reference import match_records
from tocsin.match.engines.stored_layout import RECORDS
from tocsin.match.rules import GAP, NO_EVIDENCE, Reasons
from tocsin.notice.model import Notice
from tocsin.registry.record import read_record


class Answer(NamedTuple):
    """A verdict with the entry and the reason code that decide it."""

    verdict: Verdict
    entry: str
    reason_code: str


Answers = dict[tuple[str, str], Answer]
NO_ANSWER = Answer(Verdict.NOT_AFFECTED, "", "")


def ask_reference(
    notices: Sequence[Notice], rows: Sequence[Row], *, as_if_reviewed: bool = False
) -> Answers:
    """Return the reference engine's answers by ``(device_id, notice_id)``."""
    judged = match_records(notices, map(read_record, rows), as_if_reviewed=as_if_reviewed)
    return {
        (each.device_id, each.notice_id): Answer(each.verdict, each.entry, each.reason_code)
        for each in judged
    }


def ask_relational(
    notices: Sequence[Notice],
    rows: Sequence[Row],
    *,
    keep_all: bool = True,
    as_if_reviewed: bool = False,
) -> Answers:
    """Return the relational engine's answers on DuckDB, through the whole pipeline."""
    with duck_database("1GB") as duck:
        duck.connection.execute("SET threads = 1")  # several tests share the machine
        duck.add("registry", registry_table(rows))
        matched = match_loaded(duck, notices, keep_all=keep_all, as_if_reviewed=as_if_reviewed)
        devices = dict(enumerate(row["device_id"] or "" for row in rows))
        return _answers(duck.rows(duck.relation(VERDICTS)), devices, notices, matched.reasons)


def ask_stored(
    connection: Any,
    notices: Sequence[Notice],
    rows: Sequence[Row],
    *,
    keep_all: bool = True,
    as_if_reviewed: bool = False,
) -> Answers:
    """Return the relational engine's answers in a database that keeps the rows."""
    create_tables(connection)
    with duck_database("1GB") as duck:
        duck.connection.execute("SET threads = 1")
        duck.add("registry", registry_table(rows))
        store_registry(connection, key_registry(duck, 1), 1, since_revision=1)
    return ask_again(connection, notices, 1, keep_all=keep_all, as_if_reviewed=as_if_reviewed)


def ask_again(
    connection: Any,
    notices: Sequence[Notice],
    revision: int,
    *,
    stamp: str | None = None,
    keep_all: bool = True,
    as_if_reviewed: bool = False,
) -> Answers:
    """Return the answers about a registry that is stored already."""
    stored = StoredRegistry(1, revision, stamp or key_stamp(), TABLES)
    found = connection.execute(f"SELECT row_no, device_id FROM {TABLES[RECORDS]}").fetchall()
    with match_stored(
        connection, stored, notices, keep_all=keep_all, as_if_reviewed=as_if_reviewed
    ) as verdicts:
        return _answers(verdicts.rows(), dict(found), notices, verdicts.reasons)


def _answers(
    verdicts: Iterable[tuple[Any, ...]],
    devices: Mapping[int, str],
    notices: Sequence[Notice],
    reasons: Reasons,
) -> Answers:
    answers: Answers = {}
    for row_no, notice_no, truth, entry_no, reason, by_exclusion in verdicts:
        notice = notices[notice_no] if notice_no != GAP_NO else None
        key = (devices[row_no], notice.notice if notice else "")
        assert key not in answers, f"two verdicts for {key}"
        verdict = verdict_of(Truth(truth))
        if notice is None or reason == NO_EVIDENCE_REASON:
            answers[key] = Answer(verdict, GAP, NO_EVIDENCE)
            continue
        entry = "" if entry_no is None else notice.scope[entry_no].entry
        code = reasons.code(Truth(truth), reason, by_exclusion=by_exclusion)
        answers[key] = Answer(verdict, entry, code)
    return answers


def registry_table(rows: Sequence[Row]) -> pa.Table:
    """Return the rows as a table of text columns."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    schema = pa.schema([(name, pa.string()) for name in columns])
    return pa.Table.from_pylist(list(rows), schema)


def count_pairs(notices: Sequence[Notice], rows: Sequence[Row]) -> int:
    """Return how many pairs of a record and a notice are judged."""
    return len(notices) * len(rows)


def find_differences(
    expected: Mapping[tuple[str, str], Answer],
    found: Mapping[tuple[str, str], Answer],
    *,
    all_kept: bool,
) -> list[str]:
    """Return one line per pair on which the engines differ; without ``all_kept`` a pair that
    is not affected may be absent."""
    lines = []
    for key in sorted(expected.keys() | found.keys()):
        ours, theirs = expected.get(key), found.get(key)
        if not all_kept and theirs is None and ours and ours.verdict is Verdict.NOT_AFFECTED:
            continue
        if ours != theirs:
            lines.append(f"{key}: reference {ours}, relational {theirs}")
    return lines
