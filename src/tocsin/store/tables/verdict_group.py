"""The verdicts of a run put together by what lists are filtered and ordered by.

A list of a million verdicts is counted, filtered and ordered over some hundreds of groups, and only
the rows of one page are read. Everything here is written once, with the run.
"""

from django.db import models

from tocsin.store.tables.match_run import MatchRun
from tocsin.store.tables.owned import Owned


class VerdictReason(Owned):
    """Why verdicts of a run are as they are, in the words of that day.

    Grain: one row per run, notice, truth, deciding entry and reason code. ``question`` is what
    would settle a "cannot tell", and ``column`` what an answer to it fills; both may be empty.
    """

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="reasons")
    place = models.SmallIntegerField(help_text="of the notice in the run; -1 for every notice")
    truth = models.SmallIntegerField()
    entry = models.CharField(max_length=80, blank=True)
    reason_code = models.CharField(max_length=120)
    sentence = models.TextField()
    question = models.TextField(blank=True)
    column = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return f"reason {self.pk} of run {self.run_id}"


class VerdictGroup(Owned):
    """Verdicts of a run that are alike in all that a list is filtered by.

    Grain: one row per reason, registry, and the holder's country and kind, and the model. A holder
    of whom nothing is known has neither country nor kind.
    """

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="groups")
    reason = models.ForeignKey(
        VerdictReason, on_delete=models.PROTECT, related_name="groups", db_index=False
    )
    registry_id = models.BigIntegerField()
    country = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=80, blank=True)
    n_records = models.BigIntegerField()

    def __str__(self) -> str:
        return f"group {self.pk} of run {self.run_id}"
