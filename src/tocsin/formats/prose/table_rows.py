"""The rows of a table that lists devices: its heading tells what each column holds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tocsin.formats.prose.announced import DAY_KINDS
from tocsin.formats.prose.day_phrases import read_interval
from tocsin.formats.prose.document import Cell, Row, Table
from tocsin.formats.prose.interpret import interpret
from tocsin.formats.prose.lexicon import phrase_table
from tocsin.formats.prose.names import is_filler, words_of
from tocsin.formats.prose.number_lists import read_numbers
from tocsin.formats.prose.phrase import EITHER, LOT, SERIAL, SOFTWARE, UDI, Setting
from tocsin.formats.prose.product_codes import read_announced_codes, read_known_codes
from tocsin.formats.prose.readers import read_clause, read_udi
from tocsin.formats.prose.said import HARD, DaySaid, Said, span_of
from tocsin.formats.prose.text_tables import heading_kinds
from tocsin.formats.prose.tokens import Token, read_tokens
from tocsin.formats.prose.version_phrases import read_software

_NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "none", "not applicable", "/", "."})
_ORDER = ("model", "product", UDI, SOFTWARE, LOT, SERIAL, *sorted(DAY_KINDS))
_INFORMING = frozenset({"quantity", "told", "country", "maker"})
_DENIED = frozenset({"no", "not affected", "nein", "non", "nee", "nej", "unaffected"})
_AFFIRMED = frozenset({"yes", "affected", "x", "ja", "oui", "si", "sí", "impacted"})


def read_table(table: Table, setting: Setting) -> Iterator[Said]:
    """Yield what each row says of the scope; nothing for a table that lists no devices.

    An empty product cell means the product of the row above.
    """
    columns = [_column(cell.text) for cell in table.rows[0]]
    if not set(columns) & set(_ORDER):
        return
    before: Said | None = None
    for row in table.rows[1:]:
        said = _read_row(row, columns, table.rows[0], setting)
        if not said.has_product and before is not None and _has_product_column(columns):
            said.codes, said.names, said.dis = (
                list(before.codes),
                list(before.names),
                list(before.dis),
            )
        if said.has_product:
            before = said
        if said.has_product or said.has_constraint or said.unread or said.every:
            yield said


def _has_product_column(columns: Sequence[str]) -> bool:
    return bool({"model", "product", UDI} & set(columns))


def _column(heading: str) -> str:
    kinds = heading_kinds(heading)
    if {LOT, SERIAL} <= kinds:
        return EITHER
    for kind in (*_ORDER, *sorted(_INFORMING), "status"):
        if kind in kinds:
            return kind
    return "unknown"


def _read_row(row: Row, columns: Sequence[str], headings: Row, setting: Setting) -> Said:
    said = Said()
    for cell, column, heading in zip(row, columns, headings, strict=False):
        if cell.text.lower() in _NOTHING:
            continue
        before = len(said.unread)
        _read_cell(cell, column, heading.text, said, setting)
        unread = len(said.unread) > before
        said.spans.append(
            span_of(
                setting.text, cell.start, cell.end, "unread" if unread else f"{column}: {cell.text}"
            )
        )
    filled = [cell for cell in row if cell.text.lower() not in _NOTHING]
    if len(filled) == 1 and len(columns) > 1 and said.has_product:
        said.unread.append(filled[0].text)  # a title within the table, or a wrapped cell
    if said.codes and said.names:
        said.information += [("name", name) for name in said.names]
        said.names = []
    return said


def _read_cell(cell: Cell, column: str, heading: str, said: Said, setting: Setting) -> None:
    tokens = [t for t in read_tokens(setting.text, cell.start, cell.end) if t.low != "*"]
    text = " ".join(cell.text.replace("*", " ").split())
    read = False
    if column in _INFORMING:
        said.information.append((heading.lower()[:40], text))
        read = True
    elif column == "status":
        read = _take_status(text, said)
    elif column == "model":
        read = _take_models(tokens, text, said, setting)
    elif column == "product":
        read = _take_product(tokens, text, said, setting)
    elif column == UDI:
        read = _take_udi(tokens, said, setting)
    elif column == SOFTWARE:
        read = _take_software(tokens, said, setting)
    elif column in {LOT, SERIAL, EITHER}:
        read = _take_numbers(tokens, column, said)
    elif column in DAY_KINDS:
        read = _take_days(tokens, column, said, setting)
    if not read:
        said.unread.append(f"{heading}: {text}")


def _rest_is_small(tokens: Sequence[Token]) -> bool:
    return all(is_filler(token) for token in tokens)


def _take_status(text: str, said: Said) -> bool:
    said.denied = said.denied or text.lower() in _DENIED
    return text.lower() in _DENIED | _AFFIRMED


def _take_models(tokens: list[Token], text: str, said: Said, setting: Setting) -> bool:
    found = read_announced_codes(tokens, 0, setting)
    if found is None:
        said.names.append(text)
        return bool(text)
    said.codes += found.value
    return _rest_is_small(tokens[found.after :]) and not found.details["unread"]


def _take_product(tokens: list[Token], text: str, said: Said, setting: Setting) -> bool:
    for at in range(len(tokens)):
        found = read_known_codes(tokens, at, setting)
        if found:
            said.codes += [code for code in found.value if code not in said.codes]
            return True
    said.names.append(text)
    return bool(words_of(text))


def _take_udi(tokens: list[Token], said: Said, setting: Setting) -> bool:
    announced = [*read_tokens("udi"), *tokens]
    shifted = [replace(announced[0], start=0, end=0), *tokens]
    found = read_udi(shifted, 0, setting)
    if found is None:
        return False
    inner = interpret(read_clause(shifted[found.first : found.after], setting), setting)
    said.dis += inner.dis
    said.dis_unread += inner.dis_unread
    return _rest_is_small(shifted[found.after :])


def _take_software(tokens: list[Token], said: Said, setting: Setting) -> bool:
    if tokens and phrase_table("all_of").find(tokens, 0) and _rest_is_small(tokens):
        said.every.add(SOFTWARE)
        return True
    found = read_software(tokens, 0, setting)
    if found is None:
        return False
    said.software += found.value
    if not found.value:
        said.every.add(SOFTWARE)
    return _rest_is_small(tokens[found.after :])


def _take_numbers(tokens: list[Token], column: str, said: Said) -> bool:
    if tokens and phrase_table("all_of").find(tokens, 0) and _rest_is_small(tokens):
        said.every.add(column)
        return True
    read = read_numbers(tokens, 0, lambda _tokens, _at: False, counted=column == SERIAL)
    if not read or read.remarks or not _rest_is_small(tokens[read.after :]):
        return False
    said.add_numbers(column, read)
    return True


def _take_days(tokens: list[Token], column: str, said: Said, setting: Setting) -> bool:
    read = read_interval(tokens, 0, setting)
    if read is None or read.interval is None or not _rest_is_small(tokens[read.after :]):
        return False
    shown = " ".join(token.text for token in tokens)
    said.days.append(DaySaid(column, read.interval, HARD, shown))
    return True
