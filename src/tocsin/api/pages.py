"""Long lists in pages: where the next one begins is told by a cursor that only we can make.

A page begins behind the key of the last item that was shown, not at a number of items, so that
nothing is shown twice or left out when others come in meanwhile.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from pydantic import BaseModel, Field

from tocsin.base.errors import TocsinError

T = TypeVar("T")
KeyPart = int | str
ItemKey = tuple[KeyPart, ...]
DEFAULT_LIMIT = 50
_SALT = "tocsin.api.cursor"


class CursorUnfit(TocsinError):
    """A cursor is none of ours, or was given for another list."""

    code = "cursor_unfit"


class Page(BaseModel, Generic[T]):
    """Some items of a list, and where the next ones begin."""

    items: list[T]
    next: str | None = Field(
        None, description="Send it as `cursor` for the next page; null: this is the last one."
    )


@dataclass(frozen=True)
class Sought(Generic[T]):
    """A page that a service has sought itself: its items, and the key behind which to go on."""

    items: Sequence[T]
    next: ItemKey | None


@dataclass(frozen=True)
class Order:
    """How a list is ordered.

    Attributes:
        key: returns what no two items have in common.
        is_descending: whether the greatest comes first.
    """

    key: Callable[[Any], ItemKey]
    is_descending: bool = False


def take_page(
    items: Iterable[Any], order: Order, limit: int, after: ItemKey | None
) -> tuple[list[Any], ItemKey | None]:
    """Return the items of a page, and the key of its last one if there are more behind it.

    >>> take_page("dacb", Order(lambda item: (item,)), 2, ("a",))
    (['b', 'c'], ('c',))
    """
    ordered = sorted(items, key=order.key, reverse=order.is_descending)
    if after is not None:
        ordered = [item for item in ordered if _is_behind(order, item, after)]
    shown = ordered[:limit]
    return shown, order.key(shown[-1]) if len(ordered) > limit else None


def write_cursor(key: ItemKey | None, of_list: str) -> str | None:
    """Return the cursor of the page behind a key; None if there is no key."""
    if key is None:
        return None
    return signing.dumps([of_list, list(key)], salt=_SALT)


def read_cursor(cursor: str | None, of_list: str) -> ItemKey | None:
    """Return the key behind which a page begins; None for the first one.

    Args:
        cursor: as it was sent.
        of_list: which list, with its filters and whose it is.

    Raises:
        CursorUnfit: if it was not made by us for this very list.
    """
    if cursor is None:
        return None
    try:
        made_for, key = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise _unfit() from error
    if made_for != of_list:
        raise _unfit()
    return tuple(key)


def _is_behind(order: Order, item: Any, after: ItemKey) -> bool:
    key = order.key(item)
    return key < after if order.is_descending else key > after


def _unfit() -> CursorUnfit:
    return CursorUnfit(
        "The cursor was not given for this list with these filters. Nothing was read. Begin again "
        "without a cursor."
    )
