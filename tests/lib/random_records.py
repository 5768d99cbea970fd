"""Registry rows at random: values at the bounds of given notices and one step beside them,
missing and unreadable ones, identifiers that tell the same, more, or something else."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from tests.lib.random_scopes import COUNTRIES, DAY_KINDS, DIS, FACTS, Wishes, random_number
from tests.lib.random_versions import random_neighbour, random_version
from tocsin.base.truth import Truth
from tocsin.identify.product import Product, ProductScope, is_product
from tocsin.match.scopes import product_scope_of
from tocsin.notice.model import Notice
from tocsin.notice.scope import DayInterval, Numbers, Software
from tocsin.registry.record import read_product
from tocsin.registry.schema import COLUMNS

Row = dict[str, str | None]

FACT_COLUMNS = tuple(f"fact.{name}" for name in FACTS)
PLACEHOLDERS = ("", " ", "n/a", "unknown", "-", None)
ODD = (
    "ÄÖ12",
    "\uff12.\uff16",
    "A\u200b1",
    "o'clock",
    '1"2',
    "\U0001f489 7",
    "%_",
    "1e5",
    "0x1f",
    "ß",
    "\\",
)
UNREADABLE = {
    "software_version": ("2.4 or 2.6", "see label", "4..1", "1.2.3 4.5"),
    "lot": ("GWX001, GWX002", "x" * 41, "A|B"),
    "serial": ("1;2", "y" * 50),
    "country": ("USA", "12", "Fr ance"),
    "day": ("03/04/2011", "2011-02-30", "soon", "1066-10-14"),
}
# Rows whose product evidence is one product's, and agrees with itself.
DEVICES: tuple[Row, ...] = (
    {"manufacturer": "Medtronic", "model": "MMT-522NAS"},
    {"manufacturer": "MEDTRONIC MINIMED", "model": "722K", "product": "Paradigm 722K"},
    {"manufacturer": "Medtronic", "model": "MMT-723LNAS", "product": "Paradigm Revel"},
    {"manufacturer": "MiniMed Inc.", "catalogue_no": "MMT-754WWB"},
    {"manufacturer": "Medtronic", "product": "MiniMed 508"},
    {"manufacturer": "Medtronic", "product": "PARADIGM VEO INSULIN PUMP"},
    {"manufacturer": None, "model": "MMT-522"},
    {"manufacturer": "Medtronic", "product": "Paradigm"},
    {"manufacturer": "Example Devices", "model": "EX-100"},
    {"manufacturer": "EXAMPLE DEVICES INC", "model": "EX100", "di": DIS[2]},
    {"manufacturer": "Example Devices", "model": "EX-300"},
    {"manufacturer": "Example Devices", "catalogue_no": "3500-0600-01"},
    {"manufacturer": "Example Devices", "product": "Example Infuser 3000"},
    {"manufacturer": "Example Devices", "product": "Infuser 3000", "di": DIS[3]},
    {"di": DIS[2]},
    {"di": DIS[0]},
    {"manufacturer": "Unknown Firm", "model": "EX-200"},
)
# Evidence that is poor, contradicts itself, or is none.
DOUBTFUL: tuple[Row, ...] = (
    {"manufacturer": "Medtronic", "model": "522XQ"},
    {"manufacturer": "Medtronic", "model": "0522"},
    {"manufacturer": "Medtronic", "model": "MMT-522", "catalogue_no": "MMT-754"},
    {"manufacturer": "Medtronic", "model": "EX-100", "di": DIS[2]},
    {"manufacturer": "Example Devices", "product": "insulin pump"},
    {"manufacturer": "Medtronic"},
    {"manufacturer": "n/a", "model": "unknown"},
    {"udi": "not an identifier"},
    {},
)


def random_rows(
    rng: Random, notices: Sequence[Notice], n: int, wishes: Wishes | None = None
) -> list[Row]:
    """Return registry rows, most of them near the bounds of one of the notices' entries."""
    return [random_row(rng, notices, place, wishes or Wishes()) for place in range(n)]


def random_row(rng: Random, notices: Sequence[Notice], place: int, wishes: Wishes) -> Row:
    """Return one row with every registry column, and with those of all facts."""
    notice = rng.choice(notices)
    entry = rng.choice(notice.scope)
    row: Row = dict.fromkeys((*COLUMNS, *FACT_COLUMNS))
    chance = rng.random()
    if chance < 0.1:
        row |= rng.choice(DOUBTFUL)
    else:
        named = devices_of(product_scope_of(notice, entry)) if chance < 0.7 else ()
        row |= rng.choice(named or DEVICES)
    row["device_id"] = f"D{place}"
    row["software_version"] = _perhaps(rng, "software_version", _near_software(rng, entry.software))
    row["lot"] = _perhaps(rng, "lot", _near_numbers(rng, entry.lots))
    row["serial"] = _perhaps(rng, "serial", _near_numbers(rng, entry.serials))
    row["country"] = _perhaps(rng, "country", rng.choice((*COUNTRIES, "us", "GB")))
    for kind in DAY_KINDS:
        row[kind] = _perhaps(rng, "day", _near_days(rng, getattr(entry, kind), wishes))
    for name, values in FACTS.items():
        seen = rng.choice((*values, values[0].upper(), f" {values[-1]}", "something else"))
        row[f"fact.{name}"] = _perhaps(rng, "fact", seen)
    di = row.pop("di", None)
    if di or rng.random() < 0.1:
        row["udi"] = _identifier(rng, di or DIS[1], row)
    return row


@lru_cache(maxsize=4096)
def devices_of(scope: ProductScope) -> tuple[Row, ...]:
    """Return the devices that surely are what an entry names, so that its constraints count."""
    return tuple(device for device in DEVICES if is_product(_product(device), scope) is Truth.TRUE)


def _product(device: Row) -> Product:
    return read_product({**device, "udi": device.get("di")})


def _perhaps(rng: Random, kind: str, value: str) -> str | None:
    """Return the value, or nothing, or what cannot be read."""
    chance = rng.random()
    if chance < 0.12:
        return rng.choice(PLACEHOLDERS)
    if chance < 0.13:
        return rng.choice(ODD)
    if chance < 0.16 and kind in UNREADABLE:
        return rng.choice(UNREADABLE[kind])
    return value


# What an identifier may say besides, or say twice, or in its own way.
ODD_ELEMENTS = (
    "(8008)20101512", "(7003)3001011200", "(30)1", "(10)OTHER", "(21)OTHER", "(55)X", "(10)2.4A",
    "(01)00718175003305", "(17)20231021", "(240)A(21)7", r"(10)A\(21)7",
)  # fmt: skip


# --- values beside a bound -----------------------------------------------------------


def _near_software(rng: Random, software: Software) -> str:
    bounds = [
        text
        for part in software.any_of
        for text in (
            *(part.at_most, part.below, part.at_least, part.above, part.equal, part.fixed_in),
            *part.other_than,
        )
        if text
    ]
    if not bounds or rng.random() < 0.1:
        return random_version(rng)
    return random_neighbour(rng, rng.choice(bounds))


def _near_numbers(rng: Random, numbers: Numbers) -> str:
    bounds = [*numbers.any_of, *numbers.prefixes]
    bounds += [text for part in numbers.ranges for text in (part.first, part.last)]
    if not bounds or rng.random() < 0.1:
        return random_number(rng)
    text = rng.choice(bounds)
    letters = text.rstrip("0123456789")
    digits = text[len(letters) :]
    moved = str(max(0, int(digits or "0") + rng.choice((-1, 0, 0, 1)))).zfill(len(digits))
    return rng.choice(
        (
            letters + moved,
            letters + moved,
            letters + moved,
            (letters + moved).lower(),
            f"{letters} {moved}",
            f"{letters}-{moved}",
            letters.strip("-") + moved,
            letters + moved.lstrip("0"),
            letters + "0" + moved,
            moved,
            f"GWY{moved}",
            letters + moved + "A",
            text + "7",
        )
    )


def _near_days(rng: Random, intervals: tuple[DayInterval, ...], wishes: Wishes) -> str:
    bounds = [
        text
        for each in intervals
        for text in (each.first, each.last, each.before, each.after)
        if text
    ]
    text = rng.choice(bounds) if bounds else "2011-06-15"
    whole = date.fromisoformat((text + "-01-01")[:10])
    ends = (whole, whole + timedelta(days=31), whole + timedelta(days=365))
    day = rng.choice((whole, whole, *ends)) + timedelta(days=rng.choice((-1, 0, 0, 1)))
    length = 10 if wishes.full_days else rng.choice((10, 10, 10, 7, 4))
    clock = "T10:30:00Z" if length == 10 and rng.random() < 0.05 else ""
    return day.isoformat()[:length] + clock


# --- device identifiers --------------------------------------------------------------


def _identifier(rng: Random, di: str, row: Row) -> str:
    """Return an identifier that carries some of the row's values, or other ones."""
    parts: list[tuple[str, str]] = [("01", di)]
    for mark, column in (("17", "expires_on"), ("11", "made_on")):
        if rng.random() < 0.3:
            parts.append((mark, _gs1_day(rng, row[column])))
    for mark, column in (("10", "lot"), ("21", "serial")):
        if rng.random() < 0.4:
            same = (row[column] or "").strip()[:20]
            parts.append((mark, same if rng.random() < 0.6 else random_number(rng)))
    if rng.random() < 0.4:  # the row then knows it from the identifier alone
        for mark, column in (("10", "lot"), ("21", "serial"), ("11", "made_on")):
            if any(mark == found for found, _ in parts):
                row[column] = None
    if len(parts) == 1 and rng.random() < 0.5:
        return di
    if rng.random() < 0.3:
        fixed = "".join(mark + value for mark, value in parts if mark in {"01", "11", "17"})
        open_ended = [mark + value for mark, value in parts if mark in {"10", "21"}]
        return rng.choice(("", "]C1", "]d2")) + fixed + "\x1d".join(open_ended)
    rest = rng.choice(ODD_ELEMENTS) if rng.random() < 0.15 else ""
    return "".join(f"({mark}){value}" for mark, value in parts) + rest


def _gs1_day(rng: Random, text: str | None) -> str:
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return rng.choice(("110615", "110600", "119900"))
    if day.year < 2000:
        return "110615"
    return rng.choice((f"{day:%y%m%d}", f"{day:%y%m%d}", f"{day:%y%m}00"))


def with_value(row: Row, column: str, value: Any) -> Row:
    """Return a copy of a row with another value in one column."""
    return {**row, column: value}
