"""What a unique device identifier can say, whichever agency issued it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Agency(StrEnum):
    """Who issued a device identifier: the three agencies of the EU and the US."""

    GS1 = "GS1"
    HIBCC = "HIBCC"
    ICCBBA = "ICCBBA"


class Check(StrEnum):
    """What the check digit or check character says; ``NONE`` where there is none."""

    RIGHT = "right"
    WRONG = "wrong"
    NONE = "none"


class UnreadableUdi(ValueError):
    """A text is not a device identifier that we can read."""


NUMBERS = frozenset({"lot", "serial", "software_version", "donation_id"})
PARTS = NUMBERS | {"made_on", "expires_on"}


@dataclass(frozen=True, slots=True)
class Udi:
    """The parts of a device identifier; a missing part is None.

    Attributes:
        di: the device identifier itself: 14 digits (GS1), labeller, product and unit
            (HIBCC), facility, product and description code (ICCBBA). None if only a
            secondary bar code was given.
        agency: who issued it.
        check: what the check digit of the DI (GS1) or the check character of the whole
            text (HIBCC) says. A wrong one is flagged, never rejected: real labels carry some.
        made_on: day or month of manufacture, ISO.
        expires_on: day or month of expiry, ISO.
        software_version: as the maker put it on the label; a device may have been updated.
        donation_id: number of the donation, for tissue and blood.
        doubts: names of parts that are written, but may mean something else.
    """

    di: str | None
    agency: Agency
    check: Check
    lot: str | None = None
    serial: str | None = None
    made_on: str | None = None
    expires_on: str | None = None
    software_version: str | None = None
    donation_id: str | None = None
    doubts: frozenset[str] = frozenset()

    @property
    def can_refute(self) -> bool:
        """Whether "this is another DI" may be concluded from it; a mistyped DI may not."""
        return self.di is not None and self.check is not Check.WRONG and "di" not in self.doubts

    def without_doubts(self) -> "Udi":
        """Return the same with every doubtful part missing; the DI stays."""
        doubtful: dict[str, Any] = dict.fromkeys(PARTS & self.doubts)
        return replace(self, **doubtful) if doubtful else self
