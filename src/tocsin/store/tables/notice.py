"""Notices and their revisions; a revision's bytes never change."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.owned import Owned


class Notice(Owned):
    """A notice by its own name; what it says stands in its revisions."""

    name = models.CharField(max_length=120, help_text="the key `notice` of the document")
    title = models.TextField(help_text="of the newest revision")
    added_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_notice_of_each_name")
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class ApprovalState(models.TextChoices):
    """Where a revision stands; once released it is never written again."""

    DRAFT = "draft"
    RELEASED = "released"


class NoticeRevision(Owned):
    """One revision: the core notice as canonical JSON, kept as the very bytes that were hashed."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="revisions")
    number = models.IntegerField()
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=200, blank=True, help_text="file name; never a path")
    state = models.CharField(
        max_length=10, choices=ApprovalState.choices, default=ApprovalState.DRAFT
    )
    added_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notice", "number"], name="one_notice_revision")
        ]

    def __str__(self) -> str:
        return f"notice {self.notice_id} revision {self.number}"


class NoticeLink(Owned):
    """That two notices speak of one matter, and how."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="linked_from")
    relation = models.CharField(max_length=20, help_text="as in the core's `Link.relation`")
    added_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notice", "other", "relation"], name="one_notice_link")
        ]

    def __str__(self) -> str:
        return f"notice {self.notice_id} {self.relation} {self.other_id}"
