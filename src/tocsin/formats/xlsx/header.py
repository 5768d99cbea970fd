"""Where a sheet's header is, and what its columns are called, merged cells resolved.

Titles stand above a header, and groups ("Device" over "Model" and "Serial") in its first row.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin.base.errors import RegistryUnreadable
from tocsin.formats.xlsx.cells import Merged, SheetRow, column_letters
from tocsin.registry.column_names import is_known_name
from tocsin.registry.schema import COLUMNS

LOOKED_AT_ROWS = 25
_ENOUGH_NAMES = 2
_ENOUGH_FILLED = 0.6


@dataclass(frozen=True)
class SheetHeader:
    """The header of a sheet.

    Attributes:
        names: column place -> name; places without a name are left out.
        last_row: the number of its last row; records stand below.
        notes: sentences about what was decided.
    """

    names: dict[int, str]
    last_row: int
    notes: tuple[str, ...]


def find_header(
    rows: Sequence[SheetRow], merged: Sequence[Merged], path: Path, wanted: int | None = None
) -> SheetHeader:
    """Return the header among the first rows of a sheet.

    Args:
        rows: the first rows that hold anything.
        merged: the sheet's merged cells.
        path: the file, for the sentences.
        wanted: the number of the header's row, if somebody said it.

    Raises:
        RegistryUnreadable: if there is none, or a name of ours stands there twice.
    """
    if not rows:
        raise RegistryUnreadable(f"The sheet of {path} is empty. There is nothing to match.")
    row = _chosen(rows, path, wanted)
    block = _block(row, rows, merged)
    names = _names(block, merged)
    _check_names(names, path)
    notes = []
    above = [one for one in rows if one.number < block[0].number]
    if above:
        title = str(next(iter(above[0].cells.values())))[:60]
        rows_above = f"the {len(above)} rows" if len(above) > 1 else "the row"
        notes.append(
            f"Row {row.number} of {path.name} was read as its header; {rows_above} above it "
            f"({title!r} ...) was left out."
        )
    if any(one.top > block[-1].number for one in merged):
        notes.append(
            f"{path.name} has merged cells below its header: only the first row of each has the "
            "value, the others count as empty."
        )
    return SheetHeader(names, block[-1].number, tuple(notes))


def _texts(row: SheetRow) -> list[str]:
    return [cell for cell in row.cells.values() if isinstance(cell, str) and cell.strip()]


def _chosen(rows: Sequence[SheetRow], path: Path, wanted: int | None) -> SheetRow:
    if wanted is not None:
        found = next((row for row in rows if row.number == wanted), None)
        if found is None:
            raise RegistryUnreadable(
                f"Row {wanted} of {path}, the header by the mapping, is empty. Nothing was read."
            )
        return found
    looked_at = rows[:LOOKED_AT_ROWS]
    known = [sum(map(is_known_name, _texts(row))) for row in looked_at]
    if max(known) >= _ENOUGH_NAMES:
        return looked_at[known.index(max(known))]
    widest = max(len(row.cells) for row in looked_at)
    for row in looked_at:
        if len(_texts(row)) == len(row.cells) >= _ENOUGH_FILLED * widest:
            return row
    return looked_at[0]


def _block(row: SheetRow, rows: Sequence[SheetRow], merged: Sequence[Merged]) -> list[SheetRow]:
    """Return the rows of the header: groups above it, and what it shares cells with."""
    first = last = row.number
    for one in merged:
        if one.top <= row.number <= one.bottom and one.bottom > one.top:
            first, last = min(first, one.top), max(last, one.bottom)
    above = next((r for r in reversed(rows) if r.number == first - 1), None)
    if above and len(above.cells) > 1:
        groups = [m for m in merged if m.top == m.bottom == above.number and m.right > m.left]
        if groups:
            first = above.number
    return [r for r in rows if first <= r.number <= last]


def _names(block: Sequence[SheetRow], merged: Sequence[Merged]) -> dict[int, str]:
    """Return the lowest text of every column; the group's text where that repeats."""
    shown: list[dict[int, str]] = []
    for row in block:
        texts = {place: " ".join(str(text).split()) for place, text in _shown(row).items()}
        for one in merged:
            if one.top == row.number and one.left in texts:
                texts |= dict.fromkeys(range(one.left, one.right + 1), texts[one.left])
        shown.append(texts)
    below = {place: text for texts in shown for place, text in texts.items()}
    counts = Counter(below.values())
    names = {}
    for place, text in sorted(below.items()):
        above = [texts[place] for texts in shown if place in texts and texts[place] != text]
        names[place] = " ".join([*above, text]) if counts[text] > 1 else text
    return _told_apart(names)


def _told_apart(names: dict[int, str]) -> dict[int, str]:
    """Add the column's letters to names that repeat, except where they are ours."""
    counts = Counter(name.casefold() for name in names.values())
    return {
        place: f"{name} ({column_letters(place)})"
        if counts[name.casefold()] > 1 and name not in COLUMNS
        else name
        for place, name in names.items()
    }


def _shown(row: SheetRow) -> dict[int, str]:
    return {
        place: cell if isinstance(cell, str) else cell.stored
        for place, cell in row.cells.items()
        if not isinstance(cell, str) or cell.strip()
    }


def _check_names(names: dict[int, str], path: Path) -> None:
    repeated = sorted(name for name, count in Counter(names.values()).items() if count > 1)
    if repeated:
        raise RegistryUnreadable(
            f"The header of {path} names {', '.join(repeated)} more than once. Rename one of "
            "them; nothing was read."
        )
