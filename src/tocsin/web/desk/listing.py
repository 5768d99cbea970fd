"""Lists at the desk: heads that sort by links, pages, and what stays in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest

Row = TypeVar("Row")
SORT, PAGE = "sort", "page"


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of a list.

    Attributes:
        key: its name in the address.
        label: its head.
        by: what rows are sorted by; None: it does not sort.
        is_number: whether it stands at the end of its cell.
    """

    key: str
    label: str
    by: Callable[[Row], Any] | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Head:
    """What the head of a column shows: see ``web/desk/parts/table_head.html``."""

    label: str
    href: str
    aria_sort: Literal["ascending", "descending", "none", ""]
    is_number: bool


@dataclass(frozen=True)
class PageLinks:
    """Where in a long list one is: see ``web/desk/parts/page_links.html``."""

    number: int
    n_pages: int
    n_rows: int
    earlier: str
    later: str


class Listing(Generic[Row]):
    """Rows of a list in the order, and on the page, that the address asks for.

    Attributes:
        rows: those of this page.
        heads: one for each column.
        links: to the other pages.
        n_rows: how many there are on all pages.
    """

    def __init__(
        self,
        request: HttpRequest,
        rows: Sequence[Row],
        columns: Sequence[Column[Row]],
        *,
        sort: str = "",
        per_page: int = 50,
    ) -> None:
        """Sort and cut the rows.

        Args:
            request: its address says ``?sort=-opened_at&page=2``, and the filters.
            rows: all that were found.
            columns: the columns, in the order of the table.
            sort: the order if the address asks for none: a key, with ``-`` the other way round;
                empty: as the rows came.
            per_page: the most rows on a page.
        """
        self._address = {key: value for key, value in request.GET.items() if key != PAGE}
        self._sort = request.GET.get(SORT, sort)
        self._by_key = {column.key: column for column in columns}
        self.n_rows = len(rows)
        n_pages = max(1, -(-len(rows) // per_page))
        asked = request.GET.get(PAGE, "1")
        number = min(max(int(asked), 1), n_pages) if asked.isdecimal() and len(asked) < 9 else 1
        self.rows = self._sorted(rows)[(number - 1) * per_page : number * per_page]
        self.heads = [self._head(column) for column in columns]
        self.links = PageLinks(
            number,
            n_pages,
            len(rows),
            self._to(self._address | {PAGE: number - 1}) if number > 1 else "",
            self._to(self._address | {PAGE: number + 1}) if number < n_pages else "",
        )

    def _sorted(self, rows: Sequence[Row]) -> Sequence[Row]:
        column = self._by_key.get(self._sort.removeprefix("-"))
        if column is None or column.by is None:
            return rows
        by = column.by
        return sorted(
            rows,
            key=lambda row: (by(row) is None, by(row) if by(row) is not None else 0),
            reverse=self._sort.startswith("-"),
        )

    def _head(self, column: Column[Row]) -> Head:
        if column.by is None:
            return Head(column.label, "", "", column.is_number)
        is_down = self._sort == f"-{column.key}"
        is_up = self._sort == column.key
        href = self._to(self._address | {SORT: f"-{column.key}" if is_up else column.key})
        state: Literal["ascending", "descending", "none"] = (
            "ascending" if is_up else "descending" if is_down else "none"
        )
        return Head(column.label, href, state, column.is_number)

    @staticmethod
    def _to(values: Mapping[str, Any]) -> str:
        return f"?{urlencode(values)}"
