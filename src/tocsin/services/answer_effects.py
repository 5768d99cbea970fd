"""What an answer does: dispatches rest, a contact is repaired, what it asks of us is opened."""

from collections.abc import Iterator

from tocsin.outreach.dispatch_states import DispatchState, sources_of
from tocsin.outreach.reply import DeviceOutcome, Follows, PersonOutcome, Reply
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.dispatch_release import open_repairs
from tocsin.services.dispatch_work import lead
from tocsin.services.work import Work
from tocsin.store.models import (
    Acknowledgement,
    Complaint,
    Dispatch,
    PassedOn,
    Remedy,
    WorkItem,
)
from tocsin.store.sealed_texts import seal_texts

_WORK = (Follows.HELP, Follows.QUERY, Follows.VERSION, Follows.CALL, Follows.FORWARDED)

_ONCE = {Follows.HELP, Follows.CALL}
"""Of which one that is open is enough, however often somebody answers."""


def settle_dispatches(work: Work, row: Acknowledgement) -> dict[str, str]:
    """Let the dispatches of the same letter to the same person rest; return their new states.

    What has left counts as answered, what waits is withdrawn. What a sender has in its hands is
    left to it.
    """
    letter = row.recipient.letter_version_id
    rows = Dispatch.objects.select_for_update().filter(
        action=row.action, person=row.person_id, letter_version=letter
    )
    settled = {}
    for dispatch in rows.order_by("pk"):
        state = DispatchState(dispatch.state)
        if state in sources_of("acknowledge"):
            lead(work, dispatch, "acknowledge")
        elif state in sources_of("withdraw"):
            lead(work, dispatch, "withdraw")
        else:
            continue
        settled[str(dispatch.pk)] = dispatch.state
    return settled


def open_contact_repair(work: Work, row: Acknowledgement) -> int:
    """Open a task to find the right address of a person; return how many were opened."""
    because = f"the answer: {PersonOutcome(row.outcome).replace('_', ' ')}"
    return open_repairs(row.action, [row.person_id], because, work.now)


def open_what_follows(
    work: Work, row: Acknowledgement, reply: Reply, form: AnswerForm, follows: list[Follows]
) -> None:
    """Open what an answer asks of us: a complaint, work for a person, what is offered."""
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
