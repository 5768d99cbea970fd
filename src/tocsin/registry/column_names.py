"""What a column's name says: which of our columns other people mean by it, in six languages."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.spelling import without_accents
from tocsin.registry.schema import COLUMNS, FACT_PREFIX

_MAX_NAME = 120
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETED = re.compile(r"[(\[][^)\]]*[)\]]")
_NUMBER_SIGN = re.compile(r"[#№]|\bn[º°]|\bno\b\.?|\bnum\b\.?", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(?:dd?|tt?|jj?)\W?mm?\W?(?:yy|jj|aa|åå)", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"mm?\W?(?:dd?|tt?|jj?)\W?(?:yy|jj|aa|åå)", re.IGNORECASE)


class _NamesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Source
    targets: dict[str, dict[str, tuple[str, ...]]]
    claims: dict[str, dict[str, tuple[str, ...]]]
    personal: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class NameMeaning:
    """What a column's name can mean.

    Attributes:
        targets: our columns; several if the name fits several.
        exact: whether the whole name is known, not just a part of it.
        personal: whether it holds something about a person that no registry needs.
    """

    targets: tuple[str, ...] = ()
    exact: bool = False
    personal: bool = False


@dataclass(frozen=True)
class _Names:
    by_name: dict[str, tuple[str, ...]]
    personal: frozenset[str]


@cache
def _known() -> _Names:
    read = load_data_file(data_folder("tocsin.registry") / "column_names.yaml", _NamesFile)
    by_name: dict[str, dict[str, None]] = {}
    for target, by_language in (read.targets | read.claims).items():
        for name in chain(*by_language.values()):
            by_name.setdefault(plain_name(name), {})[target] = None
    return _Names(
        by_name={name: tuple(targets) for name, targets in by_name.items()},
        personal=frozenset(plain_name(name) for name in chain(*read.personal.values())),
    )


def plain_name(name: str) -> str:
    """Return a column's name without case, accents, signs and what stands in brackets.

    >>> plain_name("N° de série*"), plain_name("SerialNo. (if known)")
    ('number de serie', 'serial number')
    """
    bare = _BRACKETED.sub(" ", name)
    if not bare.strip(" *:._"):
        bare = name
    bare = _NUMBER_SIGN.sub(" number ", _CAMEL.sub(" ", bare.replace("_", " ")))
    words = re.findall(r"[^\W_]+", without_accents(bare.casefold()).replace("ß", "ss"))
    spelt = " ".join("number" if word in _NUMBER_WORDS else word for word in words)
    return _COMPOUND.sub(r"\1 number", spelt)


_COMPOUND = re.compile(r"\b(\w{3,}?)(?:nr|nummer|nummern)\b")  # Inventarnr., serienummer
_NUMBER_WORDS = {"n", "nr", "no", "numero", "nummer", "num", "number"}


def read_name(name: str) -> NameMeaning:
    """Return what a column's name can mean.

    >>> read_name("Serien-Nr.").targets, read_name("Land").targets, read_name("Typ").targets
    (('serial',), ('country',), ('product', 'model'))
    """
    if name in COLUMNS or (name.startswith(FACT_PREFIX) and len(name) > len(FACT_PREFIX)):
        return NameMeaning((name,), exact=True)
    if len(name) > _MAX_NAME:
        return NameMeaning()
    known, plain = _known(), plain_name(name)
    if plain in known.by_name:
        return NameMeaning(known.by_name[plain], exact=True, personal=plain in known.personal)
    if plain in known.personal:
        return NameMeaning(exact=True, personal=True)
    words = plain.split()
    for length in range(len(words) - 1, 0, -1):
        parts = [" ".join(words[i : i + length]) for i in range(len(words) - length + 1)]
        found = dict.fromkeys(chain(*(known.by_name.get(part, ()) for part in parts)))
        personal = any(part in known.personal for part in parts)
        if found or personal:
            return NameMeaning(tuple(found), personal=personal)
    return NameMeaning()


def is_known_name(name: str) -> bool:
    """Return whether a text is surely the name of a column."""
    if name in COLUMNS or len(name) > _MAX_NAME:
        return name in COLUMNS
    plain = plain_name(name)
    return plain in _known().by_name or plain in _known().personal


def stated_order(name: str) -> str | None:
    """Return the order of day and month that a column's name states in brackets or signs.

    >>> stated_order("Lieferdatum (TT.MM.JJJJ)"), stated_order("Ship date MM/DD/YYYY")
    ('day-month-year', 'month-day-year')
    """
    if _DAY_FIRST.search(name):
        return "day-month-year"
    if _MONTH_FIRST.search(name):
        return "month-day-year"
    return None
