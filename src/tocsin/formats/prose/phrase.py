"""A phrase: some neighbouring tokens and what they were read as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.formats.prose.tokens import Tokens

PRODUCT = "product"
CODES = "codes"
SOFTWARE = "software"
LOT = "lot"
SERIAL = "serial"
EITHER = "lot or serial"
UDI = "udi"
DAYS = "days"
COUNTRY = "country"
ALL = "all"
FACT = "fact"
TOLD = "told"


@dataclass(frozen=True, slots=True)
class Phrase:
    """What some tokens of a statement say.

    Attributes:
        kind: what kind of thing it speaks of.
        first: the place of its first token.
        after: the place after its last token.
        value: what was read; what it is depends on the kind.
        read_as: the same in words, for the person who reviews.
        unread: why it could not be read fully, else None; then it may say more or less.
        details: what else belongs to it.
    """

    kind: str
    first: int
    after: int
    value: Any = None
    read_as: str = ""
    unread: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known before a statement is read.

    Attributes:
        text: the whole text, which tokens point into.
        day_order: how numeric dates are written, ``mdy`` or ``dmy``; None if nobody knows.
        maker: the manufacturer as spelt, if known.
        maker_id: its id, if known.
        own_codes: model numbers that the document's head names, upper case.
        own_words: the words of the product's name in the document's head, lower case.
        by_lot: whether the product is known by its lot alone, never by a serial number.
    """

    text: str
    day_order: str | None = None
    maker: str | None = None
    maker_id: str | None = None
    own_codes: frozenset[str] = frozenset()
    own_words: frozenset[str] = frozenset()
    by_lot: bool = False


def skip(tokens: Tokens, at: int, signs: str = ",:;.()") -> int:
    """Return the next place that holds none of some signs and no line end."""
    while at < len(tokens) and (tokens[at].kind in {"line", "gap"} or tokens[at].low in signs):
        at += 1
    return at
