"""Actions: which notices they answer, in which registries they look, where they stand."""

from typing import ClassVar

from django.db import models

from tocsin.outreach.action_states import ActionState
from tocsin.store.tables.notice import Notice
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.registry import Registry


class Action(Owned):
    """A field safety action; what it may do in which state stands in `outreach.action_states`.

    An exercise goes the same way, and nothing of it leaves the house.
    """

    title = models.CharField(max_length=300)
    state = models.CharField(
        max_length=24,
        choices=[(str(state), state.name) for state in ActionState],
        default=str(ActionState.DRAFT),
    )
    is_exercise = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    terminated_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"action {self.pk}"


class ActionNotice(Owned):
    """That an action answers a notice; linked notices of one event share one action."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="notices")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="actions")
    added_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["action", "notice"], name="one_notice_per_action")
        ]

    def __str__(self) -> str:
        return f"notice {self.notice_id} in action {self.action_id}"


class ActionRegistry(Owned):
    """That an action looks in a registry."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="registries")
    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="actions")
    added_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["action", "registry"], name="one_registry_per_action")
        ]

    def __str__(self) -> str:
        return f"registry {self.registry_id} in action {self.action_id}"
