"""Device identifiers to read: invented ones of every agency, and how one alone is read."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from tocsin.identify.udi.column import SCHEMA
from tocsin.identify.udi.gs1_table import has_right_check_digit
from tocsin.identify.udi.hibc_check import check_character
from tocsin.identify.udi.text import UnreadableUdi, parse_udi

_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GS1_82 = _DIGITS + _UPPER + _UPPER.lower() + "!\"%&'()*+,-./:;<=>?_"


def one_by_one(texts: Iterable[str | None]) -> list[dict[str, Any]]:
    """Return what `parse_udi` says of each text, as rows of `SCHEMA`."""
    nothing = dict.fromkeys(SCHEMA.names)
    rows = []
    for text in texts:
        try:
            udi = parse_udi(text) if text is not None else None
        except UnreadableUdi:
            udi = None
        parts = {name: getattr(udi, name, None) for name in SCHEMA.names}
        rows.append({**parts, "doubts": sorted(udi.doubts)} if udi else nothing)
    return rows


def with_check_digit(body: str) -> str:
    """Return 13 digits with the check digit that belongs to them."""
    return next(body + digit for digit in _DIGITS if has_right_check_digit(body + digit))


def with_check_character(body: str) -> str:
    """Return an HIBC text with the character that belongs to it."""
    return body + check_character(body)


gtins = st.text(_DIGITS, min_size=13, max_size=13).map(with_check_digit)
gs1_numbers = st.text(_GS1_82, min_size=1, max_size=20)
plain_numbers = st.text(_DIGITS + _UPPER + "-", min_size=1, max_size=18)
coded = st.text(_DIGITS + _UPPER, min_size=1, max_size=18)
_ODD_DAYS = ("991231", "230231", "231300", "230600", "510101", "230000")
days = st.dates(date(2000, 1, 1), date(2050, 12, 31))


@st.composite
def pieces(draw: st.DrawFn) -> str:
    """Return a text put together from what identifiers are made of, rightly or wrongly."""
    parts = st.one_of(
        st.sampled_from([
            "(01)", "(10)", "(11)", "(17)", "(21)", "(8012)", "01", "10", "11", "17", "21", "]C1",
            "]d2", "]Q1", "]E0", "\x1d", "<GS>", "^", "(", ")", "\\", "+", "/", "/$", "/$$3",
            "/$$+", "/S", "/16D", "/14D", "$$8", "=/", "=,", "=>", "=}", "&,1", "=)", "&)", "=",
            " ", "_",
            "https://a/01/", "/10/", "/21/", "?17=", "&11=", "%2F", "00718175003305", "230615",
            "B456PUMP2", "A9999XYZ100T0944", "20240131", "A1", "2.4A", "\u00e9", "\n", "\x00",
        ]),
        st.text(max_size=4),
    )  # fmt: skip
    return "".join(draw(st.lists(parts, max_size=9)))


@st.composite
def well_formed(draw: st.DrawFn) -> str:
    """Return a text as one of the agencies builds it, now and then with a wrong date."""
    di, lot, serial = draw(gtins), draw(plain_numbers), draw(plain_numbers)
    day = draw(st.one_of(days.map(lambda day: f"{day:%y%m%d}"), st.sampled_from(_ODD_DAYS)))
    parts = draw(st.permutations([("10", lot), ("21", serial), ("17", day), ("11", day)]))
    said = parts[: draw(st.integers(0, 4))]
    code = draw(coded)
    forms = [
        f"(01){di}" + "".join(f"({name}){value}" for name, value in said),
        f"]d201{di}" + "\x1d".join(f"{name}{value}" for name, value in said),
        f"01{di}" + "".join(f"{name}{value}" for name, value in said),
        f"https://a.org/01/{di}/10/{lot}/21/{serial}?11={day}&17={day}",
        with_check_character(f"+B456{code}1/$$3{day}{lot}/S{serial}/16D20{day}"),
        with_check_character(f"+B456{code}1/$+{serial}/14D20{day}"),
        with_check_character(f"+B456{code}1/$$+2{day}{serial}"),
        with_check_character(f"+B456{code}1"),
        f"=/W1234ABC100T0555=>0{day[:5]}=}}0{day[1:]}&,1{code.zfill(18)}",
        di,
    ]
    return draw(st.sampled_from(forms))
