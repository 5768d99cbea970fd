"""Names and codes of three letters of countries -> the code of two letters that is meant."""

import re
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.spelling import without_accents
from tocsin.registry.record import read_country


class _CountryNames(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    codes: dict[str, str]
    alpha_3: str
    names: dict[str, tuple[str, ...]]


def _plain(text: str) -> str:
    folded = without_accents(text.casefold()).replace("ß", "ss")
    return " ".join(re.findall(r"[^\W_]+", folded.replace(".", "")))


@cache
def _meant() -> dict[str, str]:
    read = load_data_file(data_folder("tocsin.registry") / "country_names.yaml", _CountryNames)
    words = read.alpha_3.split()
    pairs = [*zip(words[1::2], words[0::2], strict=True), *read.codes.items()]
    pairs += [(name, code) for code, names in read.names.items() for name in names]
    return {_plain(name): code for name, code in pairs}


def find_country(text: str) -> str | None:
    """Return the code of two letters that a name or another code surely means, else None.

    >>> find_country("Pays-Bas"), find_country("SWE"), find_country("uk"), find_country("Georgia")
    ('NL', 'SE', 'GB', None)
    """
    return read_country(text) or _meant().get(_plain(text))
