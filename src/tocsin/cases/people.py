"""People who do not exist: names, addresses, e-mail and telephone numbers.

Nothing here can reach anybody: e-mail goes to the domains that RFC 2606 keeps for
examples, telephone numbers lie in ranges that regulators keep free for fiction, and
postcodes begin where no postal service assigns any. The lists and their sources are in
``data/invented_people.yaml``.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce
from string import Formatter

import numpy as np

from tocsin.cases.columns import Indices, Texts
from tocsin.cases.data_file import CaseData, Shape, read_case_data


class NamesOfLanguage(Shape):
    """Given names, and the heads and tails that family names are joined from."""

    given: tuple[str, ...]
    heads: tuple[str, ...]
    tails: tuple[str, ...]


class PhoneRange(Shape):
    """A range kept for fiction: ``lead`` and a number of ``digits`` digits.

    ``{area}`` in ``lead`` stands for any North American area code.
    """

    lead: str
    digits: int
    first: int
    last: int


class PlacesOfCountry(Shape):
    """How people of a country are addressed; languages with their weights."""

    languages: dict[str, int]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    address: str
    postcode: str
    clinic: str
    phone: PhoneRange | None = None


class InventedPeople(CaseData):
    """The data file."""

    email_domains: tuple[str, ...]
    languages: dict[str, NamesOfLanguage]
    countries: dict[str, PlacesOfCountry]


@cache
def invented_people() -> InventedPeople:
    """Return the lists that people are drawn from."""
    return read_case_data("invented_people.yaml", InventedPeople)


@dataclass(frozen=True)
class People:
    """One entry per person or organisation in every array, shape (n,); empty = none."""

    name: Texts
    clinic_name: Texts
    email: Texts
    phone: Texts
    address_lines: Texts
    country: Texts
    language: Texts


def draw_people(rng: np.random.Generator, countries: Texts, household: Indices) -> People:
    """Return invented people, one per entry of ``countries``.

    Args:
        rng: the source of randomness.
        countries: shape (n,), ISO 3166 codes that the data file knows.
        household: shape (n,), the row whose family name, address and language a row
            shares; its own row number for whoever stands alone.
    """
    lists = invented_people()
    n = len(countries)
    language, address, clinic = (np.zeros(n, dtype=f"U{width}") for width in (2, 96, 64))
    for code in np.unique(countries):
        rows = np.flatnonzero(countries == code)
        places = lists.countries[str(code)]
        weights = np.array(list(places.languages.values()), dtype=np.float64)
        language[rows] = rng.choice(list(places.languages), len(rows), p=weights / weights.sum())
        fields = _place(rng, places, len(rows))
        address[rows] = _filled(places.address, fields)
        clinic[rows] = _filled(places.clinic, fields)
    language = language[household]
    given, family = np.zeros(n, dtype="U24"), np.zeros(n, dtype="U24")
    for code in np.unique(language):
        rows = np.flatnonzero(language == code)
        names = lists.languages[str(code)]
        given[rows] = rng.choice(names.given, len(rows))
        family[rows] = np.char.add(
            rng.choice(names.heads, len(rows)), rng.choice(names.tails, len(rows))
        )
    family = family[household]
    return People(
        name=_joined(given, " ", family),
        clinic_name=clinic,
        email=_emails(rng, given, family),
        phone=_phones(countries),
        address_lines=address[household],
        country=countries,
        language=language,
    )


def _place(rng: np.random.Generator, places: PlacesOfCountry, n: int) -> Mapping[str, Texts]:
    digits = [
        rng.integers(0, 10, n).astype("U1") if letter == "#" else np.full(n, letter)
        for letter in places.postcode
    ]
    return {
        "number": rng.integers(1, 400, n).astype("U3"),
        "street": rng.choice(places.streets, n),
        "town": rng.choice(places.towns, n),
        "postcode": _joined(*digits),
    }


def _phones(countries: Texts) -> Texts:
    """Return a number of its own for each row; empty where a range is none or used up.

    Countries that share a range, as in North America, take turns in it.
    """
    phones = np.zeros(len(countries), dtype="U20")
    ranges = {
        str(code): invented_people().countries[str(code)].phone for code in np.unique(countries)
    }
    for kept in dict.fromkeys(ranges.values()):
        if kept is not None:
            sharing = [code for code, own in ranges.items() if own == kept]
            rows = np.flatnonzero(np.isin(countries, sharing))
            phones[rows] = _numbers_in(kept, len(rows))
    return phones


def _numbers_in(kept: PhoneRange, n: int) -> Texts:
    """Return ``n`` different numbers of a range, as long as it has so many, then empty."""
    turn, line = np.divmod(np.arange(n), kept.last - kept.first + 1)
    ends = np.char.zfill((line + kept.first).astype(f"U{kept.digits}"), kept.digits)
    leads = (
        [kept.lead.format(area=area) for area in range(201, 990) if _is_area_code(area)]
        if "{area}" in kept.lead
        else [kept.lead]
    )
    numbers = np.char.add(np.array(leads)[np.minimum(turn, len(leads) - 1)], ends)
    return np.where(turn < len(leads), numbers, "")


def _is_area_code(number: int) -> bool:
    """Return whether a code can be a place; 800, 911 and their like cannot."""
    middle, last = number // 10 % 10, number % 10
    return middle not in (9, last)


def _emails(rng: np.random.Generator, given: Texts, family: Texts) -> Texts:
    """Return one address per row; the row number keeps them apart."""
    names = np.char.lower(_ascii(_joined(given, ".", family)))
    rows = np.arange(1, len(given) + 1).astype("U7")
    domains = rng.choice(invented_people().email_domains, len(given))
    return _joined(names, ".", rows, "@", domains)


def _ascii(texts: Texts) -> Texts:
    """Return the texts without accents; each different text is folded once."""
    different, where = np.unique(texts, return_inverse=True)
    folded = [
        unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode()
        for name in different
    ]
    return np.array(folded)[where]


def _joined(*parts: Texts | str) -> Texts:
    return reduce(np.char.add, parts)  # type: ignore[arg-type]


def _filled(pattern: str, fields: Mapping[str, Texts]) -> Texts:
    """Return the pattern with each ``{field}`` replaced, row by row."""
    parts: list[Texts | str] = []
    for literal, field, _, _ in Formatter().parse(pattern):
        parts.append(literal)
        if field is not None:
            parts.append(fields[field])
    return _joined(*parts)
