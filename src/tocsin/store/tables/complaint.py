"""Complaints: what people say has happened with a device, as it came in."""

from django.db import models

from tocsin.store.tables.action import Action
from tocsin.store.tables.answer import Acknowledgement
from tocsin.store.tables.organisation import User
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.person import Person


class Complaint(Owned):
    """One complaint. What was said never changes; ``sealed`` holds the words.

    ``aware_at`` is when the organisation learned of it: clocks of the law start there. The words
    are sealed with the key of the person; a complaint about nobody known keeps none.
    """

    action = models.ForeignKey(
        Action, null=True, on_delete=models.PROTECT, related_name="complaints"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="complaints")
    acknowledgement = models.OneToOneField(
        Acknowledgement, null=True, on_delete=models.PROTECT, related_name="complaint"
    )
    registry_id = models.BigIntegerField(null=True)
    device_id = models.TextField(blank=True)
    channel = models.CharField(max_length=12)
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    happened_on = models.DateField(null=True)
    aware_at = models.DateTimeField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"complaint {self.pk}"
