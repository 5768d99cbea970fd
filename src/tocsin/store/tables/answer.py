"""What holders answer: the links by which they do, their answers, and what was passed on."""

from typing import ClassVar

from django.db import models

from tocsin.outreach.reply import PersonOutcome
from tocsin.store.tables.action import Action
from tocsin.store.tables.organisation import User
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.person import Person
from tocsin.store.tables.recipient import Recipient


class AnswerLink(Owned):
    """The link of one recipient's letter: 128 random bits, hashed here, sealed to be printed again.

    It is bound to the recipient, and so to the letter version. Without the person's key nobody can
    print it again; the hash still lets the letter in their hands be answered.
    """

    recipient = models.OneToOneField(
        Recipient, primary_key=True, on_delete=models.PROTECT, related_name="link"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"answer link {self.pk}"


class Acknowledgement(Owned):
    """A holder's explicit answer, as it came. Never changed: who answers anew adds another.

    ``body`` is `outreach.reply.reply_bytes`: codes, no word of theirs; ``sealed`` are the words.
    ``entered_by`` is null where the holder answered themselves. The newest one counts.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="acknowledgements")
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acknowledgements")
    channel = models.CharField(max_length=12, help_text="page, paper, telephone, clinic")
    outcome = models.CharField(
        max_length=16, choices=[(str(each), each.name) for each in PersonOutcome]
    )
    has_understood = models.BooleanField()
    has_acted = models.BooleanField()
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField(default=b"")
    evidence = models.CharField(max_length=300, blank=True, help_text="names nobody")
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta(Owned.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["action", "person", "id"], name="acknowledgement_by_person")
        ]

    def __str__(self) -> str:
        return f"acknowledgement {self.pk}"


class AnswerFile(Owned):
    """A file that shows an answer, such as a scan of the form: sealed with the person's key.

    ``sha256`` and ``n_bytes`` are of the file as it was sent. What it was called is not kept: a
    file's name often names somebody.
    """

    acknowledgement = models.ForeignKey(
        Acknowledgement, on_delete=models.PROTECT, related_name="files"
    )
    media_type = models.CharField(max_length=40, help_text="as its first bytes say")
    n_bytes = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["acknowledgement", "sha256"], name="one_file_of_an_answer"
            )
        ]

    def __str__(self) -> str:
        return f"answer file {self.pk}"


class PassedOn(Owned):
    """That a device went to somebody else, who must be told; ``sealed`` says to whom.

    Closed only with an outcome: told, was told already, cannot be found; or with the letter that
    was queued for who has it now.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="passed_on")
    acknowledgement = models.ForeignKey(
        Acknowledgement, on_delete=models.PROTECT, related_name="passed_on"
    )
    registry_id = models.BigIntegerField()
    device_id = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    recipient = models.OneToOneField(
        Recipient, null=True, on_delete=models.PROTECT, related_name="passed_on",
        help_text="the letter of who has it now",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"passed-on device {self.pk}"


class WorkItem(Owned):
    """Something that an answer asks of us: help, a reply to a query, a replacement.

    Closed only with an outcome in words that name nobody.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="work_items")
    acknowledgement = models.ForeignKey(
        Acknowledgement, on_delete=models.PROTECT, related_name="work_items"
    )
    kind = models.CharField(max_length=20, help_text="as in outreach.reply.Follows")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["acknowledgement", "kind"], name="one_work_item_of_each_kind"
            )
        ]

    def __str__(self) -> str:
        return f"work item {self.pk}"


class Remedy(Owned):
    """What a person is offered in an action, and what they said to it; one row per kind.

    Who gets a scarce one first is decided elsewhere; here stands only what was asked for.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="remedies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="remedies")
    kind = models.CharField(max_length=20, help_text="as in the notice")
    is_wanted = models.BooleanField()
    asked_at = models.DateTimeField()
    acknowledgement = models.ForeignKey(
        Acknowledgement, on_delete=models.PROTECT, related_name="remedies"
    )

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["action", "person", "kind"], name="one_remedy_of_each_kind"
            )
        ]

    def __str__(self) -> str:
        return f"remedy {self.pk}"
