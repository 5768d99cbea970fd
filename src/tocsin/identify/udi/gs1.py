"""GS1 identifiers: in brackets, as scan data, as a Digital Link, or a GTIN alone.

The DI is the GTIN of identifier 01. Source: GS1 General Specifications.
"""

import re
from collections.abc import Sequence

from tocsin.identify.day import UnreadableDay
from tocsin.identify.udi.day import EXPIRES, MADE, full_day, short_day
from tocsin.identify.udi.gs1_elements import (
    FNC1,
    Element,
    split_bracketed,
    split_scan,
    unify_separators,
)
from tocsin.identify.udi.gs1_link import is_link, split_link
from tocsin.identify.udi.gs1_table import has_right_check_digit
from tocsin.identify.udi.parts import PARTS, Agency, Check, Udi, UnreadableUdi

_DI, _LOT, _SERIAL, _VERSION = "01", "10", "21", "8012"
_MADE, _EXPIRES, _MADE_AT, _EXPIRES_AT = "11", "17", "8008", "7003"
_NAMES = {_LOT: "lot", _SERIAL: "serial", _VERSION: "software_version"}

_GTIN = re.compile(r"[0-9]{12,14}")
_EAN_PREFIXES = {"]E0": 13, "]E4": 8}
_GS1_PREFIXES = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
# A lot that is written like a software version: some makers of software put it there.
_LIKE_VERSION = re.compile(r"[Vv]?[0-9]{1,3}(?:\.[0-9]{1,4}){1,4}[A-Za-z]?")
_MAY_FOLLOW = {_LOT: "lot", _SERIAL: "serial", _MADE: "made_on", _EXPIRES: "expires_on"}


def parse_gs1(body: str, prefix: str = "") -> Udi:
    """Return what a GS1 text says; ``prefix`` is the symbology identifier of a scanner.

    Raises:
        UnreadableUdi: if no GTIN is in it, or its elements cannot be told apart surely.
    """
    if prefix in _EAN_PREFIXES:
        main = body.partition("|]")[0]
        if len(main) != _EAN_PREFIXES[prefix] or not _is_digits(main):
            raise UnreadableUdi(body)
        return _udi_of_gtin(main.zfill(14))
    if is_link(body):
        return _read(split_link(body))
    if _GTIN.fullmatch(body) and prefix not in _GS1_PREFIXES:
        return _parse_gtin(body)
    if body.startswith("("):
        return _read(split_bracketed(body))
    text = unify_separators(body)
    elements = split_scan(text)
    separated = FNC1 in text or prefix in _GS1_PREFIXES
    return _read(elements, set() if separated else _run_on_parts(elements))


def _parse_gtin(digits: str) -> Udi:
    """Return a GTIN alone; a short one only if its check digit is right, and never surely."""
    if len(digits) == 14:
        return _udi_of_gtin(digits)
    if not has_right_check_digit(digits):
        raise UnreadableUdi(digits)
    # One number in ten has a right check digit by chance: it may be a longer one, cut off.
    return _udi_of_gtin(digits.zfill(14), {"di"})


def _udi_of_gtin(gtin: str, doubts: set[str] | None = None) -> Udi:
    check = Check.RIGHT if has_right_check_digit(gtin) else Check.WRONG
    return Udi(gtin, Agency.GS1, check, doubts=frozenset(doubts or ()))


def _read(elements: Sequence[Element], doubts: set[str] | None = None) -> Udi:
    values: dict[str, str] = {}
    doubts = doubts or set()
    for identifier, value, fits in elements:
        if values.setdefault(identifier, value) != value:
            if identifier == _DI:
                raise UnreadableUdi(value)
            doubts |= PARTS  # said twice, and differently: where one ends is in doubt, too
        if value and not fits and identifier in _NAMES:
            doubts.add(_NAMES[identifier])
    di = "".join(values.get(_DI, "").partition("(")[0].split())
    if len(di) != 14 or not _is_digits(di):
        raise UnreadableUdi(di)
    lot, version = values.get(_LOT) or None, values.get(_VERSION) or None
    if lot and version is None and _LIKE_VERSION.fullmatch(lot):
        version = lot
        doubts |= {"lot", "software_version"}
    return Udi(
        di=di,
        agency=Agency.GS1,
        check=Check.RIGHT if has_right_check_digit(di) else Check.WRONG,
        lot=lot,
        serial=values.get(_SERIAL) or None,
        made_on=_day(values, MADE, _MADE, _MADE_AT),
        expires_on=_day(values, EXPIRES, _EXPIRES, _EXPIRES_AT),
        software_version=version,
        doubts=frozenset(doubts),
    )


def _day(values: dict[str, str], kind: str, identifier: str, with_time: str) -> str | None:
    """Return the day of an identifier, or of the one that states a time as well."""
    text = values.get(identifier) or values.get(with_time, "")[:6]
    try:
        # Eight digits are against the rule, yet printed; no day reads as both.
        return full_day(text) if len(text) == 8 else short_day(text, kind)
    except UnreadableDay:
        return None


def _run_on_parts(elements: Sequence[Element]) -> set[str]:
    """Return the parts that are in doubt because a separator may have been lost.

    Scanners that act as keyboards often drop FNC1. Then the last value, of a length not laid
    down, may hold a further element: ``10A12177`` is lot A1 with serial 77, or lot A12177.
    """
    last = elements[-1]
    if last.identifier not in _NAMES:
        return set()
    present = {element.identifier for element in elements}
    for follower, name in _MAY_FOLLOW.items():
        if follower in present:
            continue
        start = last.value.find(follower, 1)
        while start > 0:
            if _can_be(follower, last.value[start + 2 :]):
                return {_NAMES[last.identifier], name}
            start = last.value.find(follower, start + 1)
    return set()


def _can_be(identifier: str, rest: str) -> bool:
    if identifier in {_LOT, _SERIAL}:
        return bool(rest)
    kind = MADE if identifier == _MADE else EXPIRES
    try:
        short_day(rest[:6], kind)
    except UnreadableDay:
        return False
    return True


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
