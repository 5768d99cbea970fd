"""The countries that a person can choose, with their names and the number for an ambulance."""

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file

OTHER = "other"
"""What stands for every country that is not listed."""


class Country(BaseModel):
    """One country: the number for an ambulance, and its name by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    emergency: str
    names: Mapping[str, str]


class CountryFile(BaseModel):
    """The data file of countries."""

    model_config = ConfigDict(extra="forbid")

    source: Source
    countries: Mapping[str, Country]


@cache
def known_countries() -> Mapping[str, Country]:
    """Return the countries of the data file by their code."""
    return load_data_file(data_folder("tocsin.web") / "countries.yaml", CountryFile).countries


@cache
def country_names(language: str) -> tuple[tuple[str, str], ...]:
    """Return code and name of every country, sorted by name as well as plain sorting can."""
    named = [(code, country.names[language]) for code, country in known_countries().items()]
    return tuple(sorted(named, key=lambda each: each[1].replace("É", "E").replace("Ö", "O")))
