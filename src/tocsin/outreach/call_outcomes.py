"""How a call can end: the code of each end, when it is that one, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tocsin.outreach.sending_rules import sending_rules

BETWEEN_CALLS = timedelta(hours=4)


class CallOutcome(StrEnum):
    """How a call ended."""

    SPOKEN = "spoken"
    NO_ANSWER = "no_answer"
    CALL_LATER = "call_later"
    WRONG_NUMBER = "wrong_number"
    NOT_THEM = "not_them"


@dataclass(frozen=True)
class CallEnd:
    """One way for a call to end, in English: callers work with the desk.

    Attributes:
        outcome: its code.
        means: when it is this one.
        follows: what happens then.
    """

    outcome: CallOutcome
    means: str
    follows: str


_REPAIR = "The next channel opens, and a task to repair the contact."
_MEANS: Mapping[CallOutcome, str] = {
    CallOutcome.SPOKEN: "I have spoken with them, and read out at least what comes first",
    CallOutcome.NO_ANSWER: "Nobody answered, or I left the message on a machine",
    CallOutcome.CALL_LATER: "They, or somebody who knows them, ask to be called later",
    CallOutcome.WRONG_NUMBER: "The number is wrong, or nobody there knows them",
    CallOutcome.NOT_THEM: "They cannot be reached there any more: moved, died, or another reason",
}


def call_ends() -> tuple[CallEnd, ...]:
    """Return every way for a call to end.

    >>> call_ends()[1].follows
    'Called again after 4 hours; after 3 calls in vain, the next channel opens.'
    """
    hours = BETWEEN_CALLS // timedelta(hours=1)
    most = sending_rules().calls_before_giving_up
    again = f"Called again after {hours} hours; after {most} calls in vain, the next channel opens."
    follows: Mapping[CallOutcome, str] = {
        CallOutcome.SPOKEN: "Then enter what they answered: without it they are reminded.",
        CallOutcome.NO_ANSWER: again,
        CallOutcome.CALL_LATER: again,
        CallOutcome.WRONG_NUMBER: _REPAIR,
        CallOutcome.NOT_THEM: f"{_REPAIR} Who has moved or died is also entered as their answer.",
    }
    return tuple(CallEnd(each, _MEANS[each], follows[each]) for each in CallOutcome)
