"""Holders' answers: kept as they came, and everything that follows from them done at once.

An answer is never refused because of the action's state: what somebody tells late counts too.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tocsin.base.errors import UsageError
from tocsin.outreach.reply import (
    Follows,
    PersonOutcome,
    Reply,
    ReplyRefused,
    private_texts,
    reply_bytes,
)
from tocsin.outreach.reply_rules import check_reply, has_acted, has_understood, what_follows
from tocsin.registry.answer import check_answer
from tocsin.services.action_work import subject_of
from tocsin.services.answer_effects import (
    open_contact_repair,
    open_what_follows,
    settle_dispatches,
)
from tocsin.services.answer_forms import (
    AnswerForm,
    find_recipient,
    form_of,
    recipient_of,
)
from tocsin.services.next_letters import queue_next_letter
from tocsin.services.repeated_answers import is_repeat
from tocsin.services.told_devices import settle_told
from tocsin.services.triage import NewVerdict
from tocsin.services.work import Work, service
from tocsin.store.models import Acknowledgement, Person, Recipient
from tocsin.store.sealed_texts import seal_texts

CHANNELS = ("paper", "telephone", "clinic")
"""By which way an answer can have come that somebody enters for the holder."""
_PAGE = "page"


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
    if before and is_repeat(before, said, reply, form):
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
    verdicts, unsettled = settle_told(work, row, reply, form)
    follows = what_follows(reply, form.asked)
    if not unsettled and Follows.VERSION in follows:
        follows.remove(Follows.VERSION)  # it has changed the record already
    open_what_follows(work, row, reply, form, follows)
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
