"""Runs of matching, with all that is needed to make them again, and their verdicts."""

from typing import ClassVar

from django.db import models

from tocsin.store.tables.action import Action
from tocsin.store.tables.notice import NoticeRevision
from tocsin.store.tables.organisation import Organisation
from tocsin.store.tables.owned import Owned
from tocsin.store.tables.registry import Registry


class MatchRun(Owned):
    """One finished match of an action. It stands whole, or not at all; nothing of it changes.

    ``figures`` is canonical JSON, kept as the very bytes that were hashed; ``verdicts_sha256``
    is of all its verdicts (see `store.run_rows`), so that a run made again can be compared.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="runs")
    number = models.IntegerField(help_text="from 1 within the action")
    matched_at = models.DateTimeField()
    software_version = models.CharField(max_length=60)
    key_stamp = models.CharField(max_length=64, help_text="of the code that read the texts")
    n_records = models.BigIntegerField(help_text="records that were judged")
    n_verdicts = models.BigIntegerField(help_text="rows: affected, or cannot be told")
    figures = models.BinaryField()
    figures_sha256 = models.CharField(max_length=64)
    divided = models.BinaryField(default=b"", help_text="figures by country and kind, as JSON")
    verdicts_sha256 = models.CharField(max_length=64)

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["action", "number"], name="one_run_of_each_number")
        ]

    def __str__(self) -> str:
        return f"run {self.number} of action {self.action_id}"


class MatchRunNotice(Owned):
    """Which notice revision a run judged, and its place among them."""

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="notices")
    place = models.IntegerField(help_text="from 0")
    revision = models.ForeignKey(NoticeRevision, on_delete=models.PROTECT, related_name="runs")

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "place"], name="one_notice_of_each_place")
        ]

    def __str__(self) -> str:
        return f"notice {self.place} of run {self.run_id}"


class MatchRunRegistry(Owned):
    """Which registry a run judged, and at which of its revisions."""

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="registries")
    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="runs")
    revision = models.IntegerField()
    n_records = models.BigIntegerField()

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "registry"], name="one_registry_per_run")
        ]

    def __str__(self) -> str:
        return f"registry {self.registry_id} in run {self.run_id}"


class Verdict(Owned):
    """That a record is affected, or cannot be told; every other record is not affected.

    Grain: one row per run, device record and notice. ``place`` is the notice's in the run; -1
    for a record without product evidence that is listed once for several notices. The columns
    of the record are repeated here, because they were so when the run was made. ``group`` is null
    only in runs of before there were groups.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, editable=False, related_name="+", db_index=False
    )

    run = models.ForeignKey(
        MatchRun, on_delete=models.PROTECT, related_name="verdicts", db_index=False
    )
    place = models.SmallIntegerField()
    registry_id = models.BigIntegerField()
    row_no = models.BigIntegerField(help_text="the state of the record that was judged")
    device_id = models.TextField()
    holder_id = models.TextField(blank=True)
    clinic_id = models.TextField(blank=True)
    quantity = models.BigIntegerField(null=True, help_text="units; null if the record says none")
    truth = models.SmallIntegerField()
    entry = models.CharField(max_length=80, blank=True)
    reason_code = models.CharField(max_length=120)
    group = models.ForeignKey(
        "store.VerdictGroup",
        null=True,
        on_delete=models.PROTECT,
        related_name="verdicts",
        db_index=False,
    )

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "row_no", "place"], name="one_verdict_per_pair")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "truth"], name="verdict_by_truth"),
            models.Index(fields=["group", "id"], name="verdict_of_group"),
            # With the group, so that a filter is decided without a look at the row.
            models.Index(fields=["run", "device_id", "id", "group"], name="verdict_by_device"),
        ]

    def __str__(self) -> str:
        return f"verdict {self.pk} of run {self.run_id}"


class TriageAnswer(Owned):
    """What somebody told about a record, and what it changed. Undone only by a further answer.

    ``evidence`` may speak of persons and stands nowhere else; ``verdicts`` holds, per notice,
    the verdict before and after.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="answers")
    registry = models.ForeignKey(Registry, on_delete=models.PROTECT, related_name="answers")
    registry_revision = models.IntegerField(help_text="the one that this answer made")
    device_id = models.TextField()
    old_row_no = models.BigIntegerField()
    new_row_no = models.BigIntegerField()
    column = models.CharField(max_length=80)
    old_value = models.TextField(blank=True)
    new_value = models.TextField(blank=True)
    told_by = models.CharField(max_length=40)
    evidence = models.TextField()
    answered_at = models.DateTimeField()
    verdicts = models.JSONField()

    class Meta(Owned.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["action", "registry"], name="answer_by_action"),
            models.Index(fields=["registry", "device_id"], name="answer_by_device"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
