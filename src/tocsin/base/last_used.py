"""What was made of something that never changes, kept in this process while it is asked for."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

V = TypeVar("V")
_ALL: WeakSet["LastUsed[Any]"] = WeakSet()


class LastUsed(Generic[V]):
    """The values that were asked for last, by keys that say all that a value depends on.

    >>> squares = LastUsed[int](most=2)
    >>> squares.get(7, lambda: 7 * 7)
    49
    """

    def __init__(self, most: int) -> None:
        """Keep so many values at most: who was not asked for the longest leaves."""
        self._most = most
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()
        _ALL.add(self)

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of a key; two threads may both make it, and one of the two stays."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        return self.put(key, make())

    def find(self, key: Hashable) -> V | None:
        """Return the value of a key, if it is kept."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: Hashable, value: V) -> V:
        """Keep a value in the place of what its key had."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def forget(self) -> None:
        """Keep nothing of it."""
        with self._lock:
            self._values.clear()


class Same:
    """An object as a part of a key: equal to nothing but itself, and alive while it is asked for.

    >>> kept, notices = LastUsed[int](most=2), ["a list"]
    >>> kept.get(Same(notices), lambda: 1), kept.get(Same(notices), lambda: 2)
    (1, 1)
    >>> kept.get(Same(["a list"]), lambda: 3)
    3
    """

    __slots__ = ("_one",)

    def __init__(self, one: object) -> None:
        """Take the object."""
        self._one = one

    def __eq__(self, other: object) -> bool:
        """Whether the other is about the very same object."""
        return isinstance(other, Same) and self._one is other._one

    def __hash__(self) -> int:
        """Return the hash of the object's identity."""
        return id(self._one)


def forget_all() -> None:
    """Keep nothing in this process: the database under it is another one from now on."""
    for each in list(_ALL):
        each.forget()
