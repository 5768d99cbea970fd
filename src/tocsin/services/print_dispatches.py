"""The dispatches of printed letters as their batch moves them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, EventName, dispatch_events
from tocsin.outreach.print_report import LetterOutcome
from tocsin.outreach.sending_rules import not_after
from tocsin.services.dispatch_work import Told, add_attempt, add_evidence, lead
from tocsin.services.work import Work
from tocsin.store.models import Dispatch

VENDOR = "vendor"
_EVENTS: dict[LetterOutcome, tuple[EventName, ...]] = {
    LetterOutcome.POSTED: ("post",),
    LetterOutcome.SPOILED: ("spoil",),
    LetterOutcome.RETURNED: ("post", "return"),
}
_TELLS = {
    LetterOutcome.POSTED: "accepted",
    LetterOutcome.SPOILED: "not_accepted",
    LetterOutcome.RETURNED: "bounced",
}


def lose_sight_of(work: Work, dispatches: Sequence[Dispatch]) -> int:
    """Put what is at the print house into doubt; return how many that were."""
    n = 0
    for row in dispatches:
        if row.state == DispatchState.PRINTED:
            lead(work, row, "lose_sight", reply="the print house has not said what became of it")
            add_attempt(work, row, "lose_sight")
            n += 1
    return n


def fresh_times(now: datetime) -> dict[str, datetime]:
    """Return when a letter may leave that must be printed once more."""
    return {"not_before": now, "not_after": not_after(Channel.LETTER, now)}


def note_outcome(
    work: Work, row: Dispatch, outcome: LetterOutcome, on: date, source: bytes
) -> bool:
    """Keep what the print house says of a letter as evidence, and lead its dispatch there.

    Who has answered already stays acknowledged. What was spoiled waits again, as long as a fresh
    one would. Returns whether the dispatch's state has changed.
    """
    tells = _TELLS.get(outcome)
    if tells is None:
        return False
    add_evidence(row, Told(VENDOR, tells, source, f"print house: {outcome} on {on}"), work.now)
    has_moved = False
    for event in _EVENTS[outcome]:
        if DispatchState(row.state) not in dispatch_events()[event].leads:
            continue
        changes: dict[str, Any] = {"reply": f"print house: {outcome} on {on}"}
        if event == "spoil":
            changes |= fresh_times(work.now)
        lead(work, row, event, **changes)
        add_attempt(work, row, event, changes["reply"])
        has_moved = True
    return has_moved
