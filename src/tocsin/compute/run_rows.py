"""The verdicts of a stored match with what a run keeps of each record."""

from collections.abc import Iterator
from typing import NamedTuple

from tocsin.base.truth import Truth
from tocsin.compute.stored_match import StoredVerdicts
from tocsin.compute.verdict_rows import NO_EVIDENCE_REASON
from tocsin.match.rules import GAP, NO_EVIDENCE

RECORD_PART = ("device_id", "holder_id", "clinic_id", "quantity", "product_no")


class RunRow(NamedTuple):
    """One verdict of a run; ``place`` is the notice's, -1 for a gap listed once for several."""

    row_no: int
    place: int
    truth: int
    entry: str
    reason_code: str
    device_id: str
    holder_id: str
    clinic_id: str
    quantity: str
    product_no: int


def run_rows(verdicts: StoredVerdicts) -> Iterator[RunRow]:
    """Yield every verdict with the names of what decides it and parts of its record."""
    found = verdicts.relation()
    records = verdicts.stored.records().select("row_no", *RECORD_PART)
    joined = found.inner_join(records, "row_no").select(
        "row_no", "notice_no", "truth", "entry_no", "reason", "by_exclusion", *RECORD_PART
    )
    for row_no, place, truth, entry_no, reason, by_exclusion, *parts in verdicts.database.rows(
        joined
    ):
        if reason == NO_EVIDENCE_REASON:
            entry, code = GAP, NO_EVIDENCE
        else:
            notice = verdicts.notices[place]
            entry = "" if entry_no is None else notice.scope[entry_no].entry
            code = verdicts.reasons.code(Truth(truth), reason, by_exclusion=bool(by_exclusion))
        yield RunRow(row_no, place, truth, entry, code, *parts)
