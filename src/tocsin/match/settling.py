"""What one answer would settle: a record's verdict if one of the things asked about were known.

Nobody knows the answer beforehand. So every way in which it can fall is tried: entries that ask the
same of the record hold together, each such group alone, all of them, or none. An answer settles
*surely* if the verdict is decided in each case, and *perhaps* if it is in some.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.base.truth import Truth
from tocsin.match.engines.reference import decide_scope, judge_entry
from tocsin.match.rules import COUNTRY, ENTRY, LOT, PRODUCT, SERIAL, SOFTWARE, How, Reasons
from tocsin.match.scopes import fact_names, product_scope_of
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry
from tocsin.registry.record import DeviceRecord, read_record
from tocsin.registry.schema import FACT_PREFIX

_ASKABLE = frozenset({How.UNKNOWN, How.UNCLEAR})
_FIELDS = {
    PRODUCT: "product",
    SOFTWARE: "software",
    LOT: "lots",
    SERIAL: "serials",
    COUNTRY: "countries",
}
_COLUMNS = {PRODUCT: "model", SOFTWARE: "software_version"}


@dataclass(frozen=True)
class Settling:
    """What the answer about one column does to a verdict that cannot be told.

    Attributes:
        column: such as ``software_version``, ``lot`` or ``fact.retainer_ring``.
        surely: whether any clear answer decides.
        perhaps: whether some answer decides.
    """

    column: str
    surely: bool
    perhaps: bool


def column_of(kind: str) -> str:
    """Return the column of a registry that a kind of constraint is about.

    >>> column_of("software"), column_of("lot")
    ('software_version', 'lot')
    """
    return _COLUMNS.get(kind, kind)


def kinds_asked(notice: Notice) -> frozenset[str]:
    """Return the kinds of constraints, beside the product, that a notice asks about."""
    nobody = read_record({})
    kinds = {
        kind
        for entry in notice.scope
        for kind, _, _ in judge_entry(entry, product_scope_of(notice, entry), nobody)
    }
    return frozenset(kinds - {PRODUCT, ENTRY})


def settle_record(notice: Notice, record: DeviceRecord) -> list[Settling]:
    """Return what each open column of a record that cannot be told would settle.

    Empty if the verdict is decided, or if nothing about the device can decide it. A record
    without product evidence is settled by its model, perhaps.
    """
    if not record.product.has_evidence:
        return [Settling(_COLUMNS[PRODUCT], surely=False, perhaps=True)]
    reasons = Reasons(fact_names([notice]))
    if decide_scope(notice, record, reasons).truth is not Truth.UNKNOWN:
        return []
    return [
        _settling(notice, record, reasons, kind, groups)
        for kind, groups in _open_groups(notice, record).items()
    ]


def _settling(
    notice: Notice,
    record: DeviceRecord,
    reasons: Reasons,
    kind: str,
    groups: Mapping[str, tuple[int, ...]],
) -> Settling:
    decided = [
        decide_scope(notice, record, reasons, assumed=assumed).truth is not Truth.UNKNOWN
        for assumed in _answers(kind, groups)
    ]
    return Settling(column_of(kind), surely=all(decided), perhaps=any(decided))


def _answers(
    kind: str, groups: Mapping[str, tuple[int, ...]]
) -> Iterator[dict[tuple[int, str], Truth]]:
    """Yield the truths of a kind's constraints, by entry, for each way the answer can fall."""
    everything = {
        (ordinal, kind): Truth.FALSE for ordinals in groups.values() for ordinal in ordinals
    }
    yield everything
    for ordinals in groups.values():
        yield everything | {(ordinal, kind): Truth.TRUE for ordinal in ordinals}
    if len(groups) > 1 and kind != PRODUCT:  # a device has one model
        yield dict.fromkeys(everything, Truth.TRUE)


def _open_groups(notice: Notice, record: DeviceRecord) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return per open kind the entries that leave it open, those that ask the same together."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for ordinal, entry in enumerate(notice.scope):
        judged = judge_entry(entry, product_scope_of(notice, entry), record)
        if min(truth for _, truth, _ in judged) is Truth.FALSE:
            continue
        for kind, truth, how in judged:
            if truth is Truth.UNKNOWN and how in _ASKABLE:
                asked = found.setdefault(kind, {})
                same = repr(_constraint(entry, kind))
                asked[same] = (*asked.get(same, ()), ordinal)
    return found


def _constraint(entry: Entry, kind: str) -> object:
    if kind.startswith(FACT_PREFIX):
        return entry.facts[kind.removeprefix(FACT_PREFIX)]
    return getattr(entry, _FIELDS.get(kind, kind))
