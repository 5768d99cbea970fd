"""What the sender asks of a channel: one small protocol, whatever carries the message.

A hand-over has two halves, so that it is known at each moment what may have left. `offer` makes
everything ready, and nothing that it does can bring the message to anybody. Then the sender commits
that it is handing over. Only then `hand_over` lets the message leave, and its answer says what is
known: an answer that nobody saw is unknown, never a failure.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

_QUOTED_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
_QUOTED_NUMBER = re.compile(r"\+?\d(?:[ ()/-]?\d){6,}")
_MOST_REPLY = 280


class Handed(StrEnum):
    """What became of one hand-over: the names are events of `outreach.dispatch_states`."""

    ACCEPTED = "accept"
    REFUSED = "refuse"
    REFUSED_FOR_NOW = "refuse_for_now"
    NOT_BEGUN = "not_begun"
    UNKNOWN = "lose_sight"


class ChannelUnfit(Exception):
    """The other side cannot be reached, or lacks what was asked for; nothing was handed over."""


class AddressUnfit(ValueError):
    """An address cannot be used by the channel."""


@dataclass(frozen=True)
class Envelope:
    """From and to whom a message goes.

    Attributes:
        sender: who sends, as the channel wants it; of a mail, where notifications come back to.
        recipient: the one recipient.
        reference: the dispatch, the same at every attempt: by it a repeat can be seen to be one.
    """

    sender: str
    recipient: str
    reference: str


@dataclass(frozen=True)
class Answer:
    """What became of a hand-over, and the other side's own words without addresses."""

    outcome: Handed
    code: int
    text: str


class DeliveryChannel(Protocol):
    """One way out of the house, used for one message after the other, by one process."""

    @property
    def local_port(self) -> int:
        """Return the port of our end of its connection; 0 if it has none."""
        ...

    def open(self) -> None:
        """Make it ready, unless it is.

        Raises:
            ChannelUnfit: naming what failed, never a secret.
        """
        ...

    def offer(self, envelope: Envelope, content: bytes) -> Answer | None:
        """Make a message ready; return None if it can be handed over, else why not.

        Raises:
            AddressUnfit: without quoting the address.
            ChannelUnfit: if the channel is not open.
        """
        ...

    def hand_over(self) -> Answer:
        """Let the message leave that was offered last, and return what became of it."""
        ...

    def withdraw(self) -> None:
        """Take back what was offered and not handed over."""
        ...

    def close(self) -> None:
        """End it as it should be ended."""
        ...


def without_addresses(text: str) -> str:
    """Return somebody else's words without mail addresses and control characters.

    >>> without_addresses("550 5.1.1 <anna@example.org>: no such user")
    '550 5.1.1 [address]: no such user'
    """
    plain = "".join(char if char.isprintable() else " " for char in text)
    return _QUOTED_ADDRESS.sub("[address]", plain).strip()[:_MOST_REPLY]


def without_numbers(text: str) -> str:
    """Return somebody else's words without addresses, and without what may be a telephone number.

    >>> without_numbers("+44 1632 960001 is unknown to a@example.org")
    '[number] is unknown to [address]'
    """
    return _QUOTED_NUMBER.sub("[number]", without_addresses(text))


def explain_error(error: Exception) -> str:
    """Return an error in words; what a server said stands in it without addresses."""
    return without_addresses(f"{type(error).__name__}: {error}")


def content_sha256(content: bytes) -> str:
    """Return the hash of a message's bytes as a dispatch keeps it."""
    return sha256(content).hexdigest()
