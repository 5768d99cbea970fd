"""Printed letters: what each is known by, and the batches in which they go to a print house."""

from typing import ClassVar

from django.db import models

from tocsin.outreach.print_report import BatchState, LetterOutcome
from tocsin.store.tables.action import Action
from tocsin.store.tables.dispatch import Dispatch
from tocsin.store.tables.owned import Owned


class PrintBatch(Owned):
    """Printed letters of one action that go to the print house together, once.

    ``manifest`` is the CSV that goes with them and names nobody; ``sha256`` seals it, and with it
    every letter's bytes. ``file_sha256`` is of the file that was given out, the same each time.
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="print_batches")
    state = models.CharField(
        max_length=12,
        choices=[(str(state), state.name) for state in BatchState],
        default=str(BatchState.RENDERING),
    )
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40)
    n_in = models.IntegerField()
    n_ready = models.IntegerField(default=0)
    n_set_aside = models.IntegerField(default=0)
    template = models.CharField(max_length=60, blank=True)
    manifest = models.BinaryField(default=b"")
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the manifest")
    file_sha256 = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    n_given_out = models.IntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"print batch {self.pk}"


class IssuedLetter(Owned):
    """What a printed dispatch is known by: its letter id, and a code against forgery.

    The code is kept as a keyed hash; sealed with the addressee's key stand the code, and all that
    the template reads (``sealed_sheet``), from which the very bytes are made again. ``batch`` is
    the one that has the letter, or had it last; ``sent_at`` when a print house first got it,
    or when it was made for a vendor: from then on it can leave.
    """

    dispatch = models.OneToOneField(
        Dispatch, primary_key=True, on_delete=models.PROTECT, related_name="issued"
    )
    letter_id = models.CharField(max_length=20, unique=True)
    code_token = models.CharField(max_length=64)
    sealed_code = models.BinaryField(default=b"")
    sealed_sheet = models.BinaryField(default=b"")
    written_on = models.DateField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the PDF")
    n_pages = models.IntegerField(default=0)
    batch = models.ForeignKey(
        PrintBatch, null=True, on_delete=models.PROTECT, related_name="letters"
    )
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"letter {self.letter_id}"


class BatchLetter(Owned):
    """One letter in one batch, and what became of it there; the bytes that it had never change."""

    batch = models.ForeignKey(PrintBatch, on_delete=models.PROTECT, related_name="rows")
    issued = models.ForeignKey(IssuedLetter, on_delete=models.PROTECT, related_name="rows")
    outcome = models.CharField(
        max_length=12,
        choices=[(str(outcome), outcome.name) for outcome in LetterOutcome],
        default=str(LetterOutcome.WAITING),
    )
    outcome_on = models.DateField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    n_pages = models.IntegerField(default=0)
    problem_code = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=400, blank=True, help_text="names nobody")

    class Meta(Owned.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["batch", "issued"], name="one_row_per_batch_and_letter")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["batch", "outcome", "id"], name="batch_letter_by_outcome")
        ]

    def __str__(self) -> str:
        return f"letter of dispatch {self.issued_id} in batch {self.batch_id}"
