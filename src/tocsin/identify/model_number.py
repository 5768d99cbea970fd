"""Model and catalogue numbers: when two are the same, and when they only look alike."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tocsin.base.truth import Truth

MIN_LENGTH = 3
"""A number of fewer letters and digits ("X2") is no full model number."""

_RUNS = re.compile(r"[A-Z]+|\d+")
_CLASSES = re.compile(r"[A-Z]+|\d+|-+")
_MAX_DIGITS_APART = 2


@dataclass(frozen=True)
class ModelNumber:
    """A model or catalogue number: upper case, no spaces, without the maker's prefix."""

    text: str

    @cached_property
    def squeezed(self) -> str:
        """Return the number without hyphens: equal ones are the same number."""
        return self.text.replace("-", "")

    @cached_property
    def skeleton(self) -> str:
        """Return the number without leading zeros and other marks.

        Equal skeletons are only candidates: a lost zero may be another number.
        """
        return "".join(run.lstrip("0") or "0" for run in _RUNS.findall(self.text))

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

    @cached_property
    def scheme(self) -> tuple[str, int]:
        """Return the number's build (letters, digits, hyphens) and its first count of digits."""
        build, first_digits = [], 0
        for run in _CLASSES.findall(self.text):
            if run.isdigit():
                first_digits = first_digits or len(run)
                build.append("9")
            else:
                build.append("-" if run[0] == "-" else "A")
        return "".join(build), first_digits


@lru_cache(maxsize=262144)
def model_number(text: str) -> ModelNumber:
    """Return the model number that a normalised text states."""
    return ModelNumber(text)


class NumberList:
    """The numbers that an entry lists, ready to compare with a record's."""

    def __init__(self, numbers: Iterable[ModelNumber]) -> None:
        """Index the listed numbers."""
        self.numbers = tuple(dict.fromkeys(numbers))
        self.squeezed = frozenset(number.squeezed for number in self.numbers)
        self._skeletons = frozenset(number.skeleton for number in self.numbers)
        self._stems = frozenset(stem for number in self.numbers for stem in number.stems)
        self._schemes = frozenset(number.scheme for number in self.numbers)

    def __bool__(self) -> bool:
        return bool(self.numbers)

    def compare(self, number: ModelNumber) -> Truth:
        """Return whether the list holds a number.

        UNKNOWN where one is the other cut short, continued, or without its zeros or marks.
        """
        if number.squeezed in self.squeezed:
            return Truth.TRUE
        if number.skeleton in self._skeletons or number.squeezed in self._stems:
            return Truth.UNKNOWN
        if not self.squeezed.isdisjoint(number.stems):
            return Truth.UNKNOWN
        return Truth.FALSE

    def has_scheme_of(self, number: ModelNumber) -> bool:
        """Whether some listed number is built alike, so that both can be of one list.

        IR1200 (a model) and 100-200-00 (a catalogue number) are not: that the one is not
        listed says nothing about the other.
        """
        build, digits = number.scheme
        return any(
            (listed.startswith(build) or build.startswith(listed))
            and abs(digits - listed_digits) <= _MAX_DIGITS_APART
            for listed, listed_digits in self._schemes
        )
