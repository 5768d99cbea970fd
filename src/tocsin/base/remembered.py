"""What was worked out from something, remembered while it is that very thing."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by their key, for one source at a time; too many are forgotten all at once.

    >>> source, other = ["a list"], ["a list"]
    >>> kept = Remembered(most=2)
    >>> kept.of(source)["x"] = 1
    >>> kept.of(source), kept.of(other), kept.of(source)
    ({'x': 1}, {}, {})
    """

    def __init__(self, most: int = 4096) -> None:
        """Remember at most so many values."""
        self._most = most
        self._kept: tuple[object, dict[K, V]] = (object(), {})

    def of(self, source: object) -> dict[K, V]:
        """Return what is remembered of a source: nothing, if it is another object than before."""
        of_source, values = self._kept
        if of_source is not source or len(values) >= self._most:
            values = {}
            self._kept = (source, values)
        return values
