"""Letters from files, without a database: whom a notice concerns, and a PDF for each of them.

No rights are asked: this is the command line on one person's files. Texts come from a folder, or
from our own letters: those of a golden case for its notice, else the general ones in English.
"""

from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from tocsin.base.errors import OutputRefused, TocsinError, UsageError
from tocsin.compute.letter_printing import Printed, print_letters
from tocsin.formats.letter_file import letter_of_text, read_letter_file
from tocsin.notice.model import Notice
from tocsin.outreach.contacts import ContactLine
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_choice import choose_letter, letters_by_key
from tocsin.outreach.letter_fields import (
    Value,
    fill_letter,
    letter_fields,
    notice_values,
)
from tocsin.outreach.postal_address import postal_address
from tocsin.render.letters.pdf import LetterPdf
from tocsin.render.letters.sheet import LetterSheet
from tocsin.services.matching import MatchRun, find_contacts, rows_csv

MANIFEST_COLUMNS = (
    "letter_id", "person", "addressee", "letter", "language", "country", "verdict", "pages",
    "sheets", "sha256", "file",
)  # fmt: skip
WORK_ITEM_COLUMNS = ("person", "addressee", "audience", "country", "code", "what_to_do")
_CASES = {
    "medtronic-minimed-508-paradigm-2019": "a",
    "animas-cartridge-2011": "b",
    "medtronic-implantable-pump-2020": "c",
}


MOST_DEVICES = 20
_DEVICE_COLUMNS = {
    "product": "product",
    "model": "model",
    "serial": "serial",
    "lot": "lot",
    "software": "software_version",
    "quantity": "quantity",
}


@dataclass(frozen=True)
class _Known:
    """What the lists say of holders: where their post goes, which concerned devices they have."""

    addresses: Mapping[str, str]
    devices: Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class LetterOptions:
    """How letters are made.

    Attributes:
        written_on: the date of the letters.
        language: of all letters; None: each in the holder's own.
        sender_line: name and address of who writes, on one line; None: the maker's name.
        values: fields that are given instead of taken from the notice.
        font_folders: folders with more fonts.
        n_processes: how many processes work.
    """

    written_on: date
    language: str | None = None
    sender_line: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    font_folders: Sequence[Path] = ()
    n_processes: int = 1


@dataclass(frozen=True)
class LetterOutcome:
    """What came of one person: a letter's line, or a work item."""

    line: ContactLine
    sheet: LetterSheet | None
    problem: TocsinError | None


def letter_texts(notice: Notice, folder: Path | None) -> list[LetterText]:
    """Return the texts for a notice: general ones first, those of a case or a folder after them.

    Raises:
        LetterInvalid: if a file of the folder is none.
        UsageError: if the folder holds no letter.
    """
    texts = general_texts()
    if case := _CASES.get(notice.notice):
        texts += case_texts(case)
    if folder is not None:
        paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.json")])
        if not paths:
            raise UsageError(f"The folder {folder} holds no letter (*.yaml). Nothing was made.")
        texts += [read_letter_file(path) for path in paths]
    return texts


def general_texts() -> list[LetterText]:
    """Return the general letters, which any notice can fill."""
    return _texts_in("tocsin.outreach", "letters")


def case_texts(case: str) -> list[LetterText]:
    """Return the letters of a golden case."""
    return _texts_in("tocsin.cases", f"letters/{case}")


def make_letter_files(
    run: MatchRun, holders: Path, texts: Sequence[LetterText], options: LetterOptions
) -> list[LetterOutcome]:
    """Return one outcome per person that the first notice of a match concerns.

    Raises:
        UsageError: if a field is given that no letter knows.
    """
    if unknown := set(options.values) - set(letter_fields()):
        raise UsageError(
            f"There is no field {', '.join(sorted(unknown))}. Known are "
            f"{', '.join(letter_fields())}. Nothing was made."
        )
    notice, letters = run.matched.notices[0], letters_by_key(list(texts))
    lines = find_contacts(run, 0, holders)
    known = _Known(_addresses(run), _devices(run))
    return [_outcome(line, notice, letters, known, options) for line in lines]


def write_letters(
    outcomes: Sequence[LetterOutcome],
    folder: Path,
    options: LetterOptions,
    told: Callable[[int, int | None], None],
) -> tuple[int, int]:
    """Write a PDF per letter, ``manifest.csv`` and ``work-items.csv``; return how many of each.

    Raises:
        OutputRefused: if the folder holds something already.
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    ready = [each for each in outcomes if each.sheet is not None]
    sheets = [each.sheet for each in ready if each.sheet is not None]
    rows: list[dict[str, object]] = []
    problems = [(each.line, each.problem) for each in outcomes if each.problem is not None]
    printed = print_letters(sheets, options.font_folders, n_processes=options.n_processes)
    for number, (each, made) in enumerate(_side_by_side(ready, printed), 1):
        if isinstance(made, LetterPdf) and each.sheet is not None:
            name = f"{each.sheet.letter_id}.pdf"
            (folder / name).write_bytes(made.content)
            rows.append(_manifest_row(each.line, each.sheet, made, name))
        elif isinstance(made, TocsinError):
            problems.append((each.line, made))
        told(number, len(sheets))
    items = [_work_item(line, problem) for line, problem in problems]
    (folder / "manifest.csv").write_text(rows_csv(MANIFEST_COLUMNS, iter(rows)), "utf-8")
    (folder / "work-items.csv").write_text(rows_csv(WORK_ITEM_COLUMNS, iter(items)), "utf-8")
    return len(rows), len(items)


def letter_id_of(*parts: str) -> str:
    """Return the id of a letter that no database numbers: the same for the same parts.

    >>> letter_id_of("notice", "1", "holder", "patient-affected", "en")
    'T-SQLE-6I6Z-L75Z'
    """
    digest = b32encode(sha256("\x1f".join(parts).encode()).digest()).decode()[:12]
    return f"T-{digest[:4]}-{digest[4:8]}-{digest[8:]}"


def _outcome(
    line: ContactLine,
    notice: Notice,
    letters: Mapping[tuple[str, str, str], LetterText],
    known: _Known,
    options: LetterOptions,
) -> LetterOutcome:
    try:
        return LetterOutcome(line, _sheet(line, notice, letters, known, options), None)
    except TocsinError as error:
        return LetterOutcome(line, None, error)


def _sheet(
    line: ContactLine,
    notice: Notice,
    letters: Mapping[tuple[str, str, str], LetterText],
    known: _Known,
    options: LetterOptions,
) -> LetterSheet:
    text = choose_letter(line, letters, options.language)
    values: dict[str, Value] = notice_values(notice, text.audience, line.country or None)
    filled = fill_letter(text, {**values, **options.values})
    posted = known.addresses.get(line.addressee_id, "")
    address = postal_address(line.name, posted, f"holder {line.addressee_id}")
    maker = str(values["maker"])
    parts = (notice.notice, str(notice.revision), line.holder_id, text.letter, text.language)
    return LetterSheet(
        filled,
        letter_id_of(*parts),
        maker,
        options.sender_line or maker,
        address,
        options.written_on,
        reference=f"{notice.notice}, {notice.revision}",
        devices=known.devices.get(line.holder_id, ()),
        is_unreviewed=text.prepared_by == "machine",
    )


def _devices(run: MatchRun) -> dict[str, list[dict[str, str]]]:
    """Return what each holder has that is affected or cannot be told, up to `MOST_DEVICES`."""
    from tocsin.compute.verdict_table import output_relation  # noqa: PLC0415 - slow to import

    table = output_relation(run.matched)
    columns = {name: column for name, column in _DEVICE_COLUMNS.items() if column in table.columns}
    if "holder_id" not in table.columns or not columns:
        return {}
    wanted = table.select("holder_id", *columns.values()).distinct()
    found: dict[str, list[dict[str, str]]] = {}
    for holder, *values in run.matched.duck.rows(wanted.order_by("holder_id")):
        held = found.setdefault(holder or "", [])
        if len(held) < MOST_DEVICES:
            texts = ("" if value is None else str(value) for value in values)
            held.append(dict(zip(columns, texts, strict=True)))
    return found


def _addresses(run: MatchRun) -> dict[str, str]:
    """Return where each holder's post goes, lines joined as in the list."""
    found = run.matched.duck.connection.execute(
        "SELECT holder_id, address_lines FROM holders WHERE address_lines IS NOT NULL"
    )
    return dict(found.fetchall())


def _side_by_side(
    ready: Iterable[LetterOutcome], printed: Iterable[Printed]
) -> Iterator[tuple[LetterOutcome, Printed]]:
    return zip(ready, printed, strict=True)


def _manifest_row(
    line: ContactLine, sheet: LetterSheet, made: LetterPdf, name: str
) -> dict[str, object]:
    return {
        "letter_id": sheet.letter_id,
        "person": line.holder_id,
        "addressee": line.addressee_id,
        "letter": sheet.text.letter,
        "language": sheet.text.language,
        "country": line.country,
        "verdict": line.why,
        "pages": made.n_pages,
        "sheets": (made.n_pages + 1) // 2,
        "sha256": made.sha256,
        "file": name,
    }


def _work_item(line: ContactLine, problem: TocsinError) -> dict[str, object]:
    return {
        "person": line.holder_id,
        "addressee": line.addressee_id,
        "audience": line.audience,
        "country": line.country,
        "code": problem.code,
        "what_to_do": problem.sentence,
    }


def check_folder(folder: Path) -> None:
    """Check that letters can be written into a folder; it is made when there are some.

    Raises:
        OutputRefused: if it holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputRefused(
            f"{folder} is not an empty folder. Nothing was written: letters of two runs must not "
            "be mixed. Name a new folder."
        )


def _texts_in(package: str, folder: str) -> list[LetterText]:
    found = files(package) / "data"
    for part in folder.split("/"):
        found /= part
    names = sorted(each.name for each in found.iterdir() if each.name.endswith(".yaml"))
    return [letter_of_text((found / name).read_text("utf-8"), Path(name)) for name in names]
