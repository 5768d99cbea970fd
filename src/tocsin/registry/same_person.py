"""The same person in two lists: what is compared, and when two persons are shown to somebody.

Nothing here joins anybody. A proposal is only shown; a person decides, and can undo it.
Source: `docs/adr/0019-imports-and-blind-tokens.md`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tocsin.identify.spelling import without_accents


class Mark(StrEnum):
    """A kind of thing that a person is known by."""

    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "name_address"
    NAME = "name"
    SERIAL = "name_serial"
    """Of the same name, and recorded with the same device: made when names are compared."""


MOST_SHARING = 4
"""A mark that more persons share, a switchboard or a family's, says nothing about any of them."""
MOST_OF_A_NAME = 20
"""Of more persons of one name none is compared by their devices."""
_MIN_DIGITS = 7
_TELLING = frozenset({Mark.EMAIL, Mark.PHONE, Mark.ADDRESS, Mark.SERIAL})


@dataclass(frozen=True)
class Comparable:
    """What a proposal needs to know of a person; nothing of it is private."""

    person_id: str
    kind: str
    is_minor: bool
    represented_by: str | None
    registry_ids: frozenset[int]


def marks_of(private: Mapping[str, str]) -> dict[Mark, str]:
    """Return the normalised texts that a person is compared by, as far as they are known.

    >>> marks_of({"name": "Åsa  LIND", "email": " Asa@Example.org "})
    {<Mark.NAME: 'name'>: 'asa lind', <Mark.EMAIL: 'email'>: 'asa@example.org'}
    """
    name = _words(private.get("name", ""))
    email = private.get("email", "").strip().casefold()
    digits = re.sub(r"[^0-9]", "", private.get("phone", "")).lstrip("0")
    address = "".join(re.findall(r"[^\W_]+", _plain(private.get("address_lines", ""))))
    found = {
        Mark.NAME: name,
        Mark.EMAIL: email if email.count("@") == 1 else "",
        Mark.PHONE: digits if len(digits) >= _MIN_DIGITS else "",
        Mark.ADDRESS: f"{name}\n{address}" if name and address else "",
    }
    return {mark: text for mark, text in found.items() if text}


def _words(text: str) -> str:
    """Return the words of a text in the order of the alphabet, without accents or signs."""
    return " ".join(sorted(re.findall(r"[^\W_]+", _plain(text))))


def _plain(text: str) -> str:
    return without_accents(text.casefold())


def may_be_same(one: Comparable, other: Comparable, marks: Iterable[Mark]) -> bool:
    """Return whether two persons that share some marks are worth a look.

    Never a child and a grown-up, nobody and their guardian, nobody within one list, which has a
    key for each of its holders, and no organisation and a person.
    """
    return (
        one.kind == other.kind
        and one.is_minor == other.is_minor
        and other.person_id != one.represented_by
        and one.person_id != other.represented_by
        and not one.registry_ids & other.registry_ids
        and bool(_TELLING & set(marks))
    )


def is_exact(marks: Iterable[Mark]) -> bool:
    """Return whether two persons agree in name, postal address and one thing more.

    Only such pairs may be confirmed many at once; every other is looked at.

    >>> is_exact({Mark.ADDRESS, Mark.EMAIL}), is_exact({Mark.EMAIL, Mark.PHONE})
    (True, False)
    """
    told = set(marks)
    return Mark.ADDRESS in told and bool(told & {Mark.EMAIL, Mark.PHONE, Mark.SERIAL})


def most_sharing(mark: Mark) -> int:
    """Return how many persons may share a mark for it to tell something of them."""
    return MOST_OF_A_NAME if mark is Mark.NAME else MOST_SHARING
