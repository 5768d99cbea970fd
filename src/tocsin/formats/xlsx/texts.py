"""The shared texts of a workbook, which its cells name by number.

Source: ECMA-376 part 1, 18.4 (shared string table).
"""

from tocsin.formats.xlsx.package import MAX_TEXT_BYTES, Attributes, Workbook, parse_xml


class _TextReader:
    """Collects the texts that the parser meets."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._runs: list[str] = []
        self._in_text, self._in_reading = False, False

    def start(self, name: str, _attributes: Attributes) -> None:
        """Meet the beginning of an element; ``rPh`` tells how a Japanese text is read."""
        if name == "t":
            self._in_text = not self._in_reading
        elif name == "rPh":
            self._in_reading = True
        elif name == "si":
            self._runs.clear()

    def data(self, text: str) -> None:
        """Meet text."""
        if self._in_text:
            self._runs.append(text)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if name == "si":
            self.texts.append("".join(self._runs))
        elif name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_reading = False


def read_shared_texts(book: Workbook) -> list[str]:
    """Return the workbook's shared texts; runs of one cell are joined, readings left out."""
    if book.strings_part is None:
        return []
    reader = _TextReader()
    with book.open_part(book.strings_part, MAX_TEXT_BYTES) as file:
        for _ in parse_xml(book.path, file, reader.start, reader.end, reader.data):
            pass
    return reader.texts
