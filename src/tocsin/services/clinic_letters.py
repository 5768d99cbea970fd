"""The letters of a clinic's list as PDFs to print: made, validated and given out in one file.

They go as the list goes: to the clinic, which gives each to its patient. The file is that of a
print batch (`delivery.print_batch`). A letter has one sheet, sealed: given out again, it is the
same. Nothing counts as handed over by it; the clinic says what it has handed over.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from tocsin.base.errors import TocsinError
from tocsin.delivery.print_batch import (
    LETTERS,
    ManifestRow,
    manifest_row,
    write_batch,
    write_manifest,
)
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.render.letters.pdf import LetterPdf, template_version
from tocsin.services.action_work import find_action
from tocsin.services.action_work import subject_of as action_subject
from tocsin.services.dispatch_release import open_repairs
from tocsin.services.hand_overs import ClinicUnknown, letters_waiting_at
from tocsin.services.matching import rows_csv
from tocsin.services.print_handover import reasons_to_stay
from tocsin.services.print_rendering import print_checked
from tocsin.services.printed_sheets import SheetMaker
from tocsin.services.work import Caller, Work, service
from tocsin.store.home import find_home
from tocsin.store.issued_letters import issue_letters, shown
from tocsin.store.models import Dispatch, IssuedLetter
from tocsin.store.tenancy import acting_for

MOST = 100
"""Letters in one file: they are made while somebody waits for them."""
LEFT_OUT = "left-out.csv"


class ClinicLettersStay(TocsinError):
    """The letters of a clinic must not leave now, or none of them could be made."""

    code = "clinic_letters_stay"


@dataclass(frozen=True)
class LeftOut:
    """A letter of the list that is not in the file.

    Attributes:
        because: one sentence, which names nobody.
    """

    dispatch_id: int
    because: str


@dataclass(frozen=True)
class ClinicFile:
    """The letters of a clinic as a file to keep.

    Attributes:
        name: what it may be called.
        sha256: of its bytes, hexadecimal.
        left_out: letters that could not be made.
        n_more: letters that wait there and follow when these are noted as handed over.
    """

    name: str
    sha256: str
    n_letters: int
    left_out: Sequence[LeftOut]
    n_more: int

    @property
    def told(self) -> str:
        """Return what is in it and what is not, in sentences."""
        told = f"Letters in the file, each validated: {self.n_letters}."
        if self.left_out:
            told += f" Left out because they could not be made: {len(self.left_out)}."
        if self.n_more:
            told += f" To follow when these are noted: {self.n_more}."
        return told


@dataclass(frozen=True)
class MadeLetter:
    """A letter that is in the file, with its sheet, sealed, if that is new."""

    letter: IssuedLetter
    pdf: LetterPdf
    sealed: bytes


@contextmanager
def lent_clinic_letters(
    caller: Caller, action_id: int, registry_id: int, clinic_id: str
) -> Iterator[tuple[ClinicFile, IO[bytes]]]:
    """Lend the file with the letters that wait at a clinic.

    Args:
        caller: who takes it.
        action_id: whose letters they are.
        registry_id: the registry that knows the clinic, as `list_hand_overs` names it.
        clinic_id: the clinic in it.

    Raises:
        ActionUnknown, ClinicUnknown: if there is none.
        ClinicLettersStay: if they must not leave now, or none of them can be made.
    """
    rows, n_more = access_clinic_letters(caller, action_id, registry_id, clinic_id)
    with acting_for(caller.organisation_id):
        made, left_out = make_letters(rows, caller.now)
    if not made:
        raise ClinicLettersStay(
            f"None of the {len(left_out)} letters could be made. Nothing was given out. The first: "
            f"{left_out[0].because}"
        )
    manifest = write_manifest(_row(each) for each in made)
    files = [(f"{LETTERS}/{shown(each.letter.letter_id)}.pdf", each.pdf.content) for each in made]
    if left_out:
        files.append((LEFT_OUT, _csv(left_out)))
    head: dict[str, str | int] = {
        "action": action_id,
        "clinic": clinic_id,
        "registry": registry_id,
        "template": template_version(),
        "n_left_out": len(left_out),
    }
    folder = find_home().work_folder(caller.organisation_id or 0, "print")
    with tempfile.TemporaryFile(dir=folder) as file:  # it has no name: nothing is left of it
        digest = write_batch(file, head, manifest, files)
        keep_clinic_letters(caller, action_id, made, left_out, digest)
        name = f"letters-to-hand-over-action-{action_id}.zip"
        yield ClinicFile(name, digest, len(made), left_out, n_more), file


@service
def access_clinic_letters(
    work: Work, action_id: int, registry_id: int, clinic_id: str
) -> tuple[list[IssuedLetter], int]:
    """Return the letters that wait at a clinic with all that makes them, and how many more wait.

    Right: operator. Leaves clinic_letters_accessed: who takes them can read them.

    Raises:
        ActionUnknown: if there is no such action.
        ClinicUnknown: if nothing of it waits there.
        ClinicLettersStay: if they must not leave now.
    """
    action = find_action(action_id)
    if told := list(reasons_to_stay(action)):
        raise ClinicLettersStay(
            f"The letters of clinic {clinic_id[:60]!r} cannot leave: {'; '.join(told)}. Nothing "
            "was changed."
        )
    waiting = letters_waiting_at(action, (registry_id, clinic_id), work.now)
    if not waiting:
        raise ClinicUnknown(
            f"No letter of action {action_id} waits at a clinic {clinic_id[:60]!r} of registry "
            f"{registry_id}. Nothing was given out."
        )
    chosen = [row.pk for row in waiting[:MOST]]
    rows = Dispatch.objects.filter(pk__in=chosen)
    issue_letters(rows.filter(issued__isnull=True))
    parts = (
        "dispatch__addressee__key",
        "dispatch__replaces",
        "dispatch__recipient__letter_version__source",
        "dispatch__recipient__release__scope_release__run",
    )
    letters = IssuedLetter.objects.filter(pk__in=chosen).select_related(*parts).order_by("pk")
    work.record(
        "clinic_letters_accessed",
        action_subject(action),
        new={"registry": registry_id, "clinic": clinic_id, "dispatches": chosen},
    )
    return list(letters), len(waiting) - len(chosen)


@service
def keep_clinic_letters(
    work: Work,
    action_id: int,
    made: Sequence[MadeLetter],
    left_out: Sequence[LeftOut],
    file_sha256: str,
) -> None:
    """Keep what makes letters again, before they are given out.

    Right: operator. What could not be made opens a task. Leaves clinic_letters_given_out.

    Raises:
        ActionUnknown: if there is no such action.
        ClinicLettersStay: if one was made by somebody else meanwhile, or does not wait any more.
    """
    action = find_action(action_id)
    for each in made:
        letter, row = each.letter, Dispatch.objects.select_for_update().get(pk=each.letter.pk)
        kept = IssuedLetter.objects.get(pk=letter.pk)
        if row.state != DispatchState.QUEUED or kept.sha256 not in {"", each.pdf.sha256}:
            raise ClinicLettersStay(
                f"Letter {shown(letter.letter_id)} was made or answered meanwhile. Nothing was "
                "given out. Ask for the letters again."
            )
        kept.sha256, kept.n_pages = each.pdf.sha256, each.pdf.n_pages
        kept.written_on, kept.sent_at = letter.written_on, kept.sent_at or work.now
        if each.sealed:
            kept.sealed_sheet = each.sealed
        kept.save()
    persons = Dispatch.objects.filter(pk__in=[each.dispatch_id for each in left_out])
    open_repairs(
        action,
        persons.values_list("person_id", flat=True),
        "a letter for the clinic could not be made",
        work.now,
        str(Channel.CLINIC),
    )
    work.record(
        "clinic_letters_given_out",
        action_subject(action),
        new={
            "dispatches": [each.letter.pk for each in made],
            "left_out": [each.dispatch_id for each in left_out],
            "file_sha256": file_sha256,
        },
    )


def make_letters(
    letters: Sequence[IssuedLetter], now: datetime
) -> tuple[list[MadeLetter], list[LeftOut]]:
    """Return letters of one action as they come out, and those that cannot be made."""
    maker, made, left_out = SheetMaker(letters[0].dispatch.action, now), [], []
    for letter in letters:
        try:
            pdf, sealed = print_checked(letter, maker, now)
            if letter.sha256 not in {"", pdf.sha256}:
                raise ClinicLettersStay(
                    f"The bytes of letter {shown(letter.letter_id)} are not those that were "
                    "validated: template, Typst or fonts of this machine have changed since."
                )
            made.append(MadeLetter(letter, pdf, sealed))
        except TocsinError as error:
            left_out.append(LeftOut(letter.pk, error.sentence[:400]))
    return made, left_out


def _row(each: MadeLetter) -> ManifestRow:
    recipient = each.letter.dispatch.recipient
    return manifest_row(
        shown(each.letter.letter_id),
        each.pdf.sha256,
        each.pdf.n_pages,
        country=recipient.country,
        language=recipient.letter_version.language,
        purpose=each.letter.dispatch.purpose,
    )


def _csv(left_out: Sequence[LeftOut]) -> bytes:
    rows = ({"dispatch": each.dispatch_id, "because": each.because} for each in left_out)
    return rows_csv(("dispatch", "because"), rows).encode()
