"""One thing that is wrong, how urgent it is, and what to do."""

from dataclasses import dataclass
from enum import IntEnum


class Urgency(IntEnum):
    """How soon somebody must act."""

    NOW = 1
    SOON = 2
    NOTE = 3
    """Nothing is wrong; good to know."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes:
        code: stable, for programs.
        urgency: how soon somebody must act.
        found: what is wrong, a sentence.
        advice: what to do, a sentence.
    """

    code: str
    urgency: Urgency
    found: str
    advice: str
