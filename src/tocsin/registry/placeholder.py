"""What only looks like a value: words, fillers and days that say "nothing known".

Such a value counts as missing. Taken for a real one it could clear a device: the product
"see label" is no other product, 1900-01-01 is no day before the scope began.
"""

from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.day import Days, parse_days

_MIN_FILLERS = 3


class _PlaceholderFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    words: tuple[tuple[str, ...], ...]
    fillers: str
    days: tuple[str, ...]
    first_year: int
    last_year: int


@dataclass(frozen=True)
class _Placeholders:
    words: frozenset[str]
    fillers: frozenset[str]
    days: frozenset[Days]
    years: range


@cache
def _known() -> _Placeholders:
    path = data_folder("tocsin.registry") / "placeholders.yaml"
    read = load_data_file(path, _PlaceholderFile)
    return _Placeholders(
        words=frozenset(word.casefold() for line in read.words for word in line),
        fillers=frozenset(read.fillers.split()),
        days=frozenset(map(parse_days, read.days)),
        years=range(read.first_year, read.last_year + 1),
    )


def is_placeholder(text: str) -> bool:
    """Return whether a text, without surrounding space, says that nothing is known.

    >>> is_placeholder("See label"), is_placeholder("XXX"), is_placeholder("GWX001")
    (True, True, False)
    """
    folded = text.casefold()
    if folded in _known().words:
        return True
    return len(folded) >= _MIN_FILLERS and len(set(folded)) == 1 and folded[0] in _known().fillers


def placeholder_words() -> frozenset[str]:
    """Return the words that say that nothing is known, casefolded."""
    return _known().words


def is_placeholder_day(days: Days) -> bool:
    """Return whether a date is one that programs write for none, or that no device can have.

    >>> is_placeholder_day(parse_days("1900-01-01")), is_placeholder_day(parse_days("2011-01"))
    (True, False)
    """
    return days.first.year not in _known().years or days in _known().days
