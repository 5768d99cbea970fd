"""One holder, read: what may stand in clear, what is private, and what is wrong with the row."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.registry.record import read_country
from tocsin.registry.schema import clean

KINDS = frozenset({"person", "clinician", "clinic", "pharmacy", "distributor", "payer"})
PRIVATE_COLUMNS = ("name", "email", "phone", "address_lines")
_MOST = {"holder_id": 200, "clinic_id": 200, "represented_by": 200, "language": 35}
_MOST_PRIVATE = 2000
_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0"})


@dataclass(frozen=True)
class HolderFault:
    """What is wrong with one value of a row; ``value`` is for the owner of the list only."""

    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class HolderRecord:
    """A holder ready to be kept.

    Attributes:
        private: name and addresses, as far as they are known.
        represented_by: the holder_id of the carer or guardian; empty if there is none.
    """

    holder_id: str
    kind: str
    country: str
    language: str
    clinic_id: str
    represented_by: str
    is_minor: bool
    private: Mapping[str, str]


@dataclass
class HolderRead:
    """What became of a row.

    Attributes:
        record: None if the row must be set aside.
        refused: why it must be.
        findings: values that count as unknown; the row is kept.
    """

    record: HolderRecord | None = None
    refused: list[HolderFault] = field(default_factory=list)
    findings: list[HolderFault] = field(default_factory=list)


def read_holder(row: Mapping[str, str | None]) -> HolderRead:
    """Return what a row of a holders file states.

    A row is refused only if it could do harm in a letter or cannot be kept: a control character
    in a name or an address, or a text that is too long. Nobody is lost because of anything else.
    """
    read = HolderRead()
    private = {name: text for name in PRIVATE_COLUMNS if (text := clean(row.get(name)))}
    for column, text in private.items():
        _refuse(read, column, text, _MOST_PRIVATE)
    own = {column: clean(row.get(column)) or "" for column in _MOST}
    own["holder_id"] = row.get("holder_id") or ""
    for column, text in own.items():
        _refuse(read, column, text, _MOST[column])
    if read.refused:
        return read
    if own["represented_by"] == own["holder_id"]:
        own["represented_by"] = ""
        _find(read, "represented_by", own["holder_id"], "nobody represents themselves")
    read.record = HolderRecord(
        kind=_kind(read, row.get("kind")),
        country=_country(read, row.get("country")),
        is_minor=_is_minor(read, row.get("minor")),
        private=private,
        **own,
    )
    return read


def has_control_character(text: str) -> bool:
    r"""Whether a text holds what could break a line of a letter's head, or turn its direction.

    >>> has_control_character("Anna\nBcc: x"), has_control_character("Zoë\u202e")
    (True, True)
    """
    return any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} or char in _TURNS for char in text)


_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _refuse(read: HolderRead, column: str, text: str, most: int) -> None:
    if has_control_character(text):
        why = "holds a control character, which could change a letter or a mail's head"
        read.refused.append(HolderFault(column, text, why))
    elif len(text) > most:
        why = f"is longer than {most} characters"
        read.refused.append(HolderFault(column, text[:most], why))


def _find(read: HolderRead, column: str, value: str, reason: str) -> None:
    read.findings.append(HolderFault(column, value, reason))


def _kind(read: HolderRead, text: str | None) -> str:
    kind = (clean(text) or "person").casefold()
    if kind in KINDS:
        return kind
    _find(read, "kind", kind, f"none of {', '.join(sorted(KINDS))}; it counts as person")
    return "person"


def _country(read: HolderRead, text: str | None) -> str:
    code = read_country(text)
    if code is None and (told := clean(text)):
        _find(read, "country", told, "not a country code of ISO 3166; it counts as unknown")
    return code or ""


def _is_minor(read: HolderRead, text: str | None) -> bool:
    told = (clean(text) or "false").casefold()
    if told not in _YES | _NO:
        _find(read, "minor", told, "neither true nor false; it counts as false")
    return told in _YES
