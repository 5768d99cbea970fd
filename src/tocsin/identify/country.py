"""Codes of countries: ISO 3166-1 with two letters, and nothing that only looks like one."""

from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file


class UnknownCountry(ValueError):
    """A text is not an assigned country code of two letters."""


class _CountryFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    codes: frozenset[str]
    meant: dict[str, str]


@cache
def _known() -> _CountryFile:
    return load_data_file(data_folder("tocsin.identify") / "countries.yaml", _CountryFile)


def parse_country(text: str) -> str:
    """Return the country code that a text states, in upper case.

    Raises:
        UnknownCountry: with what is wrong, if the code is assigned to no country.

    >>> parse_country(" fr ")
    'FR'
    """
    code = text.strip().upper()
    if code in _known().codes:
        return code
    meant = _known().meant.get(code)
    hint = f"write {meant}" if meant else "write two letters, such as US or FR"
    raise UnknownCountry(f"{text!r} is not a country code of ISO 3166: {hint}")
