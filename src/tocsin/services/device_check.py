"""Is this one device affected? The question of a person who holds it, and of other software.

It is decided by the reference engine, so that the answer is that of `tocsin match`. Nothing is
stored, and nobody is asked who they are.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.base.last_used import LastUsed, Same
from tocsin.base.truth import Truth, all_of
from tocsin.base.verdict import Verdict, verdict_of
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.match.engines.reference import decide_scope, judge_entry
from tocsin.match.explain import (
    NO_EVIDENCE_QUESTION,
    NO_EVIDENCE_SENTENCE,
    DecidedReason,
    explain_reason,
    settling_question,
)
from tocsin.match.rules import COUNTRY, ENTRY, FIRST_KINDS, NO_EVIDENCE, PRODUCT, How, Reasons
from tocsin.match.scopes import fact_names, product_scope_of
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry, Fact, Numbers
from tocsin.registry.record import DeviceRecord, read_record
from tocsin.registry.schema import FACT_PREFIX
from tocsin.services.public_notices import PublicNotice, ReleasedNotices

STALE = "list_stale"
"""Reason code: the engine cleared the device, but the list of notices is too old for that."""
COLUMN_OF_KIND = {"software": "software_version"}
"""The column that answers a kind of constraint, where their names differ."""


@dataclass(frozen=True)
class Answer:
    """What one released notice means for one device.

    Attributes:
        public: the notice.
        verdict: the answer.
        reason_code: as the engine gives it, or `STALE`.
        kind: the kind of constraint that decides; None where none does.
        how: why that constraint does not hold; None where all hold.
        entry: the entry that speaks; None if no entry names the product.
        by_exclusion: whether an entry decides that excludes.
    """

    public: PublicNotice
    verdict: Verdict
    reason_code: str
    kind: str | None = None
    how: How | None = None
    entry: Entry | None = None
    by_exclusion: bool = False


@dataclass(frozen=True)
class OpenQuestion:
    """What a notice still has to know; ``fact`` where only the holder can see it."""

    column: str
    kind: str
    fact: Fact | None = None


@dataclass(frozen=True)
class ProductChoice:
    """A product that a released notice names: its maker, and the columns that say it."""

    manufacturer: str
    columns: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """Return a text by which a page tells it from the other choices."""
        return " + ".join(f"{column}: {value}" for column, value in self.columns)


def check_device(
    row: Mapping[str, str | None], released: ReleasedNotices, now: datetime
) -> list[Answer]:
    """Return what each released notice means for a device, the gravest first.

    Rights: public. The verdicts are those of the reference engine on the same row, but that a
    list of notices which is too old clears nobody.

    Args:
        row: what is known of the device; keys as in `registry.schema.COLUMNS`.
        released: the notices.
        now: the time of the question.
    """
    fresh = released.is_fresh(now)
    answers = [_unless_stale(answer, fresh=fresh) for answer in _decide_all(row, released)]
    return _gravest_first(answers)


def asked_often(
    row: Mapping[str, str | None], released: ReleasedNotices
) -> tuple[tuple[str, str | None], ...] | None:
    """Return what of a device decides, for who remembers answers; None if all of it may.

    Two devices with the same get the same answers and questions of this list: they differ only in a
    serial number that no notice asks about, and which is not to be remembered.
    """
    if row.get("udi"):
        return None
    if row.get("serial"):
        if _asks_serial(released):
            return None
        row = {name: value for name, value in row.items() if name != "serial"}
    return tuple(sorted(row.items()))


_ASKING: LastUsed[bool] = LastUsed(most=8)


def _asks_serial(released: ReleasedNotices) -> bool:
    """Whether a notice asks for serial numbers; found once for a list of notices."""
    entries = (entry for public in released.notices for entry in public.notice.scope)
    return _ASKING.get(
        Same(released.notices), lambda: any(entry.serials != Numbers() for entry in entries)
    )


def _decide_all(row: Mapping[str, str | None], released: ReleasedNotices) -> list[Answer]:
    record = read_record({"device_id": "asked", **row})
    reasons = Reasons(fact_names([public.notice for public in released.notices]))
    return [_answer(public, record, reasons) for public in released.notices]


def _gravest_first(answers: Iterable[Answer]) -> list[Answer]:
    order = (Verdict.AFFECTED, Verdict.CANNOT_TELL, Verdict.NOT_AFFECTED)
    return sorted(answers, key=lambda answer: order.index(answer.verdict))


def _unless_stale(answer: Answer, *, fresh: bool) -> Answer:
    """Return an answer; that a device is not affected only if the list is fresh."""
    if answer.verdict is Verdict.NOT_AFFECTED and not fresh:
        return Answer(answer.public, Verdict.CANNOT_TELL, STALE)
    return answer


def _answer(public: PublicNotice, record: DeviceRecord, reasons: Reasons) -> Answer:
    if not record.product.has_evidence:
        return Answer(public, Verdict.CANNOT_TELL, NO_EVIDENCE)
    decision = decide_scope(public.notice, record, reasons)
    speaker = decision.speaker
    number = speaker.reason if speaker else 0
    code = reasons.code(decision.truth, number, by_exclusion=decision.by_exclusion)
    kind, how = reasons.kind_and_how(number) if number else (None, None)
    entry = public.notice.scope[speaker.ordinal] if speaker else None
    return Answer(public, verdict_of(decision.truth), code, kind, how, entry, decision.by_exclusion)


def explain_answer(answer: Answer) -> str:
    """Return the sentence for an answer, as `tocsin match` writes it; no value of the device."""
    if answer.reason_code == STALE:
        return "The list of notices is too old to say that a device is not affected."
    if answer.reason_code == NO_EVIDENCE:
        return NO_EVIDENCE_SENTENCE
    return explain_reason(_decided(answer))


def settle_answer(answer: Answer) -> str:
    """Return what to ask so that a "cannot tell" is settled; empty if nothing is open."""
    if answer.verdict is not Verdict.CANNOT_TELL:
        return ""
    if answer.reason_code == STALE:
        return "Ask again when the list of notices is up to date, or ask the maker."
    if answer.reason_code == NO_EVIDENCE:
        return NO_EVIDENCE_QUESTION
    return settling_question(_decided(answer))


def _decided(answer: Answer) -> DecidedReason:
    truth = next(each for each in Truth if verdict_of(each) is answer.verdict)
    return DecidedReason(
        answer.public.notice, answer.entry, truth, answer.kind, answer.how, answer.by_exclusion
    )


def open_questions(row: Mapping[str, str | None], released: ReleasedNotices) -> list[OpenQuestion]:
    """Return what could still settle a verdict on a device, in the order of asking.

    Only what a released notice asks about, and only of notices that are still open: nobody is
    asked for a serial number that decides nothing. Columns that are in the row, empty ones
    ("I don't know") among them, are not asked again.
    """
    record = read_record({"device_id": "asked", **row})
    if not record.product.has_evidence:
        return []
    notices = [public.notice for public in released.notices]
    reasons = Reasons(fact_names(notices))
    found: dict[str, OpenQuestion] = {}
    for notice in notices:
        if decide_scope(notice, record, reasons).truth is Truth.UNKNOWN:
            for question in _questions_of(notice, record):
                found.setdefault(question.column, question)
    asked = [question for column, question in found.items() if column not in row]
    return sorted(asked, key=_place)


def _questions_of(notice: Notice, record: DeviceRecord) -> Iterator[OpenQuestion]:
    for entry in notice.scope:
        judged = judge_entry(entry, product_scope_of(notice, entry), record)
        if all_of(truth for _, truth, _ in judged) is not Truth.UNKNOWN:
            continue
        for kind, truth, how in judged:
            missing = how is How.UNKNOWN or kind == COUNTRY
            if truth is Truth.UNKNOWN and missing and kind not in {PRODUCT, ENTRY}:
                fact = entry.facts.get(kind.removeprefix(FACT_PREFIX))
                column = COLUMN_OF_KIND.get(kind, kind)
                yield OpenQuestion(column, kind, fact if kind.startswith(FACT_PREFIX) else None)


def _place(question: OpenQuestion) -> tuple[int, str]:
    kinds = list(FIRST_KINDS)
    place = kinds.index(question.kind) if question.kind in kinds else len(kinds)
    return place, question.kind


def makers_asked_about(released: ReleasedNotices) -> list[str]:
    """Return the makers whose products the released notices name, sorted."""
    return sorted({choice.manufacturer for choice in product_choices(released)})


def product_choices(
    released: ReleasedNotices, manufacturer: str | None = None
) -> list[ProductChoice]:
    """Return the products that released notices name, of one maker if given; names first.

    What is chosen here is evidence like any other: the engine reads it as it reads a registry.
    """
    found: dict[ProductChoice, None] = {}
    for public in released.notices:
        for entry in public.notice.scope:
            maker = public.notice.manufacturer_of(entry)
            if maker and (manufacturer is None or _same_maker(maker, manufacturer)):
                found.update(dict.fromkeys(entry_choices(entry, maker)))
    order = ("product", "catalogue_no", "model")
    return sorted(
        found, key=lambda each: (order.index(each.columns[0][0]), _in_order(each.columns[0][1]))
    )


def _in_order(value: str) -> tuple[str, str]:
    """Return a key that sorts numbers as people look for them: MMT-508, 511, 522, 522K."""
    digits = "".join(filter(str.isdigit, value))
    return digits.zfill(12), value


def entry_choices(entry: Entry, maker: str) -> Iterator[ProductChoice]:
    """Yield the products that an entry names, with their maker: names first, then numbers."""
    product = entry.product
    numbers = [("model", model) for model in product.models]
    numbers += [("catalogue_no", number) for number in product.catalogue]
    if product.names and len(numbers) == 1:
        # A name alone never proves a number: whoever picks the product says both.
        yield ProductChoice(maker, (("product", product.names[0]), *numbers))
        return
    for column, value in (*(("product", name) for name in product.names), *numbers):
        yield ProductChoice(maker, ((column, value),))


def _same_maker(one: str, other: str) -> bool:
    first, second = find_manufacturer(one), find_manufacturer(other)
    return one == other or (first is not None and first == second)
