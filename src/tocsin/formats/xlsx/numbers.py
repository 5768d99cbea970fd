"""The number formats of a workbook: what a number's cell shows, a date's precision included.

Source: ECMA-376 part 1, 18.8.30 (numFmt): the built-in formats and what their signs mean.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from tocsin.formats.xlsx.package import MAX_SMALL_BYTES, Attributes, Workbook, parse_xml

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    # Dates of East Asian programs, each with day, month and year or with month and year.
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 56, 57, 58), "yyyy-mm"),
    **dict.fromkeys((32, 33, 34, 35, 55), "h:mm"),
}  # fmt: skip

_LITERALS = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DIGITS_ONLY = re.compile(r'(?:"[^"]*"|\\.|[-/ ()0#])*0(?:"[^"]*"|\\.|[-/ ()0#])*')


@dataclass(frozen=True)
class NumberFormat:
    """How a cell shows its number.

    Attributes:
        code: the format as the workbook writes it; empty is General.
        shows: ``number``, ``power`` (1.2E+06), ``text``, ``time`` or a date's precision:
            ``day``, ``month``, ``year``, or ``no_year``.
        with_time: whether a date is shown with its time.
    """

    code: str = ""
    shows: str = "number"
    with_time: bool = False

    @property
    def is_date(self) -> bool:
        """Whether the number is a date."""
        return self.shows in {"day", "month", "year", "no_year"}

    def spell(self, number: int) -> str | None:
        """Return a whole number as shown by a format of digits and signs (000-00); else None.

        >>> read_format("000000").spell(1207), read_format("0.00").spell(1207)
        ('001207', None)
        """
        if number < 0 or not _DIGITS_ONLY.fullmatch(self.code):
            return None
        return _fill(self.code, number)


def _fill(code: str, number: int) -> str:
    parts = re.findall(r'"[^"]*"|\\.|.', code)
    n_places = sum(part in {"0", "#"} for part in parts)
    digits = str(number).rjust(n_places)
    extra, waiting = digits[: len(digits) - n_places], list(digits[len(digits) - n_places :])
    shown = []
    for part in parts:
        if part in {"0", "#"}:
            digit = waiting.pop(0)
            shown.append(extra + (digit if digit != " " else "0" if part == "0" else ""))
            extra = ""
        else:
            shown.append(part.strip('"') if part.startswith('"') else part.lstrip("\\"))
    return "".join(shown)


@lru_cache(maxsize=4096)
def read_format(code: str) -> NumberFormat:
    """Return what a format code shows.

    >>> read_format("dd/mm/yyyy").shows, read_format("mmm-yy").shows, read_format("d-mmm").shows
    ('day', 'month', 'no_year')
    """
    first = code.split(";", maxsplit=1)[0]
    if first.lower() in {"", "general"}:
        return NumberFormat()
    if first == "@":
        return NumberFormat(first, "text")
    if _ELAPSED.search(first):
        return NumberFormat(first, "time")
    bare = _BRACKETS.sub("", _LITERALS.sub("", first)).lower().replace("general", "")
    if re.search(r"[0#?]e[+-]", bare):
        return NumberFormat(first, "power")
    bare = bare.replace("am/pm", "").replace("a/p", "")
    time = "h" in bare or "s" in bare
    if "y" in bare or "e" in bare:
        shows = "day" if "d" in bare else "month" if "m" in bare else "year"
        return NumberFormat(first, shows, time)
    if "d" in bare or ("m" in bare and not time):
        return NumberFormat(first, "no_year", time)
    return NumberFormat(_BRACKETS.sub("", first), "time" if time else "number")


def read_number_formats(book: Workbook) -> list[NumberFormat]:
    """Return the number format of every cell style, in the order that cells name them by."""
    if book.styles_part is None:
        return []
    codes: dict[int, str] = {}
    styles: list[int] = []
    within = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal within
        if name == "numFmt":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            within = True
        elif name == "xf" and within:
            styles.append(_number(attributes.get("numFmtId")))

    def end(name: str) -> None:
        nonlocal within
        within = within and name != "cellXfs"

    with book.open_part(book.styles_part, MAX_SMALL_BYTES) as file:
        for _ in parse_xml(book.path, file, start, end):
            pass
    return [read_format(codes.get(key, _BUILT_IN.get(key, ""))) for key in styles]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
