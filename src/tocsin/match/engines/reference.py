"""The slow, obvious engine: one record, one notice, plain loops. The oracle of the fast one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from tocsin.base.truth import Truth, all_of, any_of, negate
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.identify.day import Days, parse_days
from tocsin.identify.numbering import Numbering
from tocsin.identify.product import ProductScope
from tocsin.identify.version import Version, parse_version, satisfies
from tocsin.match.result import DeviceVerdict
from tocsin.match.rules import (
    COUNTRY,
    ENTRY,
    GAP,
    LOT,
    NO_EVIDENCE,
    PRODUCT,
    SERIAL,
    SOFTWARE,
    Decision,
    EntryOutcome,
    How,
    Reasons,
    decide,
)
from tocsin.match.scopes import (
    fact_names,
    number_sets,
    product_scope_of,
)
from tocsin.match.unread_names import identity_of
from tocsin.notice.model import Notice
from tocsin.notice.scope import (
    Countries,
    DayInterval,
    Entry,
    Fact,
    Numbers,
    Software,
    VersionRange,
)
from tocsin.registry.record import DeviceRecord, read_fact
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX

Judged = tuple[str, Truth, How]
NOTHING_ASSUMED: Mapping[tuple[int, str], Truth] = MappingProxyType({})


def match_records(
    notices: Sequence[Notice], records: Iterable[DeviceRecord], *, as_if_reviewed: bool = False
) -> Iterator[DeviceVerdict]:
    """Yield a verdict for every record and notice; a record without product evidence once."""
    reasons = Reasons(fact_names(notices))
    for record in records:
        if not record.product.has_evidence:
            yield from _gaps(notices, record.device_id)
            continue
        for notice in notices:
            yield judge(notice, record, reasons, as_if_reviewed=as_if_reviewed)


def _gaps(notices: Sequence[Notice], device_id: str) -> Iterator[DeviceVerdict]:
    """Yield a gap once, or once per revision where all notices are revisions of one."""
    if len({notice.notice for notice in notices}) > 1:
        yield DeviceVerdict(device_id, "", None, Verdict.CANNOT_TELL, GAP, NO_EVIDENCE)
        return
    for notice in notices:
        yield DeviceVerdict(
            device_id, notice.notice, notice.revision, Verdict.CANNOT_TELL, GAP, NO_EVIDENCE
        )


def judge(
    notice: Notice, record: DeviceRecord, reasons: Reasons, *, as_if_reviewed: bool = False
) -> DeviceVerdict:
    """Return the verdict of one notice on one record that has product evidence."""
    decision = decide_scope(notice, record, reasons, as_if_reviewed=as_if_reviewed)
    speaker = decision.speaker
    return DeviceVerdict(
        record.device_id,
        notice.notice,
        notice.revision,
        verdict_of(decision.truth),
        notice.scope[speaker.ordinal].entry if speaker else "",
        reasons.code(
            decision.truth,
            speaker.reason if speaker else 0,
            by_exclusion=decision.by_exclusion,
        ),
    )


def decide_scope(
    notice: Notice,
    record: DeviceRecord,
    reasons: Reasons,
    *,
    as_if_reviewed: bool = False,
    assumed: Mapping[tuple[int, str], Truth] = NOTHING_ASSUMED,
) -> Decision:
    """Return the decision of a whole scope on one record.

    Args:
        notice: whose scope.
        record: the record.
        reasons: the numbers of reasons.
        as_if_reviewed: whether entries that nobody has confirmed count as confirmed.
        assumed: truths by entry and kind that are to be taken in place of the record's; only
            `match.settling` assumes something, to tell what an answer would settle.
    """
    affects: list[EntryOutcome] = []
    excludes: list[EntryOutcome] = []
    for ordinal, entry in enumerate(notice.scope):
        reviewed = entry.reviewed or as_if_reviewed
        judged = [
            (kind, assumed.get((ordinal, kind), truth), how)
            for kind, truth, how in judge_entry(entry, product_scope_of(notice, entry), record)
        ]
        outcome = _outcome(entry, ordinal, judged, reasons, reviewed=reviewed)
        (affects if entry.affects else excludes).append(outcome)
    return decide(affects, excludes)


def _outcome(
    entry: Entry, ordinal: int, judged: list[Judged], reasons: Reasons, *, reviewed: bool
) -> EntryOutcome:
    if entry.excludes and not reviewed:
        judged.append((ENTRY, Truth.UNKNOWN, How.UNREVIEWED))
    truth = all_of(t for _, t, _ in judged)
    product = judged[0][1]
    if truth is Truth.FALSE and entry.affects and not reviewed:
        held_back = reasons.number(ENTRY, How.UNREVIEWED)
        return EntryOutcome(Truth.UNKNOWN, Truth.FALSE, ordinal, held_back)
    if truth is Truth.TRUE:
        return EntryOutcome(truth, product, ordinal, 0)
    reason = min((reasons.number(kind, how) for kind, t, how in judged if t is truth), default=0)
    return EntryOutcome(truth, product, ordinal, reason)


def judge_entry(entry: Entry, product: ProductScope, record: DeviceRecord) -> list[Judged]:
    """Return every constraint of an entry with its truth and, if not TRUE, why."""
    identity = identity_of(record.product, entry, product)
    how = How.UNCLEAR if identity is Truth.UNKNOWN else How.OUTSIDE
    judged: list[Judged] = [(PRODUCT, identity, how)]
    judged += _judge_software(entry.software, record.software)
    judged += _judge_numbers(LOT, entry.lots, record.lot)
    judged += _judge_numbers(SERIAL, entry.serials, record.serial)
    for column in DAY_COLUMNS:
        judged += _judge_days(column, getattr(entry, column), record.days.get(column))
    if entry.countries:
        judged.append(_judge_country(entry.countries, record.country))
    for name, fact in entry.facts.items():
        judged.append(_judge_fact(name, fact, record.facts.get(name)))
    if entry.withheld:
        judged.append((ENTRY, Truth.UNKNOWN, How.WITHHELD))
    if entry.unread or entry.product.dis_unread:
        judged.append((ENTRY, Truth.UNKNOWN, How.UNREAD))
    if entry.no_status:
        judged.append((ENTRY, Truth.UNKNOWN, How.NO_STATUS))
    return judged


def _how(truth: Truth) -> How:
    return How.OUTSIDE if truth is Truth.FALSE else How.UNCLEAR


def _judge_software(software: Software, version: Version | None) -> list[Judged]:
    if software.withheld:
        return [(SOFTWARE, Truth.UNKNOWN, How.WITHHELD)]
    if software.unread:
        return [(SOFTWARE, Truth.UNKNOWN, How.UNREAD)]
    if not software.any_of:
        return []
    if version is None:
        return [(SOFTWARE, Truth.UNKNOWN, How.UNKNOWN)]
    truth = any_of(_in_range(version, part) for part in software.any_of)
    return [(SOFTWARE, truth, _how(truth))]


def _in_range(version: Version, part: VersionRange) -> Truth:
    if part.is_contradictory:
        return Truth.UNKNOWN
    truths = [satisfies(version, operator, parse_version(text)) for operator, text in part.bounds]
    truths += [negate(satisfies(version, "=", parse_version(text))) for text in part.other_than]
    return all_of(truths)


def _judge_numbers(kind: str, numbers: Numbers, number: Numbering | None) -> list[Judged]:
    if numbers.withheld:
        return [(kind, Truth.UNKNOWN, How.WITHHELD)]
    items = number_sets(numbers)
    if not items:
        return [(kind, Truth.UNKNOWN, How.UNREAD)] if numbers.unread else []
    if number is None:
        return [(kind, Truth.UNKNOWN, How.UNREAD if numbers.unread else How.UNKNOWN)]
    truth = any_of(item.truth_of(number) for item in items)
    if numbers.unread and truth is not Truth.TRUE:
        return [(kind, Truth.UNKNOWN, How.UNREAD)]
    return [(kind, truth, _how(truth))]


def _judge_days(column: str, intervals: tuple[DayInterval, ...], days: Days | None) -> list[Judged]:
    if not intervals:
        return []
    if days is None:
        return [(column, Truth.UNKNOWN, How.UNKNOWN)]
    truth = any_of(_in_interval(days, interval) for interval in intervals)
    return [(column, truth, _how(truth))]


def _in_interval(days: Days, interval: DayInterval) -> Truth:
    truths = []
    if interval.first:
        bound = parse_days(interval.first).first
        truths.append(_whether(days.first >= bound, days.last >= bound))
    if interval.after:
        bound = parse_days(interval.after).last
        truths.append(_whether(days.first > bound, days.last > bound))
    if interval.last:
        bound = parse_days(interval.last).last
        truths.append(_whether(days.last <= bound, days.first <= bound))
    if interval.before:
        bound = parse_days(interval.before).first
        truths.append(_whether(days.last < bound, days.first < bound))
    return all_of(truths)


def _whether(surely: bool, perhaps: bool) -> Truth:  # noqa: FBT001
    if surely:
        return Truth.TRUE
    return Truth.UNKNOWN if perhaps else Truth.FALSE


def _judge_country(countries: Countries, country: str | None) -> Judged:
    if country is None:
        return (COUNTRY, Truth.UNKNOWN, How.UNKNOWN)
    inside = country in countries.only if countries.only else country not in countries.other_than
    return (COUNTRY, Truth.TRUE if inside else Truth.FALSE, How.OUTSIDE)


def _judge_fact(name: str, fact: Fact, value: str | None) -> Judged:
    kind = FACT_PREFIX + name
    if value is None:
        return (kind, Truth.UNKNOWN, How.UNKNOWN)
    if value in {read_fact(text) for text in fact.any_of}:
        return (kind, Truth.TRUE, How.UNCLEAR)
    if value in {read_fact(text) for text in fact.values}:
        return (kind, Truth.FALSE, How.OUTSIDE)
    return (kind, Truth.UNKNOWN, How.UNCLEAR)
