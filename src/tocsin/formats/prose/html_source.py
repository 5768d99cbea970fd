"""Web pages and HTML letters: their text, tables kept, scripts and menus left out."""

from html.parser import HTMLParser

from tocsin.formats.prose.document import MAX_TEXT, Cell, Document, Row, Table

_BLOCK_TAGS = (
    "p div br li ul ol h1 h2 h3 h4 h5 h6 section article header footer dt dd dl blockquote pre "
    "main address figure figcaption hr form fieldset details summary"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split(" "))
_WIDE = frozenset(
    {
        "p",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "table",
        "dl",
        "blockquote",
    }
)
_HIDDEN = frozenset(
    {"script", "style", "noscript", "template", "nav", "svg", "select", "button", "iframe", "head"}
)
_MAX_SPAN = 1000
_MAX_CELLS = 200_000


class _TableReader:
    """One table while it is read: rows of cells, those that reach over rows or columns copied."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.rows: list[list[Cell]] = []
        self._pending: dict[int, tuple[int, Cell]] = {}
        self._cell: tuple[int, int, int] | None = None
        self.part = 0
        self._row: list[Cell] | None = None
        self.n_cells = 0

    def open_row(self) -> None:
        self.close_row()
        self._row = []

    def open_cell(self, at: int, part: int, columns: int, rows: int) -> None:
        if self._row is None:
            self.open_row()
        self.part = part
        self._cell = (at, columns, rows)

    def close_cell(self, text: str, at: int) -> None:
        if self._cell is None or self._row is None:
            return
        start, columns, rows = self._cell
        self._cell = None
        raw = text[: at - start]
        bare = raw.strip()
        first = start + (len(raw) - len(raw.lstrip()) if bare else 0)
        cell = Cell(" ".join(bare.split()), first, first + len(bare))
        self._fill()
        for _ in range(min(columns, _MAX_SPAN)):
            if self.n_cells >= _MAX_CELLS:
                return
            if rows > 1:
                self._pending[len(self._row)] = (min(rows, _MAX_SPAN) - 1, cell)
            self._row.append(cell)
            self.n_cells += 1

    def _fill(self) -> None:
        """Put cells of rows above, which reach down, where they belong."""
        while self._row is not None and len(self._row) in self._pending:
            left, cell = self._pending.pop(len(self._row))
            if left > 1:
                self._pending[len(self._row)] = (left - 1, cell)
            self._row.append(cell)

    def close_row(self) -> None:
        if self._row is not None:
            self._fill()
            if self._row:
                self.rows.append(self._row)
        self._row = None

    def table(self, end: int) -> Table | None:
        self.close_row()
        width = max((len(row) for row in self.rows), default=0)
        if len(self.rows) < 2 or width < 2:
            return None
        blank = Cell("", end, end)
        rows: list[Row] = [tuple(row + [blank] * (width - len(row))) for row in self.rows]
        return Table(tuple(rows), self.start, end)


class _PageReader(HTMLParser):
    """Collects the text of a page and where its tables lie in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.length = 0
        self.tables: list[Table] = []
        self.title: str | None = None
        self._hidden: list[str] = []
        self._open: list[_TableReader] = []
        self._in_title = False

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002
        """Read `<![` as browsers do, as a comment; the library raises where no name follows.

        Source: HTML Living Standard, 13.2.5.42, markup declaration open state.
        """
        return self.parse_bogus_comment(i, report)

    def _write(self, text: str) -> None:
        if self.length < MAX_TEXT:
            kept = text[: MAX_TEXT - self.length]
            self.parts.append(kept)
            self.length += len(kept)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = True
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if self._hidden:
            return
        inner = self._open[-1] if self._open else None
        if tag == "table":
            self._write("\n\n")
            if len(self._open) < 20:
                self._open.append(_TableReader(self.length))
        elif inner and tag == "tr":
            self._end_cell(inner)
            inner.open_row()
            self._write("\n")
        elif inner and tag in {"td", "th"}:
            self._end_cell(inner)
            self._write("\t")
            known = dict(attrs)
            inner.open_cell(
                self.length,
                len(self.parts),
                _span(known.get("colspan")),
                _span(known.get("rowspan")),
            )
        elif tag in _BLOCKS:
            self._write(" " if inner else ("\n\n" if tag in _WIDE else "\n"))
            if tag == "li" and not inner:
                self._write("• ")

    def _end_cell(self, table: _TableReader) -> None:
        table.close_cell("".join(self.parts[table.part :]), self.length)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        inner = self._open[-1] if self._open else None
        if inner and tag in {"td", "th", "tr"}:
            self._end_cell(inner)
            if tag == "tr":
                inner.close_row()
        elif inner and tag == "table":
            self._end_cell(inner)
            self._open.pop()
            table = inner.table(self.length)
            if table and not self._open:
                self.tables.append(table)
            self._write("\n\n")
        elif tag in _WIDE:
            self._write(" " if inner else "\n\n")

    def handle_data(self, data: str) -> None:
        if self._in_title and self.title is None:
            self.title = " ".join(data.split()) or None
        if not self._hidden:
            self._write(" ".join(f"x{data}x".split())[1:-1])


def _span(text: str | None) -> int:
    return (
        int(text)
        if text and text.isascii() and text.isdecimal() and len(text) < 5 and int(text)
        else 1
    )


def read_html_document(page: str) -> Document:
    """Return an HTML page as a document; broken markup is read as far as it goes."""
    reader = _PageReader()
    reader.feed(page[: 4 * MAX_TEXT])
    reader.close()
    text = "".join(reader.parts)
    return Document(text, tuple(reader.tables), reader.title)
