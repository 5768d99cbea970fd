"""GS1's application identifiers: the shape of each value, and what ends it."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from pydantic import BaseModel

from tocsin.identify.data_file import data_folder, load_data_file

_CLASSES = {
    "n": "[0-9]",
    "x": '[!-"%-?A-Z_a-z]',
    "y": "[#/0-9A-Z-]",
    "z": "[0-9A-Z_a-z=-]",
}
_COMPONENT = re.compile(r"([nxyz])([0-9]+)(?:-([0-9]+))?(\?)?")

_MEASURE_LENGTH = 6
_ZERO = ord("0")

_Codes = list[int | str]


class _File(BaseModel, extra="forbid"):
    source: dict[str, object]
    fixed: dict[str, _Codes]
    measures: _Codes
    separated: dict[str, _Codes]
    keys: dict[str, str]
    words: dict[str, str]


class Table:
    """The identifiers by number.

    Attributes:
        formats: how the value of each identifier is built.
        fixed: the length of each value that ends without a separator.
        keys: what a Digital Link can be about, with the qualifiers allowed after it.
        words: names that older links use for numbers.
    """

    def __init__(self, file: _File) -> None:
        self.fixed: dict[str, int] = {}
        measures = [f"{stem}{digit}" for stem in _expand(file.measures) for digit in range(6)]
        for written, codes in file.fixed.items():
            self.fixed.update(dict.fromkeys(_expand(codes), int(written[1:])))
        self.fixed.update(dict.fromkeys(measures, _MEASURE_LENGTH))
        self.formats = {code: f"n{length}" for code, length in self.fixed.items()}
        for written, codes in file.separated.items():
            self.formats.update(dict.fromkeys(_expand(codes), written))
        self.keys = {
            key: tuple(tuple(way.split(",")) if way else () for way in ways.split("|"))
            for key, ways in file.keys.items()
        }
        self.words = file.words


@cache
def identifiers() -> Table:
    """Return GS1's application identifiers."""
    file = load_data_file(data_folder("tocsin.identify") / "gs1_identifiers.yaml", _File)
    return Table(file)


@lru_cache(maxsize=1024)
def value_pattern(identifier: str) -> re.Pattern[str]:
    """Return what a value of a known identifier looks like."""
    parts = []
    for kind, low, high, optional in _COMPONENT.findall(identifiers().formats[identifier]):
        repeat = f"{{{low},{high}}}" if high else f"{{{low}}}"
        parts.append(f"(?:{_CLASSES[kind]}{repeat}){optional}")
    return re.compile("".join(parts))


def has_right_check_digit(gtin: str) -> bool:
    """Return whether the last digit of a GTIN is its check digit.

    >>> has_right_check_digit("00718175003305")
    True
    """
    codes = gtin.encode("ascii")
    singly, threefold = codes[-1::-2], codes[-2::-2]
    total = sum(singly) + 3 * sum(threefold) - _ZERO * (len(singly) + 3 * len(threefold))
    return total % 10 == 0


def _expand(codes: _Codes) -> Iterator[str]:
    for code in codes:
        first, _, last = str(code).partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield str(number).zfill(len(first))
