"""Holders' answers: kept as they came, and everything that follows from them done at once.

An answer is never refused because of the action's state: what somebody tells late counts too.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from tocsin.base.errors import TocsinError, UsageError
from tocsin.base.verdict import Verdict
from tocsin.outreach.reply import (
    PRIVATE_COLUMNS,
    DeviceOutcome,
    Follows,
    PersonOutcome,
    Reply,
    ReplyRefused,
    private_texts,
    reply_bytes,
    still_asked,
    told_of_devices,
)
from tocsin.outreach.reply_rules import check_reply, has_acted, has_understood, what_follows
from tocsin.registry.answer import check_answer
from tocsin.registry.schema import COLUMNS
from tocsin.services.action_work import find_action, subject_of
from tocsin.services.answer_effects import open_contact_repair, settle_dispatches
from tocsin.services.answer_forms import (
    AnswerForm,
    find_recipient,
    form_of,
    recipient_of,
)
from tocsin.services.asked_devices import AskedDevice, is_known_product
from tocsin.services.next_letters import queue_next_letter
from tocsin.services.triage import (
    DeviceAnswer,
    NewVerdict,
    Told,
    leave_triage_answered,
    let_record_say,
)
from tocsin.services.work import Work, service
from tocsin.store.models import (
    Acknowledgement,
    Complaint,
    PassedOn,
    Person,
    Recipient,
    Remedy,
    WorkItem,
)
from tocsin.store.sealed_texts import open_texts, seal_texts

CHANNELS = ("paper", "telephone", "clinic")
"""By which way an answer can have come that somebody enters for the holder."""
_PAGE = "page"
_WORK = (Follows.HELP, Follows.QUERY, Follows.VERSION, Follows.CALL, Follows.FORWARDED)

_ONCE = {Follows.HELP, Follows.CALL}
"""Of which one that is open is enough, however often somebody answers."""


class AnswerUnknown(TocsinError):
    """There is no such answer here."""

    code = "answer_unknown"


@dataclass(frozen=True)
class KeptAnswer:
    """An answer that was kept, and what it changed.

    Attributes:
        acknowledgement_id: its row; that of the same answer if it was given before.
        is_new: False if exactly this was answered before.
        verdicts: device -> what was told of it made of its verdicts.
        follows: what the answer asks of us.
    """

    acknowledgement_id: int
    is_new: bool
    verdicts: Mapping[str, tuple[NewVerdict, ...]]
    follows: tuple[Follows, ...]


@dataclass(frozen=True)
class AcknowledgementLine:
    """One answer in a list, without any word of the holder's."""

    acknowledgement_id: int
    recipient_id: int
    person_id: str
    channel: str
    outcome: str
    has_understood: bool
    has_acted: bool
    answered_at: datetime


ANSWER_COLUMNS = tuple(each.name for each in fields(AcknowledgementLine))


def answer_rows(lines: Iterable[AcknowledgementLine]) -> Iterator[dict[str, Any]]:
    """Yield answers as rows of `ANSWER_COLUMNS`, for a file."""
    return (vars(line) for line in lines)


@service
def keep_answer(work: Work, token: str, reply: Reply) -> KeptAnswer:
    """Keep what the holder of a letter answers on the answer page. Right: the answer page.

    Leaves answer_kept, and triage_answered for each thing that was told of a device; if that has
    changed the verdict, the letter that is right now is queued, which leaves next_letter_queued.
    The same answer again changes nothing.

    Raises:
        LinkUnknown: if the token opens nothing here.
        ReplyRefused: naming every field that lacks an answer, or has one that cannot be.
    """
    return _keep(work, recipient_of(token), reply, _PAGE, "")


@service
def enter_answer(
    work: Work, recipient_id: int, reply: Reply, channel: str, evidence: str
) -> KeptAnswer:
    """Keep an answer that came on paper, by telephone or through the clinic. Right: operator.

    Leaves what `keep_answer` leaves.

    Args:
        work: the call.
        recipient_id: whose answer.
        reply: what they said.
        channel: one of `CHANNELS`.
        evidence: where it can be seen, such as a file's number; it names nobody.

    Raises:
        LinkUnknown: if there is no such recipient.
        UsageError: if the channel or the evidence cannot be.
        ReplyRefused: naming every field that lacks an answer, or has one that cannot be.
    """
    if channel not in CHANNELS:
        raise UsageError(
            f"An answer comes by {', '.join(CHANNELS)}; {channel[:40]!r} is none of them. Nothing "
            "was changed."
        )
    if not evidence.strip() or len(evidence) > 300:
        raise UsageError(
            "Say, in at most 300 characters and without names, where the answer can be seen. "
            "Nothing was changed."
        )
    return _keep(work, find_recipient(recipient_id), reply, channel, evidence.strip())


@service
def list_acknowledgements(work: Work, action_id: int) -> list[AcknowledgementLine]:  # noqa: ARG001
    """Return the answers of an action, the last first, without any word of theirs.

    Right: author, reviewer, releaser, operator, auditor.
    """
    rows = Acknowledgement.objects.filter(action=find_action(action_id)).order_by("-pk")
    return [
        AcknowledgementLine(
            row.pk,
            row.recipient_id,
            str(row.person_id),
            row.channel,
            row.outcome,
            row.has_understood,
            row.has_acted,
            row.answered_at,
        )
        for row in rows
    ]


@service
def access_acknowledgement(work: Work, acknowledgement_id: int, purpose: str) -> dict[str, str]:
    """Return the words of an answer, and what it tells of devices, by their field.

    Right: operator, privacy officer.

    Leaves answer_accessed with the purpose, which names nobody.

    Raises:
        AnswerUnknown: if there is none.
        UsageError: without a purpose.
    """
    row = Acknowledgement.objects.filter(pk=acknowledgement_id).first()
    if row is None:
        raise AnswerUnknown(f"There is no answer {acknowledgement_id} here. Nothing was shown.")
    if not purpose.strip():
        raise UsageError("Say for what you read somebody's words (--purpose). Nothing was shown.")
    work.record(
        "answer_accessed", f"person:{row.person_id}", new={"answer": row.pk}, reason=purpose
    )
    words = open_texts(row.person_id, bytes(row.sealed))
    return told_of_devices(bytes(row.body)) | words


def _keep(
    work: Work, recipient: Recipient, reply: Reply, channel: str, evidence: str
) -> KeptAnswer:
    form = form_of(recipient)
    said, reply = reply, _without_unasked(reply, form)
    check_reply(reply, form.asked)
    _check_told(reply)
    body, texts = reply_bytes(reply), private_texts(reply)
    list(Person.objects.select_for_update().filter(pk=recipient.person_id))  # one at a time
    before = recipient.acknowledgements.order_by("-pk").first()
    # What has settled something is asked no more; the same form, or a page sent anew, may tell it.
    told = {key: each.only(each.columns(), each.not_found) for key, each in said.devices.items()}
    whole = replace(reply, devices=told)
    same = before and any(_says_the_same(before, each) for each in (reply, whole))
    if before and (same or _is_sent_anew(before, reply, whole, form)):
        work.leave_unchanged()
        return KeptAnswer(before.pk, is_new=False, verdicts={}, follows=())
    row = Acknowledgement.objects.create(
        action=recipient.release.action,
        recipient=recipient,
        person_id=recipient.person_id,
        channel=channel,
        outcome=str(reply.outcome),
        has_understood=has_understood(reply, form.asked),
        has_acted=has_acted(reply, form.asked),
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        sealed=seal_texts(recipient.person_id, texts),
        evidence=evidence,
        entered_by_id=work.caller.user_id,
        answered_at=work.now,
    )
    verdicts, unsettled = _settle_told(work, row, reply, form)
    follows = what_follows(reply, form.asked)
    if not unsettled and Follows.VERSION in follows:
        follows.remove(Follows.VERSION)  # it has changed the record already
    _open_what_follows(work, row, reply, form, follows)
    settled = settle_dispatches(work, row) if Follows.STOP_REMINDERS in follows else {}
    if Follows.REPAIR_CONTACT in follows:
        open_contact_repair(work, row)
    if verdicts and queue_next_letter(work, row, verdicts):
        follows.append(Follows.NEXT_LETTER)
    work.record(
        "answer_kept",
        subject_of(row.action),
        new={
            "answer": row.pk,
            "recipient": recipient.pk,
            "outcome": row.outcome,
            "channel": channel,
            "follows": [str(each) for each in follows],
            "dispatches": settled,
        },
    )
    return KeptAnswer(row.pk, is_new=True, verdicts=verdicts, follows=tuple(follows))


def _without_unasked(reply: Reply, form: AnswerForm) -> Reply:
    """Leave out what an answer says beside the point, so that no column is filled by it."""
    if reply.outcome is not PersonOutcome.ANSWERS:
        return replace(reply, devices={}, instructions={}, line_texts={}, wants_replacement=None)
    asked = {each.key: (each.filled_columns, each.asked_columns) for each in form.devices}
    devices = {key: told.only(*asked.get(key, ((), ()))) for key, told in reply.devices.items()}
    wants = reply.wants_replacement if form.offers else None
    texts = {
        line.key: reply.line_texts[line.key]
        for line in form.lines
        if line.has_text and reply.line_texts.get(line.key, "").strip()
    }
    return replace(reply, devices=devices, wants_replacement=wants, line_texts=texts)


def _check_told(reply: Reply) -> None:
    faults = {}
    for key, told in reply.devices.items():
        for column, value in told.columns().items():
            try:
                check_answer(column, value)
            except UsageError as error:
                faults[f"devices.{key}.{column}"] = str(error)
    if faults:
        raise ReplyRefused(faults)


def _is_sent_anew(before: Acknowledgement, reply: Reply, whole: Reply, form: AnswerForm) -> bool:
    """Whether an answer is the one before, but for what is asked no more; it says nothing else."""
    asked = {each.key: (each.filled_columns, each.asked_columns) for each in form.devices}
    body = reply_bytes(reply)
    if reply_bytes(whole) != body or still_asked(bytes(before.body), asked) != body:
        return False
    words = open_texts(before.person_id, bytes(before.sealed))
    for key, (fills, _) in asked.items():
        for column in PRIVATE_COLUMNS - set(fills):
            words.pop(f"devices.{key}.{column}", None)
    return words == private_texts(reply)


def _says_the_same(before: Acknowledgement, reply: Reply) -> bool:
    if bytes(before.body) != reply_bytes(reply):
        return False
    return open_texts(before.person_id, bytes(before.sealed)) == private_texts(reply)


class _Doubtful(TocsinError):
    """What was told would clear a device, but not surely: a person looks first."""

    code = "answer_doubtful"


def _settle_told(
    work: Work, row: Acknowledgement, reply: Reply, form: AnswerForm
) -> tuple[dict[str, tuple[NewVerdict, ...]], bool]:
    """Let the records say what was told of devices; return the verdicts, and if something waits."""
    verdicts: dict[str, tuple[NewVerdict, ...]] = {}
    waits = False
    for device in form.devices:
        told = reply.devices[device.key].columns() if device.key in reply.devices else {}
        if not told:
            continue
        try:
            with transaction.atomic():
                done = _let_say_all(work, row, device, told, form.audience)
        except TocsinError:  # an import is under way, the list changed, or it is in doubt
            waits = True
            continue
        for each in done:
            leave_triage_answered(work, row.action, each)
            verdicts[device.key] = _from_first_to_last(verdicts.get(device.key, ()), each.verdicts)
    return verdicts, waits or _is_still_asked(row.recipient, reply, verdicts)


def _let_say_all(
    work: Work, row: Acknowledgement, device: AskedDevice, told: Mapping[str, str], audience: str
) -> list[Told]:
    """Let a record say all that was told of it.

    Raises:
        TocsinError: if it cannot, or if what was told would clear it without saying so surely.
    """
    done = [
        let_record_say(
            row.action,
            DeviceAnswer(
                device.device_id,
                column,
                told[column],
                "patient" if audience == "patient" else "clinic",
                f"answer {row.pk}, by {row.channel}",
                device.registry_name,
            ),
            work.now,
        )
        for column in sorted(told, key=[*COLUMNS, *sorted(told)].index)
    ]
    changes = _from_first_to_last(done[0].verdicts, done[-1].verdicts)
    cleared = [each for each in changes if each.was != each.now == Verdict.NOT_AFFECTED]
    is_known = all(is_known_product(*each, device.product) for each in told.items())
    if any(each.was == Verdict.AFFECTED for each in cleared) or (cleared and not is_known):
        raise _Doubtful("What was told would clear the device, but not surely. A person looks.")
    return done


def _is_still_asked(
    recipient: Recipient, reply: Reply, verdicts: Mapping[str, tuple[NewVerdict, ...]]
) -> bool:
    """Whether something that was told is asked as before: it did not settle what it was to."""
    if not any(each.now == Verdict.CANNOT_TELL for some in verdicts.values() for each in some):
        return False
    return any(
        set(reply.devices[device.key].columns()) & {*asked.fills}
        for device in form_of(recipient).devices
        if device.key in verdicts
        for asked in device.asked
    )


def _from_first_to_last(
    before: Iterable[NewVerdict], after: Iterable[NewVerdict]
) -> tuple[NewVerdict, ...]:
    """Return what two answers about one device have made of its verdicts together."""
    was = {each.notice: each.was for each in before}
    return tuple(replace(each, was=was.get(each.notice, each.was)) for each in after)


def _open_what_follows(
    work: Work, row: Acknowledgement, reply: Reply, form: AnswerForm, follows: list[Follows]
) -> None:
    """Open what an answer asks of us."""
    if Follows.COMPLAINT in follows:
        only = form.devices[0] if len(form.devices) == 1 else None
        Complaint.objects.create(
            action=row.action,
            person_id=row.person_id,
            acknowledgement=row,
            registry_id=only.registry_id if only else None,
            device_id=only.device_id if only else "",
            channel=row.channel,
            entered_by_id=row.entered_by_id,
            aware_at=work.now,
            sealed=seal_texts(row.person_id, {"problem": reply.problem.strip()}),
        )
    PassedOn.objects.bulk_create(_passed_on(row, reply, form))
    earlier = WorkItem.objects.filter(acknowledgement__recipient=row.recipient, closed_at=None)
    waiting = set(earlier.values_list("kind", flat=True)) & _ONCE
    WorkItem.objects.bulk_create(
        WorkItem(action=row.action, acknowledgement=row, kind=str(kind), opened_at=work.now)
        for kind in _WORK
        if kind in follows and kind not in waiting
    )
    if reply.wants_replacement is not None:
        for kind in form.offers:
            Remedy.objects.update_or_create(
                action=row.action,
                person_id=row.person_id,
                kind=kind,
                defaults={
                    "is_wanted": reply.wants_replacement,
                    "asked_at": work.now,
                    "acknowledgement": row,
                },
            )


def _passed_on(row: Acknowledgement, reply: Reply, form: AnswerForm) -> Iterator[PassedOn]:
    for device in form.devices:
        told = reply.devices.get(device.key)
        if told is not None and told.outcome is DeviceOutcome.PASSED_ON:
            yield PassedOn(
                action=row.action,
                acknowledgement=row,
                registry_id=device.registry_id,
                device_id=device.device_id,
                opened_at=row.answered_at,
            )
