"""The value that engines return for one device record and one notice."""

from dataclasses import dataclass

from tocsin.base.verdict import Verdict


@dataclass(frozen=True, slots=True)
class DeviceVerdict:
    """A verdict with the entry and reason that decide it.

    Attributes:
        device_id: the record.
        notice_id: the notice; empty for a record listed once as a gap.
        revision: the notice's revision; None for a gap.
        verdict: the answer.
        entry: name of the deciding entry; empty when no entry names the product.
        reason_code: stable code, see `match.rules`.
    """

    device_id: str
    notice_id: str
    revision: int | None
    verdict: Verdict
    entry: str
    reason_code: str
