"""Both engines on the same notices and rows, and where they differ."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from tests.lib.random_records import Row
from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.compute.duck import duck_database
from tocsin.compute.verdict_table import (
    GAP_NO,
    NO_EVIDENCE_REASON,
    VERDICTS,
    match_loaded,
)
from tocsin.match.engines.reference import match_records
from tocsin.match.rules import GAP, NO_EVIDENCE
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
        answers: Answers = {}
        for row_no, notice_no, truth, entry_no, reason, by_exclusion in duck.rows(
            duck.relation(VERDICTS)
        ):
            notice = notices[notice_no] if notice_no != GAP_NO else None
            key = (rows[row_no]["device_id"] or "", notice.notice if notice else "")
            assert key not in answers, f"two verdicts for {key}"
            verdict = verdict_of(Truth(truth))
            if notice is None or reason == NO_EVIDENCE_REASON:
                answers[key] = Answer(verdict, GAP, NO_EVIDENCE)
                continue
            entry = "" if entry_no is None else notice.scope[entry_no].entry
            code = matched.reasons.code(Truth(truth), reason, by_exclusion=by_exclusion)
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
