"""Rendering a print batch: a job in committed steps; killed, it goes on with the next letter.

A letter's sheet is made once, sealed, and its bytes follow from it. One that cannot be made is set
aside with a sentence and a task, and never stops another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.delivery.print_batch import manifest_row, write_manifest
from tocsin.outreach.channels import Channel
from tocsin.outreach.print_report import BatchState, LetterOutcome
from tocsin.render.letters.pdf import LetterPdf, LetterPress, checked_letter, template_version
from tocsin.render.letters.sheet import sheet_json
from tocsin.services.dispatch_release import open_repairs
from tocsin.services.letter_preview import font_folders
from tocsin.services.print_work import find_batch, ready_rows, subject_of
from tocsin.services.printed_sheets import AddresseeErased, SheetMaker
from tocsin.services.work import WORKER, Caller, Work, service
from tocsin.store.home import find_home
from tocsin.store.issued_letters import open_sheet, seal_sheet, shown
from tocsin.store.jobs import Claim, committed_step, finish_job
from tocsin.store.models import BatchLetter, IssuedLetter, PrintBatch
from tocsin.store.person_keys import person_keys
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

AT_ONCE = 50
Told = Callable[[Claim], None]


@dataclass(frozen=True)
class Rendered:
    """A letter as it came out: its PDF and sealed sheet, or why there is none."""

    row: BatchLetter
    pdf: LetterPdf | None
    sealed_sheet: bytes
    problem: TocsinError | None


def print_queued(claim: Claim, told: Told = lambda _claim: None) -> None:
    """Render the letters of the batch that a job names, and seal it.

    Args:
        claim: the job; its payload names the batch.
        told: is called after each committed step.

    Raises:
        LeaseLost: if somebody else has the job by now.
    """
    now = datetime.now(tz=UTC)
    with acting_for(claim.organisation_id):
        batch = find_batch(claim.payload["batch_id"], to_change=False)
        while some := _waiting(batch):
            maker = SheetMaker(batch.action, now)
            rendered = [_render(row, maker, now) for row in some]
            with committed_step(claim):
                _keep(batch, rendered, now)
                claim.n_done += len(some)
            told(claim)
    caller = Caller(WORKER, claim.organisation_id, frozenset(), now)
    with transaction.atomic():
        settle_print_batch(caller, claim.payload["batch_id"])
        finish_job(claim)


@service
def settle_print_batch(work: Work, batch_id: int) -> None:
    """Seal a batch whose letters are all rendered or set aside. Right: the worker.

    In = ready + set aside. One that was discarded meanwhile stays so. Leaves print_batch_ready.

    Raises:
        PrintBatchUnknown: if there is none.
    """
    batch = find_batch(batch_id)
    if batch.state != BatchState.RENDERING:
        work.leave_unchanged()
        return
    rows = list(ready_rows(batch))
    batch.manifest = write_manifest(
        manifest_row(
            shown(row.issued.letter_id),
            row.sha256,
            row.n_pages,
            country=row.issued.dispatch.recipient.country,
            language=row.issued.dispatch.recipient.letter_version.language,
            purpose=row.issued.dispatch.purpose,
        )
        for row in rows
    )
    batch.sha256 = sha256(batch.manifest).hexdigest()
    batch.n_ready, batch.n_set_aside = len(rows), batch.n_in - len(rows)
    batch.template, batch.ready_at = template_version(), work.now
    batch.state = str(BatchState.READY)
    batch.save()
    work.record(
        "print_batch_ready",
        subject_of(batch),
        new={
            "state": batch.state,
            "n_ready": batch.n_ready,
            "n_set_aside": batch.n_set_aside,
            "sha256": batch.sha256,
            "template": batch.template,
        },
    )


def print_first(letter: IssuedLetter, maker: SheetMaker, now: datetime) -> tuple[LetterPdf, bytes]:
    """Return a letter's PDF, held against both standards, and its sheet, sealed.

    The day that it bears is noted in the letter.

    Raises:
        AddresseeErased, AddressMissing, ValueUnfit, FieldsMissing, GlyphMissing,
        LetterUnrenderable: if it cannot be made.
    """
    prepared = maker.make(letter)
    data = sheet_json(prepared.sheet, press().families)
    written_on = letter.written_on or now.date()
    content = press().print_data(data, prepared.sheet.letter_id, written_on)
    pdf = checked_letter(content, prepared.sheet.letter_id)
    vault = Vault(find_home().persons_key)
    sealed = seal_sheet(vault, letter.pk, prepared.addressee, prepared.wrapped, data)
    letter.written_on = written_on
    return pdf, sealed


def print_again(letter: IssuedLetter) -> bytes:
    """Return a letter's PDF, made anew from what is kept of it.

    Raises:
        AddresseeErased: if its addressee was erased.
        GlyphMissing, LetterUnrenderable: if this machine cannot make it.
    """
    dispatch = letter.dispatch
    wrapped = person_keys([dispatch.addressee_id]).get(dispatch.addressee_id)
    if wrapped is None or letter.written_on is None:
        raise AddresseeErased(
            f"Letter {shown(letter.letter_id)} cannot be made again: the data of person "
            f"{dispatch.addressee_id} were erased. Discard the batch and make another."
        )
    vault = Vault(find_home().persons_key)
    sheet = open_sheet(vault, letter.pk, dispatch.addressee_id, wrapped, bytes(letter.sealed_sheet))
    return press().print_data(sheet, shown(letter.letter_id), letter.written_on)


def print_checked(
    letter: IssuedLetter, maker: SheetMaker, now: datetime
) -> tuple[LetterPdf, bytes]:
    """Return a letter's PDF, held against both standards, and its sheet, sealed, if that is new.

    What has a sheet already is made of it again.

    Raises:
        TocsinError: as `print_first` and `print_again`.
    """
    if letter.sealed_sheet:
        return checked_letter(print_again(letter), shown(letter.letter_id)), b""
    return print_first(letter, maker, now)


@cache
def press() -> LetterPress:
    """Return this process's press, with the fonts that this machine names."""
    return LetterPress(font_folders())


def _waiting(batch: PrintBatch) -> list[BatchLetter]:
    if not PrintBatch.objects.filter(pk=batch.pk, state=str(BatchState.RENDERING)).exists():
        return []
    rows = BatchLetter.objects.filter(batch=batch, outcome=str(LetterOutcome.WAITING))
    parts = (
        "issued__dispatch__addressee__key",
        "issued__dispatch__replaces",
        "issued__dispatch__recipient__letter_version__source",
        "issued__dispatch__recipient__release__scope_release__run",
    )
    return list(rows.select_related(*parts).order_by("pk")[:AT_ONCE])


def _render(row: BatchLetter, maker: SheetMaker, now: datetime) -> Rendered:
    """Return a letter as it comes out; what has a sheet already is made of it again."""
    try:
        pdf, sealed = print_checked(row.issued, maker, now)
        return Rendered(row, pdf, sealed, None)
    except TocsinError as error:
        return Rendered(row, None, b"", error)


def _keep(batch: PrintBatch, rendered: Sequence[Rendered], now: datetime) -> None:
    """Write what came of some letters, in the transaction of the step."""
    for each in rendered:
        row, letter = each.row, each.row.issued
        if each.pdf is None:
            problem = each.problem
            row.outcome = str(LetterOutcome.SET_ASIDE)
            row.problem_code = problem.code if problem else ""
            row.problem = problem.sentence[:400] if problem else ""
            row.save(update_fields=["outcome", "problem_code", "problem"])
            IssuedLetter.objects.filter(pk=letter.pk).update(batch=None)
            person = letter.dispatch.person_id
            open_repairs(batch.action, [person], row.problem_code, now, str(Channel.LETTER))
            continue
        row.outcome = str(LetterOutcome.READY)
        row.sha256, row.n_pages = each.pdf.sha256, each.pdf.n_pages
        row.save(update_fields=["outcome", "sha256", "n_pages"])
        letter.sha256, letter.n_pages = each.pdf.sha256, each.pdf.n_pages
        changed = ["sha256", "n_pages", "written_on"]
        if each.sealed_sheet:
            letter.sealed_sheet = each.sealed_sheet
            changed.append("sealed_sheet")
        letter.save(update_fields=changed)
