"""What a column's values look like: which of our columns they could be, and which they are not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.identify.manufacturer import find_manufacturer
from tocsin.registry.claim_codes import is_claim_code
from tocsin.registry.column_countries import find_country
from tocsin.registry.column_dates import ORDERS, iso_day
from tocsin.registry.column_numbers import COMMA, POINT, plain_number
from tocsin.registry.record import read_number, read_udi, read_version
from tocsin.registry.schema import DAY_COLUMNS, clean

_MODEL_CODE = re.compile(r"[A-Z]{2,4}-\d{2,}[A-Z0-9-]*", re.IGNORECASE)
_NDC = re.compile(r"\d{4,5}-\d{3,4}-\d{1,2}|\d{10,11}")
_VERSION = re.compile(r"v?\d{1,4}(?:\.\d{1,6}){1,4}[A-Za-z]?", re.IGNORECASE)
_MOST = 0.8
_MAX_TEXTS = 2_000


@dataclass(frozen=True)
class ColumnFacts:
    """A column of somebody else's file.

    Attributes:
        name: as the file writes it.
        n_rows: rows of the file.
        n_filled: rows with a text.
        texts: distinct texts, the most frequent first; perhaps not all of them.
        n_distinct: how many distinct texts there are.
    """

    name: str
    n_rows: int
    n_filled: int
    texts: Sequence[str]
    n_distinct: int

    @property
    def is_key(self) -> bool:
        """Whether every row has a text, and no two rows the same."""
        return self.n_rows > 0 and self.n_filled == self.n_distinct == self.n_rows

    def values(self) -> list[str]:
        """Return the texts that say something, at most some thousands."""
        return [value for text in self.texts[:_MAX_TEXTS] if (value := clean(text)) is not None]


def is_date(text: str) -> bool:
    """Return whether a text is a date in any order.

    >>> is_date("31.12.2011"), is_date("MMT-722")
    (True, False)
    """
    return any(iso_day(text, order) is not None for order in ORDERS)


def _is_quantity(text: str) -> bool:
    return plain_number(text, COMMA) is not None or plain_number(text, POINT) is not None


def _is_version(text: str) -> bool:
    return read_version(text) is not None and not is_date(text) and not _MODEL_CODE.fullmatch(text)


_FITS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(
        ("made_on", "shipped_on", "implanted_on", "serviced_on", "expires_on", "evidence_on"),
        is_date,
    ),
    "udi": read_udi,
    "country": find_country,
    "quantity": _is_quantity,
    "software_version": _is_version,
    "lot": read_number,
    "serial": read_number,
    "hcpcs": is_claim_code,
    "ndc": _NDC.fullmatch,
}


def share_fitting(facts: ColumnFacts, target: str) -> float | None:
    """Return which part of a column's values could be one of our columns'; None if any could."""
    fits, values = _FITS.get(target), facts.values()
    if fits is None or not values:
        return None
    return sum(bool(fits(value)) for value in values) / len(values)


def contradicts(facts: ColumnFacts, target: str) -> str:
    """Return why a column's values speak against one of our columns; empty if they do not."""
    if target == "device_id" and not facts.is_key:
        return "it is empty or repeats in some rows, so it is no key"
    share = share_fitting(facts, target)
    if share is not None and share < _MOST:
        return f"only {share:.0%} of its values can be read as that"
    if target in {"lot", "serial", "model", "catalogue_no"}:
        values = facts.values()
        dates = sum(is_date(value) and not value.isdigit() for value in values)
        if values and dates > _MOST * len(values):
            return "its values are dates"
    return ""


def _is_udi(text: str) -> bool:
    udi = read_udi(text)
    return udi is not None and not udi.doubts


def _is_written_date(text: str) -> bool:
    return is_date(text) and not text.isdigit()


_LOOKS: tuple[tuple[Callable[[str], object], tuple[str, ...], str], ...] = (
    (_is_udi, ("udi",), "device identifiers with right check digits"),
    (
        _MODEL_CODE.fullmatch,
        ("model", "catalogue_no"),
        "codes of models or articles, such as MMT-722",
    ),
    (is_claim_code, ("hcpcs",), "codes of claims (HCPCS)"),
    (find_manufacturer, ("manufacturer",), "names of manufacturers"),
    (find_country, ("country",), "countries"),
    (_is_written_date, DAY_COLUMNS, "dates"),
    (_VERSION.fullmatch, ("software_version",), "versions"),
)


def recognise_values(facts: ColumnFacts) -> tuple[tuple[str, ...], str]:
    """Return our columns that the values alone suggest, and what they look like."""
    values = facts.values()
    for fits, targets, looks in _LOOKS if values else ():
        if sum(bool(fits(value)) for value in values) >= _MOST * len(values):
            return targets, looks
    return (), ""
