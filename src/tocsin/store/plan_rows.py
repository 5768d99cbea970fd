"""Rows of an action's plan and the milestones that they mean."""

from collections.abc import Iterable, Mapping

from tocsin.outreach.plan import Milestone
from tocsin.store.models import PlanMilestone

_COLUMNS = ("key", "what", "country", "by", "audience", "due_on", "reached_on", "after")


def read_milestones(action_id: int) -> list[Milestone]:
    """Return the milestones of an action, in the order of its plan."""
    rows = PlanMilestone.objects.filter(action_id=action_id).order_by("place")
    return [Milestone(**row) for row in rows.values(*_COLUMNS)]


def add_milestones(
    action_id: int, milestones: Iterable[Milestone], clocks: Mapping[str, str] | None = None
) -> None:
    """Add milestones at the end of a plan; ``clocks`` names the clock of each, by its key."""
    first = PlanMilestone.objects.filter(action_id=action_id).count()
    PlanMilestone.objects.bulk_create(
        PlanMilestone(
            action_id=action_id,
            place=first + place,
            clock=(clocks or {}).get(each.key, ""),
            **{name: getattr(each, name) for name in _COLUMNS},
        )
        for place, each in enumerate(milestones)
    )


def keep_days(action_id: int, milestones: Iterable[Milestone]) -> None:
    """Write the days of milestones that have others in the plan than before."""
    due = {each.key: each.due_on for each in milestones}
    changed = []
    for row in PlanMilestone.objects.filter(action_id=action_id):
        if row.due_on != due[row.key]:
            row.due_on = due[row.key]
            changed.append(row)
    PlanMilestone.objects.bulk_update(changed, ["due_on"])
