"""The file that comes back from a print house: letter id, what became of it, on which day."""

import csv
import io
from collections.abc import Sequence
from datetime import date

from tocsin.base.errors import TocsinError
from tocsin.outreach.print_report import LetterOutcome, ReportLine, SetAside

COLUMNS = ("letter_id", "outcome", "date")
MOST_BYTES = 20_000_000
_WORDS = {
    "printed": LetterOutcome.PRINTED,
    "posted": LetterOutcome.POSTED,
    "spoiled": LetterOutcome.SPOILED,
    "spoilt": LetterOutcome.SPOILED,
    "returned": LetterOutcome.RETURNED,
}


class PrintReportUnreadable(TocsinError):
    """The file is no report of a print house."""

    code = "print_report_unreadable"


def read_print_report(content: bytes) -> tuple[list[ReportLine], list[SetAside]]:
    """Return the lines of a report, and those that cannot be read.

    Args:
        content: CSV in UTF-8, with comma or semicolon; a head with the names in `COLUMNS`, in any
            order, and others beside them, which are not read.

    Raises:
        PrintReportUnreadable: if it is no such file at all.
    """
    if len(content) > MOST_BYTES:
        raise _unfit(f"it has {len(content):,} bytes, and at most {MOST_BYTES:,} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unfit(f"byte {error.start + 1} is no UTF-8") from error
    head = text.partition("\n")[0]
    between = ";" if head.count(";") > head.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        places = [names.index(name) for name in COLUMNS]
    except (ValueError, csv.Error) as error:
        found = ", ".join(names)[:120] if "names" in locals() else ""
        raise _unfit(
            f"its first line must name {', '.join(COLUMNS)}; it is {found or 'empty'!r}"
        ) from error
    lines: list[ReportLine] = []
    aside: list[SetAside] = []
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            read = _read(rows.line_num, cells, places)
            if isinstance(read, ReportLine):
                lines.append(read)
            else:
                aside.append(read)
    except csv.Error as error:
        raise _unfit(f"line {rows.line_num}: {error}") from error
    return lines, aside


def _read(number: int, cells: Sequence[str], places: Sequence[int]) -> ReportLine | SetAside:
    if max(places) >= len(cells):
        return _aside(number, f"it has {len(cells)} cells, too few")
    letter_id, outcome, day = (cells[place].strip() for place in places)
    known = _WORDS.get(outcome.lower())
    if known is None:
        return _aside(number, f"{outcome[:20]!r} is none of {', '.join(_WORDS)}")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return _aside(number, f"{day[:20]!r} is no day such as 2026-12-01")
    return ReportLine(number, letter_id.upper().replace(" ", ""), known, on)


def _aside(number: int, why: str) -> SetAside:
    return SetAside(number, "unreadable", f"Line {number}: {why}.")


def _unfit(why: str) -> PrintReportUnreadable:
    return PrintReportUnreadable(
        f"The file is no report of a print house: {why}. Nothing was changed. It must be CSV with "
        f"the columns {', '.join(COLUMNS)}."
    )
