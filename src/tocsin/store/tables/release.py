"""Releases of an action's scope and letters: the bytes that two people sign."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.action import Action
from tocsin.store.tables.match_run import MatchRun
from tocsin.store.tables.owned import Owned


class ScopeRelease(Owned):
    """Whom an action concerns, as it was signed: made by the first signature, released by the last.

    ``manifest`` is canonical JSON of the notices (by the SHA-256 of their bytes), the
    registries and the run's figures. ``leavers`` lists the records that have a lesser verdict
    than in the release before; empty if there are none.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="scope_releases")
    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="releases")
    before = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    manifest = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    leavers = models.BinaryField()
    leavers_sha256 = models.CharField(max_length=64)
    n_leavers = models.BigIntegerField()
    reviewed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["action", "sha256"], name="one_release_of_each_scope")
        ]

    def __str__(self) -> str:
        return f"scope release {self.pk} of action {self.action_id}"


class LetterRelease(Owned):
    """That letters may leave: two signatures over the bytes of their manifest.

    ``manifest`` is canonical JSON of the letters' locked versions, by the SHA-256 of their texts.
    ``public_address`` stands in it, too: links and codes of all letters of the release lead there;
    empty in what was released before it was kept.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="letter_releases")
    scope_release = models.ForeignKey(
        ScopeRelease, on_delete=models.PROTECT, related_name="letter_releases"
    )
    manifest = models.BinaryField(default=b"")
    manifest_sha256 = models.CharField(max_length=64)
    public_address = models.CharField(max_length=300, default="")
    reviewed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["scope_release", "manifest_sha256"], name="one_release_of_each_manifest"
            )
        ]

    def __str__(self) -> str:
        return f"letter release {self.pk} of action {self.action_id}"
