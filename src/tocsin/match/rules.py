"""What a verdict is decided by: the constraint kinds in order, and the reason codes.

A verdict's reason is the entry that decides and, in it, the first kind (in the order
below) that is as bad as the whole. A reason travels through relational engines as one
number, ``kind * 16 + how``; names are given to it here only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from tocsin.base.truth import Truth, all_of, negate
from tocsin.registry.schema import DAY_COLUMNS, FACT_PREFIX


class How(IntEnum):
    """Why a constraint is not TRUE."""

    UNKNOWN = 1  # the record has no usable value
    UNCLEAR = 2  # the value is there, but does not decide
    OUTSIDE = 3  # the value is surely out
    UNREAD = 4  # the notice's text could not be read
    WITHHELD = 5  # the notice keeps its list to itself
    NO_STATUS = 6  # the notice lists the product without saying what holds
    UNREVIEWED = 7  # nobody has confirmed the entry yet


PRODUCT = "product"
SOFTWARE = "software"
LOT = "lot"
SERIAL = "serial"
COUNTRY = "country"
ENTRY = "entry"

FIRST_KINDS = (PRODUCT, SOFTWARE, LOT, SERIAL, *DAY_COLUMNS, COUNTRY)
MAX_ENTRIES = 65535


class Reasons:
    """The numbering of kinds for one set of notices: fixed kinds, facts, then the entry."""

    def __init__(self, facts: Sequence[str] = ()) -> None:
        """Number the kinds; ``facts`` are the names of all facts that the notices use."""
        self.kinds = (*FIRST_KINDS, *(FACT_PREFIX + name for name in sorted(set(facts))), ENTRY)
        self._index = {kind: index for index, kind in enumerate(self.kinds)}

    def number(self, kind: str, how: How) -> int:
        """Return the number of a reason."""
        return self._index[kind] * 16 + how

    def index(self, kind: str) -> int:
        """Return the place of a kind in the order of deciding."""
        return self._index[kind]

    def kind_and_how(self, number: int) -> tuple[str, How]:
        """Return what a reason number stands for."""
        return self.kinds[number // 16], How(number % 16)

    def code(self, truth: Truth, number: int, *, by_exclusion: bool) -> str:
        """Return the stable reason code of a decided pair.

        >>> Reasons().code(Truth.UNKNOWN, 17, by_exclusion=False)
        'software_unknown'
        """
        if number == 0:
            if by_exclusion:
                return "excluded"
            return "in_scope" if truth is Truth.TRUE else "other_product"
        kind, how = self.kind_and_how(number)
        if kind == PRODUCT and how is How.OUTSIDE:
            return "other_product"
        code = f"{kind}_{how.name.lower()}"
        return f"exclusion_{code}" if by_exclusion else code


def parse_code(code: str) -> tuple[str, How, bool] | None:
    """Return kind, how and whether an exclusion decides; None for a code without them.

    >>> parse_code("exclusion_software_unknown")
    ('software', <How.UNKNOWN: 1>, True)
    >>> parse_code("in_scope")
    """
    own = code.removeprefix("exclusion_")
    for how in How:
        kind = own.removesuffix(f"_{how.name.lower()}")
        if kind != own and (kind in {*FIRST_KINDS, ENTRY} or kind.startswith(FACT_PREFIX)):
            return kind, how, own != code
    return None


NO_EVIDENCE = "no_product_evidence"
GAP = "gap"


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """How one entry stands to one record; ordered by which entry should speak.

    Attributes:
        truth: whether the entry holds.
        product: whether the record's product is the entry's; FALSE where an unreviewed
            entry only holds the record back.
        ordinal: the entry's place in the scope.
        reason: number of the reason, 0 if TRUE.
    """

    truth: Truth
    product: Truth
    ordinal: int
    reason: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """Return the key by which the speaking entry is chosen: the greatest speaks."""
        return (self.truth, self.product, -self.ordinal)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a whole scope for one record."""

    truth: Truth
    speaker: EntryOutcome | None
    by_exclusion: bool


def decide(affects: Sequence[EntryOutcome], excludes: Sequence[EntryOutcome]) -> Decision:
    """Return ``OR(affects) AND NOT OR(excludes)`` and the entry that speaks for it."""
    affecting = max(affects, key=lambda outcome: outcome.rank)
    excluding = max(excludes, key=lambda outcome: outcome.rank, default=None)
    excluded = excluding.truth if excluding else Truth.FALSE
    truth = all_of([affecting.truth, negate(excluded)])
    by_exclusion = affecting.truth is not Truth.FALSE and (
        excluded is Truth.TRUE or (excluded is Truth.UNKNOWN and affecting.truth is Truth.TRUE)
    )
    if by_exclusion:
        return Decision(truth, excluding, by_exclusion=True)
    named = affecting.truth is not Truth.FALSE or affecting.product is not Truth.FALSE
    return Decision(truth, affecting if named else None, by_exclusion=False)
