"""Notices while they are written: drafts, and every version of them."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.notice import Notice
from tocsin.store.tables.owned import Owned


class WorkingDraft(Owned):
    """One notice that is being written; what it says stands in its versions.

    ``document`` is the text that a draft was read from, so that spans can point into it; ``told``
    are sentences about what could not be read.
    """

    name = models.CharField(max_length=120, help_text="the key `notice` of the document")
    title = models.TextField(help_text="of the current version")
    notice = models.ForeignKey(Notice, null=True, on_delete=models.PROTECT, related_name="drafts")
    base_revision = models.IntegerField(default=0, help_text="what it was begun from; 0 is none")
    source = models.CharField(max_length=200, blank=True, help_text="file name; never a path")
    document = models.TextField(blank=True)
    told = models.JSONField(default=list)
    version = models.IntegerField(default=0, help_text="the current one")
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    saved_revision = models.IntegerField(null=True, help_text="what it was kept as")
    discarded_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"draft {self.pk}"


class DraftVersion(Owned):
    """One state of a draft: what it said after an edit, as canonical JSON.

    ``back_to`` is the version to which undoing this edit returns; null if there is none.
    """

    draft = models.ForeignKey(WorkingDraft, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    back_to = models.IntegerField(null=True)
    body = models.BinaryField()
    what = models.CharField(max_length=300, help_text="the edit, in words")
    made_by = models.BigIntegerField(help_text="the user's id")
    made_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["draft", "number"], name="one_draft_version")
        ]

    def __str__(self) -> str:
        return f"draft {self.draft_id} version {self.number}"
