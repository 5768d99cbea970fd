"""Letters: sources, their versions per language and country, and the ticks of their checklists.

A source's text never changes: a changed source is another revision. A version's text changes until
it is locked; then the row never changes again, and what comes after is another version.
"""

from typing import ClassVar

from django.db import models

from tocsin.outreach.letter_states import LetterState
from tocsin.store.tables.action import Action
from tocsin.store.tables.organisation import User
from tocsin.store.tables.owned import Owned


class LetterSource(Owned):
    """One revision of a letter's source text, kept as the very bytes that were hashed."""

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="letter_sources")
    key = models.CharField(max_length=60, help_text="as in outreach.letter_kinds")
    audience = models.CharField(max_length=20)
    revision = models.IntegerField()
    body = models.BinaryField(help_text="canonical JSON of outreach.letter.LetterText")
    sha256 = models.CharField(max_length=64)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["action", "key", "revision"], name="one_letter_source_revision"
            )
        ]

    def __str__(self) -> str:
        return f"letter source {self.pk}"


class LetterVersion(Owned):
    """A letter in one language for one country; the newest number is the one that counts.

    ``country`` is empty where one text serves every country. ``before`` is the locked version
    that this one is to replace. ``last_agreed`` keeps the text that an authority agreed to last,
    so that a reopened text can be compared with it.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="letter_versions")
    source = models.ForeignKey(LetterSource, on_delete=models.PROTECT, related_name="versions")
    key = models.CharField(max_length=60)
    language = models.CharField(max_length=8)
    country = models.CharField(max_length=2, blank=True)
    number = models.IntegerField(default=1)
    before = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField(help_text="canonical JSON of outreach.letter.LetterText")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        max_length=12,
        choices=[(str(state), state.name) for state in LetterState],
        default=str(LetterState.DRAFT),
    )
    why_reopened = models.CharField(max_length=300, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    authority = models.CharField(max_length=200, blank=True)
    submitted_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, blank=True, help_text="the authority's own")
    why_no_authority = models.CharField(max_length=300, blank=True)
    agreed_at = models.DateTimeField(null=True)
    last_agreed = models.BinaryField(default=b"")
    locked_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["action", "key", "language", "country", "number"],
                name="one_letter_version",
            )
        ]

    def __str__(self) -> str:
        return f"letter version {self.pk}"


class LetterTick(Owned):
    """What a person said about one item of a checklist, for one text of a version."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="ticks")
    item = models.CharField(max_length=60, help_text="as in outreach.letter_checklists")
    sha256 = models.CharField(max_length=64, help_text="of the text that was looked at")
    applies = models.BooleanField(help_text="False: the item does not apply, for the reason")
    reason = models.CharField(max_length=300, blank=True)
    ticked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"letter tick {self.pk}"
