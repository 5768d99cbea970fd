"""Sentences: why a verdict is as it is, and what would settle a "cannot tell".

The only place that writes them; engines return codes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.base.truth import Truth
from tocsin.base.verdict import verdict_of
from tocsin.identify.family import families_of_maker, known_families
from tocsin.identify.product import ProductScope
from tocsin.match.engines.reference import decide_scope, judge_entry
from tocsin.match.rules import ENTRY, PRODUCT, How, Reasons
from tocsin.match.scopes import fact_names, product_scope_of
from tocsin.notice.describe import describe_constraints, describe_entry, describe_open_points
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry
from tocsin.registry.record import DeviceRecord
from tocsin.registry.schema import FACT_PREFIX

_VALUE_WORDS = {
    "software": "software version",
    "lot": "lot",
    "serial": "serial number",
    "made_on": "day of manufacture",
    "shipped_on": "day of shipment",
    "expires_on": "day of expiry",
    "serviced_on": "day of the last service",
    "implanted_on": "day of implantation",
    "country": "country of sale",
}
NO_EVIDENCE_SENTENCE = (
    "The record names no product: no identifier, model, catalogue number or name."
)
NO_EVIDENCE_QUESTION = "Which device is it? Ask for the maker and the model number on its label."


@dataclass(frozen=True)
class DecidedReason:
    """What an engine returned, with the things its numbers stand for."""

    notice: Notice
    entry: Entry | None
    truth: Truth
    kind: str | None
    how: How | None
    by_exclusion: bool


def reason_from_number(
    notice: Notice,
    entry_no: int | None,
    truth: Truth,
    number: int,
    reasons: Reasons,
    *,
    by_exclusion: bool,
) -> DecidedReason:
    """Return the things that an engine's numbers stand for."""
    entry = None if entry_no is None else notice.scope[entry_no]
    kind, how = reasons.kind_and_how(number) if number else (None, None)
    return DecidedReason(notice, entry, truth, kind, how, by_exclusion)


def explain_reason(reason: DecidedReason, value: str | None = None) -> str:
    """Return the sentence for a verdict; ``value`` is the record's deciding value."""
    if reason.entry is None or (reason.kind == PRODUCT and reason.how is How.OUTSIDE):
        return "No entry of the notice names this product."
    where = f"entry {reason.entry.entry} ({describe_entry(reason.entry)})"
    if reason.kind is None or reason.how is None:
        if reason.by_exclusion:
            return f"The notice excludes it: {where}."
        return f"In scope of {where}."
    if reason.kind == ENTRY:
        open_points = "; ".join(describe_open_points(reason.entry)) or "its text is open"
        return f"It may fall under {where}, but {open_points}."
    if reason.kind == PRODUCT:
        return f"The product may be one of {where}; the record does not say it surely."
    return _explain_constraint(reason, where, value)


def _explain_constraint(reason: DecidedReason, where: str, value: str | None) -> str:
    kind, how, entry = reason.kind, reason.how, reason.entry
    if kind is None or entry is None:
        return where
    asked = describe_constraints(entry).get(kind, kind)
    word = value_word(kind)
    start = "An exclusion may apply" if reason.by_exclusion else "The product fits"
    shown = f"{word} {value!r}" if value else word
    match how:
        case How.UNKNOWN if value:
            return f"{start}: {where}. The {shown} on the record cannot be read."
        case How.UNKNOWN:
            return f"{start}: {where}. The record has no {word}."
        case How.UNCLEAR:
            return f"{start}: {where}. The {shown} cannot be decided against: {asked}."
        case How.OUTSIDE:
            return f"Not in scope: the {shown} is not {asked} (entry {entry.entry})."
        case _:
            return f"{start}: {where}. {'; '.join(describe_open_points(entry)).capitalize()}."


def value_word(kind: str) -> str:
    """Return the words for a kind's value, such as "software version"."""
    return _VALUE_WORDS.get(kind, kind.removeprefix(FACT_PREFIX).replace("_", " "))


def settling_question(reason: DecidedReason) -> str:
    """Return what to ask so that a "cannot tell" is settled; empty if nothing is open."""
    if reason.truth is not Truth.UNKNOWN:
        return ""
    if reason.entry is None or reason.kind == PRODUCT:
        return "Which model is it exactly? Ask for the model number on the device's label."
    if reason.kind is None:
        return ""
    if reason.how in {How.UNREAD, How.WITHHELD, How.NO_STATUS}:
        return "Ask the maker: the notice itself does not say which units it means."
    if reason.how is How.UNREVIEWED:
        return "Have a person confirm the notice's entry against the published text."
    if reason.kind.startswith(FACT_PREFIX):
        fact = reason.entry.facts[reason.kind.removeprefix(FACT_PREFIX)]
        return fact.ask or f"Ask the holder: {value_word(reason.kind)}?"
    return _question_of_family(reason) or f"Ask the holder for the {value_word(reason.kind)}."


def _question_of_family(reason: DecidedReason) -> str | None:
    """Return the words of the entry's model family on where to find the value."""
    if reason.entry is None:
        return None
    scope = product_scope_of(reason.notice, reason.entry)
    families = {member.partition(":")[0] for member in scope.possible_members}
    for family in families_of_maker(scope.maker_id or ""):
        if family.family not in families:
            continue
        for question in family.questions:
            if question.about == reason.kind:
                return question.text
    return None


@dataclass(frozen=True)
class Explanation:
    """A tree of reasoning: a line, and the lines below it."""

    text: str
    truth: Truth | None = None
    below: tuple["Explanation", ...] = field(default=())


def explain_record(
    notice: Notice, record: DeviceRecord, *, as_if_reviewed: bool = False
) -> Explanation:
    """Return the whole reasoning about one record as a tree, decided by the reference engine."""
    reasons = Reasons(fact_names([notice]))
    if not record.product.has_evidence:
        asked = (Explanation(f"To settle it: {NO_EVIDENCE_QUESTION}"),)
        return Explanation(f"cannot_tell: {NO_EVIDENCE_SENTENCE}", Truth.UNKNOWN, asked)
    decision = decide_scope(notice, record, reasons, as_if_reviewed=as_if_reviewed)
    speaker = decision.speaker
    reason = reason_from_number(
        notice,
        speaker.ordinal if speaker else None,
        decision.truth,
        speaker.reason if speaker else 0,
        reasons,
        by_exclusion=decision.by_exclusion,
    )
    below = tuple(_explain_entries(notice, record))
    if question := settling_question(reason):
        below += (Explanation(f"To settle it: {question}"),)
    verdict = verdict_of(decision.truth)
    return Explanation(f"{verdict}: {explain_reason(reason)}", decision.truth, below)


def _explain_entries(notice: Notice, record: DeviceRecord) -> Iterator[Explanation]:
    for entry in notice.scope:
        scope = product_scope_of(notice, entry)
        judged = judge_entry(entry, scope, record)
        truth = min(t for _, t, _ in judged)
        word = "affects" if entry.affects else "excludes"
        title = f"{entry.entry} {word} {describe_entry(entry)}"
        if judged[0][1] is Truth.FALSE:
            yield Explanation(f"{title}: another product", Truth.FALSE)
            continue
        asked = describe_constraints(entry)
        below = [Explanation(f"product: {_product_line(scope)}", judged[0][1])]
        for kind, each, how in judged[1:]:
            why = "" if each is Truth.TRUE else f" ({how.name.lower().replace('_', ' ')})"
            below.append(Explanation(f"{value_word(kind)}: {asked.get(kind, kind)}{why}", each))
        below += [Explanation(f"note: {point}") for point in describe_open_points(entry)]
        yield Explanation(title, truth, tuple(below))


def _product_line(scope: ProductScope) -> str:
    families = sorted({member.partition(":")[0] for member in scope.possible_members})
    names = ", ".join(known_families()[family].name for family in families)
    maker = scope.manufacturer or "any manufacturer"
    return f"{maker}{f', family {names}' if names else ''}"
