"""Texts in order, so that those are found that begin or end alike."""

from bisect import bisect_left
from collections.abc import Iterator

Places = dict[str, list[int]]
"""By a text, the places of what has it."""


class EndIndex:
    """Texts of which one begins or ends with the other."""

    def __init__(self, places: Places) -> None:
        """Take the places of each text."""
        self._places = places
        self._ordered = sorted(places)
        self._backwards = sorted(text[::-1] for text in places)

    def add_related(self, text: str, found: set[int]) -> None:
        """Add the places of all texts that begin or end with this one, or it with them."""
        for end in ends_of(text):
            found.update(self._places.get(end, ()))
        for longer in beginning_with(self._ordered, text):
            found.update(self._places[longer])
        for longer in beginning_with(self._backwards, text[::-1]):
            found.update(self._places[longer[::-1]])


def ends_of(text: str) -> Iterator[str]:
    """Yield every beginning and every end of a text, and the text."""
    for cut in range(1, len(text)):
        yield text[:cut]
        yield text[cut:]
    yield text


def beginning_with(ordered: list[str], start: str) -> Iterator[str]:
    """Yield the texts of a sorted list that begin with one, in order."""
    place = bisect_left(ordered, start)
    while place < len(ordered) and ordered[place].startswith(start):
        yield ordered[place]
        place += 1
