"""Which question of a triage list is asked first. Pure; the order is the same for everybody.

1. What an answer about the device can settle, before what it cannot.
2. A person's device, before one of somebody unknown, before one of an organisation: it is in use
   tonight.
3. A device that surely is of a model that the notice names, one value missing, before one of which
   even the model is open: the first is more likely affected.
"""

from enum import IntEnum

from tocsin.match.rules import PRODUCT, parse_code

_PERSON = "person"


class Standing(IntEnum):
    """How close to a body a device is, as far as the holder's kind tells."""

    OF_PERSON = 0
    OF_SOMEBODY = 1
    OF_ORGANISATION = 2


def standing_of(kind: str) -> Standing:
    """Return how close to a body the devices of a kind of holder are; empty: nobody knows."""
    if kind == _PERSON:
        return Standing.OF_PERSON
    return Standing.OF_ORGANISATION if kind else Standing.OF_SOMEBODY


def urgency(column: str, kind: str, reason_code: str) -> tuple[bool, Standing, bool]:
    """Return the key by which questions are ordered, the smallest first.

    Args:
        column: what an answer fills; empty if no answer about the device can settle it.
        kind: of the holder; empty if nobody is known.
        reason_code: why it cannot be told.

    >>> urgency("software_version", "person", "software_unknown")
    (False, <Standing.OF_PERSON: 0>, False)
    """
    parsed = parse_code(reason_code)
    is_product_open = parsed is None or parsed[0] == PRODUCT
    return (not column, standing_of(kind), is_product_open)
