"""An action's plan: laid out, shifted, reached; and the clocks of the law that run in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tocsin.base.errors import UsageError
from tocsin.outreach.clocks import RunningClock, clock_events, find_clocks
from tocsin.outreach.plan import (
    Late,
    Milestone,
    MilestoneReached,
    Shift,
    find_late,
    find_milestone,
    known_chains,
    lay_out,
    patients_told_first,
    shift,
)
from tocsin.services.action_work import begin, conclude, find_action
from tocsin.services.work import Work, service
from tocsin.store.models import Action, PlanEvent, PlanMilestone
from tocsin.store.notice_rows import newest_revisions, read_revision
from tocsin.store.plan_rows import add_milestones, keep_days, read_milestones


@dataclass(frozen=True)
class PlanView:
    """An action's plan, and what is wrong with it today.

    Attributes:
        title: the action's.
        milestones: in the order of the plan.
        events: the days of events, by their names.
        late: whose day has passed, the oldest first.
        patients_first: countries where patients would be told before their clinicians.
        today: the day that "late" is meant of.
    """

    title: str
    milestones: list[Milestone]
    events: dict[str, date]
    late: list[Late]
    patients_first: list[str]
    today: date


@service
def lay_out_plan(
    work: Work,
    action_id: int,
    chain: str,
    begins_on: date,
    countries: Sequence[str],
    dates: Mapping[str, date] | None = None,
) -> list[Milestone]:
    """Add a chain's milestones for some countries to the plan; return them. Right: author.

    States: all but terminated. Leaves plan_laid_out. A country that has the chain already is
    refused, so that no date is silently lost.

    Raises:
        UsageError: if there is no such chain, or a country has it already.
    """
    action = begin(work, action_id)
    if chain not in known_chains():
        raise UsageError(
            f"There is no chain {chain[:40]!r}. Nothing was changed. There are: "
            f"{', '.join(known_chains())}."
        )
    present = {each.key: each for each in read_milestones(action.pk)}
    common = {
        key.rpartition("/")[2]: each.reached_on or each.due_on
        for key, each in present.items()
        if key.startswith(f"{chain}/") and not each.country
    }
    kept = {step: day for step, day in common.items() if day is not None}
    codes = [_checked(each) for each in countries]
    wanted = lay_out(chain, begins_on, codes, {**(dates or {}), **kept})
    new = [each for each in wanted if each.country or each.key not in present]
    if twice := [each.key for each in new if each.key in present]:
        raise UsageError(
            f"The plan has {', '.join(twice)} already. Nothing was changed. Shift its dates "
            "instead."
        )
    add_milestones(action.pk, new)
    conclude(work, action, "plan_laid_out", new={"chain": chain, "keys": [m.key for m in new]})
    return new


@service
def run_clocks(
    work: Work, action_id: int, countries: Sequence[str], clocks: Sequence[str]
) -> list[Milestone]:
    """Add clocks of the law to the plan; return their milestones. Right: author.

    A person says which apply. A clock whose event has no day yet has no day either: it is in the
    plan all the same, so that nobody forgets it. Leaves clocks_run.

    Raises:
        UsageError: if a clock is not one that can run in these countries for these notices.
    """
    action = begin(work, action_id)
    possible = {
        f"clock/{each.key}/{each.country}": each
        for each in _possible_clocks(action, [_checked(each) for each in countries])
    }
    if unknown := set(clocks) - {each.key for each in possible.values()}:
        raise UsageError(
            f"The clock {', '.join(sorted(unknown))} does not run for this action's notices in "
            f"{', '.join(countries) or 'no country'}. Nothing was changed. These can: "
            f"{', '.join(sorted({each.key for each in possible.values()})) or 'none'}."
        )
    present = {each.key for each in read_milestones(action.pk)}
    new = [
        Milestone(
            key,
            each.clock.what,
            each.country,
            "authority" if each.clock.is_theirs else "company",
            "",
            each.due_on,
        )
        for key, each in possible.items()
        if each.key in clocks and key not in present
    ]
    if not new:
        work.leave_unchanged()
        return []
    add_milestones(action.pk, new, clocks={key: each.key for key, each in possible.items()})
    conclude(work, action, "clocks_run", new={"keys": [each.key for each in new]})
    return new


@service
def date_event(work: Work, action_id: int, event: str, on: date, reason: str) -> list[Shift]:
    """Say on which day an event was, or will be; return the clocks that it moves.

    Right: author, operator. Leaves event_dated. A clock that was met stays.

    Raises:
        UsageError: if no clock starts with such an event, or no reason is given.
    """
    action = begin(work, action_id)
    if event not in clock_events():
        raise UsageError(
            f"No clock starts with {event[:40]!r}. Nothing was changed. Events are: "
            f"{', '.join(clock_events())}."
        )
    _check_reason(reason)
    kept = PlanEvent.objects.filter(action=action, event=event).first()
    old = kept.on.isoformat() if kept else None
    PlanEvent.objects.update_or_create(action=action, event=event, defaults={"on": on})
    shifts = _follow_events(action)
    conclude(
        work,
        action,
        "event_dated",
        new={"event": event, "on": on.isoformat(), "before": old, "moved": _told(shifts)},
        reason=reason,
    )
    return shifts


@service
def shift_milestone(work: Work, action_id: int, key: str, to: date, reason: str) -> list[Shift]:
    """Move a milestone, and with it all later ones that are not yet reached; return the moves.

    Right: author, operator. Leaves milestones_shifted with old and new days. A clock of the law is
    not moved by hand: its event is dated instead.

    Raises:
        MilestoneUnknown, MilestoneReached: if there is none, or it stands.
        UsageError: if it is a clock, or no reason is given.
    """
    action = begin(work, action_id)
    _check_reason(reason)
    rows = {row.key: row for row in PlanMilestone.objects.filter(action=action)}
    if key in rows and rows[key].clock:
        raise UsageError(
            f"{key} is a clock of the law and follows from its event. Nothing was changed. Give "
            "the event another day: `tocsin plan event`."
        )
    plan, shifts = shift(read_milestones(action.pk), key, to)
    if not shifts:
        work.leave_unchanged()
        return []
    keep_days(action.pk, plan)
    conclude(work, action, "milestones_shifted", new={"moved": _told(shifts)}, reason=reason)
    return shifts


@service
def reach_milestone(work: Work, action_id: int, key: str, on: date, evidence: str) -> None:
    """Say that a milestone was reached, on which day and by what it shows. Right: operator.

    Leaves milestone_reached.

    Raises:
        MilestoneUnknown, MilestoneReached: if there is none, or it was reached before.
        UsageError: if the day is to come, or no evidence is given.
    """
    action = begin(work, action_id)
    milestone = find_milestone(read_milestones(action.pk), key)
    if milestone.reached_on is not None:
        raise MilestoneReached(f"{key} was reached on {milestone.reached_on}. Nothing was changed.")
    if on > work.now.date():
        raise UsageError(f"{on} is still to come. Nothing was changed. Give the day it happened.")
    if not evidence.strip():
        raise UsageError("Say what shows it (a reference, a reply). Nothing was changed.")
    PlanMilestone.objects.filter(action=action, key=key).update(
        reached_on=on, evidence=evidence.strip()[:300]
    )
    conclude(work, action, "milestone_reached", new={"key": key, "on": on.isoformat()})


@service
def read_plan(work: Work, action_id: int) -> PlanView:
    """Return an action's plan and who is late today.

    Right: author, reviewer, releaser, operator, auditor, privacy officer.
    """
    action = find_action(action_id)
    milestones, today = read_milestones(action.pk), work.now.date()
    return PlanView(
        action.title,
        milestones,
        _events_of(action),
        find_late(milestones, today),
        patients_told_first(milestones),
        today,
    )


def _possible_clocks(action: Action, countries: Iterable[str]) -> list[RunningClock]:
    kinds = {read_revision(row).kind for row in newest_revisions(action.pk)}
    events = _events_of(action)
    found = {
        (each.key, each.country): each
        for country in countries
        for kind in sorted(kinds)
        for each in find_clocks(kind, country, events)
    }
    return list(found.values())


def _follow_events(action: Action) -> list[Shift]:
    rows = list(PlanMilestone.objects.filter(action=action).exclude(clock=""))
    running = {
        (each.key, each.country): each.due_on
        for each in _possible_clocks(action, {row.country for row in rows})
    }
    shifts = []
    for row in rows:
        due = running.get((row.clock, row.country), row.due_on)
        if row.reached_on is None and due is not None and due != row.due_on:
            shifts.append(Shift(row.key, row.due_on, due))
            row.due_on = due
            row.save(update_fields=["due_on"])
    return shifts


def _events_of(action: Action) -> dict[str, date]:
    return dict(PlanEvent.objects.filter(action=action).values_list("event", "on"))


def _checked(country: str) -> str:
    code = country.strip().upper()
    if len(code) != 2 or not code.isalpha():
        raise UsageError(
            f"{country[:20]!r} is no country code of two letters. Nothing was changed."
        )
    return code


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError("Say why (--reason); it stands in the audit trail. Nothing was changed.")


def _told(shifts: Iterable[Shift]) -> dict[str, list[str | None]]:
    return {
        each.key: [each.was.isoformat() if each.was else None, each.now.isoformat()]
        for each in shifts
    }
