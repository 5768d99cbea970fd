"""Triage: what would settle each record that cannot be told, and what people answer.

An answer becomes a new state of the record, in a registry revision of its own; the state before it
stays. It is undone by a further answer. Only this record is judged again here; the next match of
the action gives the difference.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from tocsin.base.errors import UsageError
from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict as Answer
from tocsin.match.engines.reference import match_records
from tocsin.match.explain import Explanation, explain_record
from tocsin.match.reason_words import reason_words
from tocsin.registry.answer import check_answer
from tocsin.registry.record import read_record
from tocsin.services.action_work import begin, find_action
from tocsin.services.work import Work, service
from tocsin.store.models import Action, DeviceRecord, MatchRun, Registry, TriageAnswer, Verdict
from tocsin.store.notice_rows import newest_revisions, read_revision
from tocsin.store.record_states import current_record, follow_state, texts_of
from tocsin.store.run_rows import GAP_PLACE, find_run, revisions_of

TELLERS = (
    "patient",
    "carer",
    "clinician",
    "clinic",
    "pharmacy",
    "distributor",
    "manufacturer",
    "payer",
    "record",
)
"""Who can have told something; `record` is a paper or file that somebody looked at."""
_MOST_EVIDENCE = 2000


@dataclass(frozen=True)
class DeviceAnswer:
    """What somebody has told about one device.

    Attributes:
        device_id: the record.
        column: which of its columns, such as ``software_version`` or ``fact.retainer_ring``.
        value: what it is; empty if it turns out that nobody knows.
        told_by: one of `TELLERS`.
        evidence: how it was told, in words; no names or addresses, which belong to the person.
        registry: which one, if several of the action's have a record of this id.
    """

    device_id: str
    column: str
    value: str
    told_by: str
    evidence: str
    registry: str | None = None


@dataclass(frozen=True)
class TriageLine:
    """A record that cannot be told, and what would settle it.

    Attributes:
        registry: the registry's name.
        device_id: the record.
        notice: the notice's name; empty if the record names no product at all.
        entry: the deciding entry.
        reason_code: why it cannot be told.
        question: what to ask.
        column: the column that an answer fills; empty if no answer about the device can settle it.
    """

    registry: str
    device_id: str
    notice: str
    entry: str
    reason_code: str
    question: str
    column: str


@dataclass(frozen=True)
class NewVerdict:
    """A record's verdict before and after an answer, for one notice."""

    notice: str
    was: str
    now: str
    entry: str
    reason_code: str


@dataclass(frozen=True)
class AnswerLine:
    """An answer that was given, and whether the record still says so."""

    answer_id: int
    answered_at: datetime
    device_id: str
    column: str
    old_value: str
    new_value: str
    told_by: str
    verdicts: tuple[NewVerdict, ...]
    still_holds: bool


@service
def list_triage(work: Work, action_id: int, number: int | None = None) -> list[TriageLine]:  # noqa: ARG001
    """Return the records of a run that cannot be told, each with the question that settles it.

    What an answer has settled since is left out. Right: author, reviewer, releaser, operator,
    auditor.

    Raises:
        ActionUnknown, NoMatchYet: if there is no run.
    """
    run = find_run(find_action(action_id).pk, number)
    return list(_triage_lines(run))


@service
def answer_triage(work: Work, action_id: int, answer: DeviceAnswer) -> list[NewVerdict]:
    """Let a record say what somebody has told; return its verdicts before and after.

    Right: operator. States: all but terminated. Leaves triage_answered. The record gets a new
    state in a new revision of the registry; match the action again for the difference.

    Raises:
        NotNow: if the action's state does not allow it.
        DeviceNotFound: if no registry of the action has the record.
        UsageError: if the column, value, teller or evidence cannot be.
        RegistryBusy: if an import into the registry has not ended.
    """
    action = begin(work, action_id)
    told = let_record_say(action, answer, work.now)
    leave_triage_answered(work, action, told)
    return told.verdicts


@dataclass(frozen=True)
class Told:
    """An answer that was kept: its row, the record's states before and after, and the verdicts."""

    answer: TriageAnswer
    old_row_no: int
    verdicts: list[NewVerdict]


def leave_triage_answered(work: Work, action: Action, told: Told) -> None:
    """Leave the event of an answer in the audit trail."""
    answer = told.answer
    work.record(
        "triage_answered",
        f"action:{action.pk}",
        old={
            "record": told.old_row_no,
            "verdicts": {each.notice: each.was for each in told.verdicts},
        },
        new={
            "answer": answer.pk,
            "record": answer.new_row_no,
            "registry": answer.registry_id,
            "revision": answer.registry_revision,
            "column": answer.column,
            "told_by": answer.told_by,
            "verdicts": {each.notice: each.now for each in told.verdicts},
        },
    )


def let_record_say(action: Action, answer: DeviceAnswer, now: datetime) -> Told:
    """Give a record of an action a new state with what was told, and judge it again.

    Whoever calls it leaves `leave_triage_answered` in the same transaction.

    Raises:
        DeviceNotFound: if no registry of the action has the record.
        UsageError: if the column, value, teller or evidence cannot be.
        RegistryBusy: if an import into the registry has not ended.
    """
    evidence = answer.evidence.strip()
    if answer.told_by not in TELLERS or not evidence or len(evidence) > _MOST_EVIDENCE:
        raise UsageError(
            f"Say who told it ({', '.join(TELLERS)}) and, in 1 to {_MOST_EVIDENCE} characters, "
            "how. Nothing was changed."
        )
    column, value = answer.column, check_answer(answer.column, answer.value)
    _wait_for_others(action)
    old = _find_record(action, answer.device_id, answer.registry)
    before = texts_of(old)
    if before.get(column, "") == value:
        raise UsageError(
            f"Record {answer.device_id!r} says so already: {column} is {value or 'empty'!r}. "
            "Nothing was changed."
        )
    told_on = now.date().isoformat()
    after = before | {column: value, "evidence_on": told_on, "evidence_source": answer.told_by}
    new = _follow(old, after, now)
    verdicts = _judge_again(action, before, after)
    made = TriageAnswer.objects.create(
        action=action,
        registry_id=old.registry_id,
        registry_revision=new.since_revision,
        device_id=answer.device_id,
        old_row_no=old.row_no,
        new_row_no=new.row_no,
        column=column,
        old_value=before.get(column, ""),
        new_value=value,
        told_by=answer.told_by,
        evidence=evidence,
        answered_at=now,
        verdicts=[vars(each) for each in verdicts],
    )
    return Told(made, old.row_no, verdicts)


@service
def list_answers(work: Work, action_id: int) -> list[AnswerLine]:  # noqa: ARG001 - its rights
    """Return the answers of an action, first things first, with whether they still hold.

    An answer no longer holds when a further answer, or a later import, has changed the record.
    Right: author, reviewer, releaser, operator, auditor.
    """
    return answer_lines(find_action(action_id).answers.order_by("pk"))


def answer_lines(found: QuerySet[TriageAnswer]) -> list[AnswerLine]:
    """Return answers, in their order, with whether they still hold."""
    rows = list(found)
    current = set(
        DeviceRecord.objects.filter(
            row_no__in=[row.new_row_no for row in rows], until_revision__isnull=True
        ).values_list("row_no", flat=True)
    )
    return [
        AnswerLine(
            row.pk,
            row.answered_at,
            row.device_id,
            row.column,
            row.old_value,
            row.new_value,
            row.told_by,
            tuple(NewVerdict(**each) for each in row.verdicts),
            row.new_row_no in current,
        )
        for row in rows
    ]


@service
def explain_stored_device(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    device_id: str,
    registry: str | None = None,
) -> list[tuple[str, Explanation]]:
    """Return the whole reasoning about a record as it is now, a tree for each notice.

    Right: author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
        DeviceNotFound: if no registry of the action has the record.
    """
    action = find_action(action_id)
    record = read_record(texts_of(_find_record(action, device_id, registry)))
    notices = [read_revision(row) for row in newest_revisions(action.pk)]
    return [(notice.notice, explain_record(notice, record)) for notice in notices]


def _wait_for_others(action: Action) -> None:
    """Let nobody else follow a state of the same record until we are done."""
    lists = action.registries.values("registry_id")
    list(Registry.objects.select_for_update().filter(pk__in=lists).order_by("pk"))


def _find_record(action: Action, device_id: str, registry: str | None) -> DeviceRecord:
    """Return the one record of the action's registries that has an id."""
    links = action.registries.select_related("registry").order_by("pk")
    lists = [link.registry for link in links if registry in {None, link.registry.name}]
    there = [
        each
        for each in lists
        if DeviceRecord.objects.filter(
            registry_id=each.pk, device_id=device_id, until_revision__isnull=True
        ).exists()
    ]
    if len(there) > 1:
        names = ", ".join(repr(each.name) for each in there)
        raise UsageError(
            f"The registries {names} all have a record {device_id!r}. Nothing was changed. Say "
            "which one you mean (--registry)."
        )
    if not lists:
        raise UsageError(f"Action {action.pk} does not look in a registry {registry!r}.")
    return current_record((there or lists)[0], device_id)


def _follow(old: DeviceRecord, texts: dict[str, str], now: datetime) -> DeviceRecord:
    from tocsin.compute.one_record import key_record  # noqa: PLC0415 - Ibis and Arrow are slow

    return follow_state(old, key_record(old.registry_id, texts), now)


def _judge_again(action: Action, before: dict[str, str], after: dict[str, str]) -> list[NewVerdict]:
    """Return the verdicts of a record's two states, by the newest revision of each notice."""
    found = []
    for revision in newest_revisions(action.pk):
        notice = read_revision(revision)
        records = [read_record(before), read_record(after)]
        was, now = (next(match_records([notice], [record])) for record in records)
        found.append(
            NewVerdict(
                notice.notice, str(was.verdict), str(now.verdict), now.entry, now.reason_code
            )
        )
    return found


def _triage_lines(run: MatchRun) -> Iterator[TriageLine]:
    notices = [read_revision(row) for row in revisions_of(run)]
    judged = {link.registry_id: link.revision for link in run.registries.all()}
    names: dict[int, str] = dict(Registry.objects.filter(pk__in=judged).values_list("pk", "name"))
    settled = settled_since(judged)
    questions: dict[tuple[int, str, str], tuple[str, str]] = {}
    rows = Verdict.objects.filter(run=run, truth=int(Truth.UNKNOWN))
    columns = ("registry_id", "device_id", "place", "entry", "reason_code")
    ordered = rows.order_by("registry_id", "device_id", "place").values_list(*columns)
    for registry_id, device_id, place, entry, code in ordered.iterator():
        notice = None if place == GAP_PLACE else notices[place]
        name = notice.notice if notice else ""
        if (registry_id, device_id, name) in settled:
            continue
        way = (place, entry, code)
        if way not in questions:
            words = reason_words(notice, Truth.UNKNOWN, entry, code)
            questions[way] = words.question, words.column
        yield TriageLine(names[registry_id], device_id, name, entry, code, *questions[way])


def settled_since(
    judged: Mapping[int, int], device_ids: Collection[str] | None = None
) -> set[tuple[int, str, str]]:
    """Return registry, device and notice of what answers settled after the judged revisions.

    Args:
        judged: the revision of each registry that a run has judged.
        device_ids: of which devices; without, of all.
    """
    last: dict[tuple[int, str], list[dict[str, Any]]] = {}
    answers = TriageAnswer.objects.filter(registry_id__in=list(judged)).order_by("pk")
    if device_ids is not None:
        answers = answers.filter(device_id__in=device_ids)
    for row in answers:
        if row.registry_revision > judged[row.registry_id]:
            last[row.registry_id, row.device_id] = row.verdicts
    settled = set()
    for (registry_id, device_id), verdicts in last.items():
        is_open = [each["now"] == Answer.CANNOT_TELL for each in verdicts]
        if not any(is_open):
            settled.add((registry_id, device_id, ""))
        settled |= {
            (registry_id, device_id, each["notice"])
            for each, still_open in zip(verdicts, is_open, strict=True)
            if not still_open
        }
    return settled
