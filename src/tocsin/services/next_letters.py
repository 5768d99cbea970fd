"""The letter that somebody gets next because their answer has changed the verdict.

Only a letter that two people have released leaves by itself, only while the action runs, and each
letter at most once: whoever answers to and fro is a case for a person, by a work item.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.base.verdict import Verdict as Answer
from tocsin.outreach.action_states import ActionState
from tocsin.outreach.dispatch_states import sources_of
from tocsin.outreach.escalation import NEXT, first_channels
from tocsin.outreach.recipients import (
    Concerned,
    OfferedLetter,
    PlannedRecipient,
    Why,
    base_language,
    plan_recipients,
)
from tocsin.outreach.reply import Follows
from tocsin.outreach.sending_rules import sending_rules
from tocsin.services.action_work import subject_of
from tocsin.services.dispatch_release import NO_CHANNEL, open_repairs
from tocsin.services.dispatch_work import lead
from tocsin.services.further_dispatches import queue_further, released_ladder, usable_for
from tocsin.services.letter_devices import HeldDevice, held_devices, worst_of
from tocsin.services.recipient_lists import person_facts
from tocsin.services.triage import NewVerdict
from tocsin.services.work import Work
from tocsin.store.answer_links import make_answer_links
from tocsin.store.letter_rows import locked_versions, version_name
from tocsin.store.models import (
    Acknowledgement,
    Action,
    Dispatch,
    LetterRelease,
    Recipient,
    WorkItem,
)
from tocsin.store.released_plan import released_letters

Verdicts = Mapping[str, Sequence[NewVerdict]]


def queue_next_letter(work: Work, row: Acknowledgement, verdicts: Verdicts) -> bool:
    """Queue the letter that an answer has made the right one, in the answer's transaction.

    It waits as long as a release does before it may leave; an answer that comes meanwhile takes it
    back. What cannot be queued by itself becomes a work item. Leaves next_letter_queued.

    Args:
        work: the call.
        row: the answer, kept already.
        verdicts: device -> what the answer made of its verdicts.

    Returns:
        Whether another letter is right now: it is queued, or a person sees to it.
    """
    held = held_devices(_run_of(row), [row.person_id]).get(row.person_id, [])
    was, now = _before(held, verdicts), worst_of(each.verdict for each in held)
    if was is now:
        return False
    withdrawn = _withdraw_waiting(work, row)
    planned = _plan(row, now, len(held))
    queued = _queue(work, row, planned) if planned else None
    if queued is None:
        WorkItem.objects.create(
            action=row.action,
            acknowledgement=row,
            kind=str(Follows.NEXT_LETTER),
            opened_at=work.now,
        )
    told: dict[str, Any] = {"answer": row.pk, "person": str(row.person_id), "verdict": str(now)}
    told |= {"withdrawn": withdrawn, **(queued or {"left_to_a_person": True})}
    work.record("next_letter_queued", subject_of(row.action), old={"verdict": str(was)}, new=told)
    return True


def _run_of(row: Acknowledgement) -> Any:
    return row.recipient.release.scope_release.run


def _before(held: Sequence[HeldDevice], verdicts: Verdicts) -> Answer:
    """Return the most urgent verdict that a person had before the answer."""
    found = []
    for each in held:
        changed = verdicts.get(f"{each.record.registry_id}/{each.record.device_id}")
        found.append(worst_of(Answer(one.was) for one in changed) if changed else each.verdict)
    return worst_of(found)


def _withdraw_waiting(work: Work, row: Acknowledgement) -> list[int]:
    """Take back an earlier next letter that has not left: it says what no longer holds."""
    rows = Dispatch.objects.select_for_update().filter(
        action=row.action,
        person=row.person_id,
        purpose=NEXT,
        state__in=[str(state) for state in sources_of("withdraw")],
    )
    waiting = list(rows.order_by("pk"))
    for dispatch in waiting:
        lead(work, dispatch, "withdraw")
    return [dispatch.pk for dispatch in waiting]


def _plan(row: Acknowledgement, verdict: Answer, n_devices: int) -> PlannedRecipient | None:
    """Return who gets which letter; None if no released letter in their language fits."""
    if row.action.state != ActionState.RUNNING:
        return None
    person = str(row.person_id)
    concerned = Concerned(person, verdict, Why.ANSWERED, n_devices)
    (planned,) = plan_recipients([concerned], person_facts([person]), signed_letters(row.action))
    letter = planned.letter
    if letter is None:
        return None
    # They have answered a letter in its language, whatever a list says that theirs is.
    answered = base_language(row.recipient.letter_version.language)
    if not planned.speaks_theirs and base_language(letter.language) != answered:
        return None
    had = Dispatch.objects.filter(person=row.person_id, letter_version=letter.version)
    return None if had.exists() else planned


def signed_letters(action: Action) -> list[OfferedLetter]:
    """Return the locked letters that stand in the newest manifest that two people have signed."""
    release = (
        LetterRelease.objects.filter(action=action, released_at__isnull=False)
        .order_by("-released_at", "-pk")
        .first()
    )
    signed = released_letters(release) if release else frozenset()
    return [
        OfferedLetter(each.pk, each.key, each.language, each.country)
        for each in locked_versions(action.pk)
        if each.sha256 in signed
    ]


def _queue(work: Work, row: Acknowledgement, planned: PlannedRecipient) -> dict[str, Any] | None:
    """Queue a planned letter; return what is told of it, None if it cannot be made."""
    if planned.letter is None:
        return None
    try:
        with transaction.atomic():
            recipient = Recipient.objects.create(
                release=row.recipient.release,
                person_id=row.person_id,
                addressee_id=UUID(planned.addressee),
                letter_version_id=planned.letter.version,
                audience=planned.audience,
                verdict=str(planned.verdict),
                why=str(planned.why),
                country=planned.country,
                n_devices=planned.n_devices,
                follows=row,
            )
            make_answer_links([recipient], work.now)
            ways = first_channels(released_ladder(recipient.release), usable_for(recipient))
            wait = timedelta(seconds=sending_rules().send_delay_s)
            made = queue_further(work, recipient, ways[:1], NEXT, wait=wait)
            if not made:
                open_repairs(row.action, [row.person_id], NO_CHANNEL, work.now)
    except TocsinError:  # a mail that cannot be made must not cost the answer
        return None
    return {
        "recipient": recipient.pk,
        "letter": version_name(recipient.letter_version),
        "dispatches": [each.pk for each in made],
    }
