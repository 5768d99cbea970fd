"""An action's plan: its dated milestones, and the days of the events that start clocks."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.action import Action
from tocsin.store.tables.owned import Owned


class PlanMilestone(Owned):
    """A milestone as it stands now; where it stood before is told in the audit trail.

    ``clock`` names the clock of `outreach.clocks` that gives its day; empty for none. ``place``
    keeps the order of the plan.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="milestones")
    place = models.PositiveIntegerField()
    key = models.CharField(max_length=120)
    what = models.CharField(max_length=300)
    country = models.CharField(max_length=2, blank=True)
    by = models.CharField(max_length=20)
    audience = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=120, blank=True)
    clock = models.CharField(max_length=60, blank=True)
    due_on = models.DateField(null=True)
    reached_on = models.DateField(null=True)
    evidence = models.CharField(max_length=300, blank=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["action", "key"], name="one_milestone_per_key")
        ]

    def __str__(self) -> str:
        return f"milestone {self.pk} of action {self.action_id}"


class PlanEvent(Owned):
    """On which day an event of an action happened, or will; see `outreach.clocks`."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=40)
    on = models.DateField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["action", "event"], name="one_day_per_event")
        ]

    def __str__(self) -> str:
        return f"event {self.event} of action {self.action_id}"
