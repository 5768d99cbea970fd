"""What an answer does to what is under way: dispatches are settled, a wrong contact is repaired."""

from tocsin.outreach.dispatch_states import DispatchState, sources_of
from tocsin.outreach.reply import PersonOutcome
from tocsin.services.dispatch_release import open_repairs
from tocsin.services.dispatch_work import lead
from tocsin.services.work import Work
from tocsin.store.models import Acknowledgement, Dispatch


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
