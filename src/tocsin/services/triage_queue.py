"""Triage by the page and by the record: the questions in order, and the next one to ask.

A list of a run stays as the run was; what answers have settled since is passed over. A record is
judged as it is now, so that an answer shows at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tocsin.base.errors import DeviceNotFound, TocsinError
from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict as Answer
from tocsin.match.engines.reference import match_records
from tocsin.match.reason_words import reason_words
from tocsin.notice.model import Notice
from tocsin.outreach.triage_order import urgency
from tocsin.registry.record import read_record
from tocsin.registry.schema import FACT_PREFIX
from tocsin.services.action_work import find_action
from tocsin.services.run_words import RunWords, find_words, words_of
from tocsin.services.triage import AnswerLine, answer_lines, settled_since
from tocsin.services.work import Work, service
from tocsin.store.models import Action, Holder, MatchRun, Registry, TriageAnswer
from tocsin.store.notice_rows import newest_revisions, read_revision
from tocsin.store.record_states import current_record, texts_of
from tocsin.store.run_rows import find_run
from tocsin.store.verdict_pages import Group, Place, Row, find_row, rows_in_groups

_STEPS = (60, 600, 6_000)


class NotOnTriage(TocsinError):
    """The run has no such verdict."""

    code = "triage_case_unknown"


@dataclass(frozen=True)
class OpenQuestion:
    """A record that cannot be told, and what would settle it."""

    verdict_id: int
    registry: str
    device_id: str
    notice: str
    model: str
    country: str
    kind: str
    question: str
    column: str


@dataclass(frozen=True)
class QuestionPage:
    """Some open questions, the most urgent first.

    Attributes:
        run: number of the run that left them open.
        n_left_open: how many the run has left open; some of them may be answered by now.
        later: the verdict to go on behind; None at the end.
    """

    run: int
    lines: Sequence[OpenQuestion]
    n_left_open: int
    later: int | None


@dataclass(frozen=True)
class AskedNow:
    """What one notice says about a record as it is now.

    Attributes:
        question: what would settle it; empty unless it cannot be told.
        column: what an answer fills; empty if no answer about the device can settle it.
        values: all that the answer can be, where the notice says so.
    """

    notice: str
    verdict: str
    reason: str
    question: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class HolderBrief:
    """Who has a device, without anything private."""

    holder_id: str
    person_id: str
    kind: str
    country: str
    language: str
    is_minor: bool


@dataclass(frozen=True)
class TriageCase:
    """One record of a triage list, as it is now.

    Attributes:
        texts: what its registry says about the device, by column; empty if it is there no more.
        asked: what each notice says about it now, what is still open first.
        holder: who has it, if a holders list says so.
        answers: what was told about it, the last first.
        next_id: the verdict of the next record to ask about; None at the end.
    """

    verdict_id: int
    registry: str
    device_id: str
    texts: Mapping[str, str]
    asked: Sequence[AskedNow]
    holder: HolderBrief | None
    answers: Sequence[AnswerLine]
    next_id: int | None

    @property
    def open_now(self) -> AskedNow | None:
        """Return what to ask: the first that an answer about the device can settle."""
        return next((each for each in self.asked if each.column), None)


@service
def list_open_questions(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    after: int | None = None,
    limit: int = 50,
    number: int | None = None,
) -> QuestionPage:
    """Return some records of a run that cannot be told, with what settles them, urgent ones first.

    The order is that of `outreach.triage_order`. What an answer has settled since is left out.
    Right: author, reviewer, releaser, operator, auditor.

    Args:
        work: the call.
        action_id: the action.
        after: the verdict behind which the page begins.
        limit: the most lines.
        number: of the run; the last without.

    Raises:
        ActionUnknown, NoMatchYet, ListNotKept: if there is no run, or it kept no list.
        NotOnTriage: if the run has no such verdict.
    """
    words = find_words(action_id, number)
    run = words.run
    groups = _open_groups(words)
    lines: list[OpenQuestion] = []
    for row in _open_rows(words, groups, _place_of(run, after)):
        lines.append(_question(words, row))
        if len(lines) > limit:
            break
    return QuestionPage(
        run.number,
        lines[:limit],
        sum(group.n_records for group in groups),
        lines[limit - 1].verdict_id if len(lines) > limit else None,
    )


@service
def read_triage_case(work: Work, action_id: int, verdict_id: int) -> TriageCase:  # noqa: ARG001
    """Return the record of a verdict as it is now, and which one to ask about next.

    Right: author, reviewer, releaser, operator, auditor. Nothing private: whom to call is told by
    `access_person`, which leaves its row in the trail.

    Raises:
        ActionUnknown, NoMatchYet, ListNotKept: if there is no run, or it kept no list.
        NotOnTriage: if no run of the action has such a verdict.
    """
    action = find_action(action_id)
    run = action.runs.filter(verdicts=verdict_id).first() or find_run(action.pk)
    found = find_row(run, verdict_id)
    if found is None:
        raise _not_on_triage(verdict_id)
    row, group, _ = found
    registry = Registry.objects.get(pk=group.registry_id)
    try:
        texts = texts_of(current_record(registry, row.device_id))
    except DeviceNotFound:
        texts = {}
    answers = TriageAnswer.objects.filter(
        action=action, registry=registry, device_id=row.device_id
    ).order_by("-pk")
    return TriageCase(
        verdict_id,
        registry.name,
        row.device_id,
        texts,
        _asked_now(action, texts) if texts else (),
        _holder_of(registry.pk, texts.get("holder_id", "")),
        answer_lines(answers),
        _next_id(run, row),
    )


def _open_groups(words: RunWords) -> list[Group]:
    def key(group: Group) -> tuple[object, ...]:
        reason = words.reasons[group.reason_id]
        order = urgency(reason.column, group.kind, reason.reason_code)
        return (*order, reason.place, reason.reason_id, group.group_id)

    return sorted(words.having({"verdict": str(Answer.CANNOT_TELL)}), key=key)


def _open_rows(words: RunWords, groups: Sequence[Group], after: Place | None) -> Iterator[Row]:
    """Yield the rows that no answer has settled since the run."""
    judged: dict[int, int] = dict(words.run.registries.values_list("registry_id", "revision"))
    steps = iter(_STEPS)
    step = next(steps)
    while True:
        rows = rows_in_groups(groups, after, step)
        settled = settled_since(judged, [row.device_id for row in rows])
        for row in rows:
            group = words.group(row.group_id)
            reason = words.reasons[group.reason_id]
            notice = words.notice_of(reason) if reason.place >= 0 else ""
            if (group.registry_id, row.device_id, notice) not in settled:
                yield row
        if len(rows) < step:
            return
        after = Place(rows[-1].group_id, rows[-1].verdict_id)
        step = next(steps, step)


def _next_id(run: MatchRun, row: Row) -> int | None:
    """Return the next open verdict that is about another record."""
    words = words_of(run)
    rows = _open_rows(words, _open_groups(words), Place(row.group_id, row.verdict_id))
    return next((each.verdict_id for each in rows if each.device_id != row.device_id), None)


def _place_of(run: MatchRun, verdict_id: int | None) -> Place | None:
    if verdict_id is None:
        return None
    found = find_row(run, verdict_id)
    if found is None:
        raise _not_on_triage(verdict_id)
    return Place(found[0].group_id, verdict_id)


def _question(words: RunWords, row: Row) -> OpenQuestion:
    group, values = words.group(row.group_id), words.values[row.group_id]
    reason = words.reasons[group.reason_id]
    return OpenQuestion(
        row.verdict_id,
        values["registry"],
        row.device_id,
        values["notice"],
        group.model,
        group.country,
        group.kind,
        reason.question,
        reason.column,
    )


def _asked_now(action: Action, texts: Mapping[str, str]) -> tuple[AskedNow, ...]:
    record = read_record(texts)
    found = []
    for notice in (read_revision(row) for row in newest_revisions(action.pk)):
        judged = next(match_records([notice], [record]))
        truth = {Answer.AFFECTED: Truth.TRUE, Answer.CANNOT_TELL: Truth.UNKNOWN}.get(
            judged.verdict, Truth.FALSE
        )
        words = reason_words(notice, truth, judged.entry, judged.reason_code)
        is_open = truth is Truth.UNKNOWN
        found.append(
            AskedNow(
                notice.notice,
                str(judged.verdict),
                words.sentence,
                words.question if is_open else "",
                words.column if is_open else "",
                _values_of(notice, judged.entry, words.column) if is_open else (),
            )
        )
    return tuple(sorted(found, key=lambda each: (not each.column, not each.question)))


def _values_of(notice: Notice, entry_name: str, column: str) -> tuple[str, ...]:
    entry = next((each for each in notice.scope if each.entry == entry_name), None)
    if entry is None or not column.startswith(FACT_PREFIX):
        return ()
    fact = entry.facts.get(column.removeprefix(FACT_PREFIX))
    return tuple(fact.values) if fact else ()


def _holder_of(registry_id: int, holder_id: str) -> HolderBrief | None:
    held = Holder.objects.filter(registry_id=registry_id, holder_id=holder_id)
    found = held.select_related("person").first() if holder_id else None
    if found is None:
        return None
    person = found.person
    return HolderBrief(
        holder_id,
        str(person.pk),
        person.kind,
        person.country,
        person.language,
        person.is_minor,
    )


def _not_on_triage(verdict_id: int) -> NotOnTriage:
    return NotOnTriage(
        f"The action has no verdict with the number {verdict_id}. Nothing was changed. Go back to "
        "the list."
    )
