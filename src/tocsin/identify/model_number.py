"""Model and catalogue numbers: when two are the same, and when they only look alike."""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import NamedTuple

from tocsin.base.truth import Truth
from tocsin.identify.spelling import without_lookalikes

MIN_LENGTH = 3
"""A number of fewer letters and digits ("X2") is no full model number."""

_RUNS = re.compile(r"[A-Z]+|\d+")
_CLASSES = re.compile(r"[A-Z]+|\d+|-+")
_RANGE = re.compile(r"([A-Z]*)(\d+)-([A-Z]*)(\d+)")
_LEAD = re.compile(r"([A-Z]*)(\d+)")
_PATTERN = re.compile(r"[0-9]X{2,}|[*?]")
_MAX_DIGITS_APART = 2


Scheme = tuple[str, int]
"""How a number is built: letters, digits and hyphens in order, and how many digits first."""


class ModelNumber:
    """A model or catalogue number: upper case, no spaces, without the maker's prefix.

    Attributes:
        text: the number with its hyphens.
        squeezed: without hyphens: equal ones are the same number.
    """

    def __init__(self, text: str) -> None:
        """Take the normalised text."""
        self.text = text
        self.squeezed = text.replace("-", "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelNumber) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"ModelNumber({self.text!r})"

    @cached_property
    def skeletons(self) -> frozenset[str]:
        """Return the number without leading zeros and other marks, twice.

        The second time letters that look like digits count as digits. Numbers that share a
        skeleton are only candidates: a lost zero, or an O for a 0, may be another number.
        """
        return frozenset(map(_without_zeros, (self.text, without_lookalikes(self.text))))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Return where the number may have been cut short, at either end, or continued.

        A cut lies at a hyphen or wherever not both neighbours are digits: 4000-0105 is a
        stem of 4000-0105-50, but 51 is none of 511.
        """
        squeezed, hyphens, place = self.squeezed, set(), 0
        for piece in self.text.split("-")[:-1]:
            place += len(piece)
            hyphens.add(place)
        found = set()
        for cut in range(1, len(squeezed)):
            if cut in hyphens or not (squeezed[cut - 1].isdigit() and squeezed[cut].isdigit()):
                found |= {squeezed[:cut], squeezed[cut:]}
        return frozenset(found)

    @property
    def is_pattern(self) -> bool:
        """Whether it leaves digits open, as in 7XX or 7**."""
        return _PATTERN.search(self.text) is not None

    @cached_property
    def scheme(self) -> Scheme:
        """Return the number's build and its first count of digits.

        A hyphen between letters and digits does not count: EX-100 is built like EX100. How
        many letters come first does: UFH620 and G23436 are of two lists.
        """
        build, first_digits = [], 0
        for run in _CLASSES.findall(self.text):
            if run.isdigit():
                first_digits = first_digits or len(run)
                build.append("9")
            else:
                build.append("-" if run[0] == "-" else "A" * (1 if build else len(run)))
        return "".join(build).replace("A-9", "A9").replace("9-A", "9A"), first_digits


def _without_zeros(text: str) -> str:
    return "".join(run.lstrip("0") or "0" for run in _RUNS.findall(text))


@lru_cache(maxsize=262144)
def model_number(text: str) -> ModelNumber:
    """Return the model number that a normalised text states."""
    return ModelNumber(text)


class ModelRange(NamedTuple):
    """A range of models in a text (MX400-MX850): which numbers exist in it, nobody says."""

    letters: str
    first: int
    last: int

    def may_hold(self, number: ModelNumber) -> bool:
        """Whether a number lies in the range by its letters and first digits."""
        lead = _LEAD.match(number.squeezed)
        return (
            lead is not None and lead[1] == self.letters and self.first <= int(lead[2]) <= self.last
        )


def find_range(piece: str) -> ModelRange | None:
    """Return the range that a piece of a text states, if it may be one.

    >>> find_range("MX400-550")
    ModelRange(letters='MX', first=400, last=550)
    """
    found = _RANGE.fullmatch(piece)
    if found is None or found[3] not in {"", found[1]}:
        return None
    first, last = int(found[2]), int(found[4])
    if first >= last or not (found[1] or len(found[2]) == len(found[4])):
        return None
    return ModelRange(found[1], first, last)


class NumberList:
    """The numbers that an entry lists, ready to compare with a record's."""

    def __init__(self, numbers: Iterable[ModelNumber]) -> None:
        """Index the listed numbers."""
        self.numbers = tuple(dict.fromkeys(numbers))
        self.squeezed = frozenset(number.squeezed for number in self.numbers)

    @cached_property
    def _skeletons(self) -> frozenset[str]:
        return frozenset(found for number in self.numbers for found in number.skeletons)

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(stem for number in self.numbers for stem in number.stems)

    @cached_property
    def _schemes(self) -> frozenset[Scheme]:
        return frozenset(number.scheme for number in self.numbers)

    def __bool__(self) -> bool:
        return bool(self.numbers)

    def compare(self, number: ModelNumber) -> Truth:
        """Return whether the list holds a number.

        UNKNOWN where one is the other cut short, continued, without its zeros or marks, or with
        letters that look like its digits.
        """
        if number.squeezed in self.squeezed:
            return Truth.TRUE
        if number.is_pattern or not self._skeletons.isdisjoint(number.skeletons):
            return Truth.UNKNOWN
        if number.squeezed in self._stems or not self.squeezed.isdisjoint(number.stems):
            return Truth.UNKNOWN
        return Truth.FALSE

    def has_scheme(self, scheme: Scheme) -> bool:
        """Whether some listed number is built alike, so that both can be of one list.

        IR1200 (a model) and 100-200-00 (a catalogue number) are not: that the one is not
        listed says nothing about the other.
        """
        build, digits = scheme
        return any(
            _is_like_build(build, listed) and abs(digits - listed_digits) <= _MAX_DIGITS_APART
            for listed, listed_digits in self._schemes
        )


def _is_like_build(one: str, other: str) -> bool:
    """Whether two numbers are built alike up to a suffix without a hyphen."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and "-" not in longer[len(shorter) :]
