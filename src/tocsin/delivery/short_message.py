"""A text message as its vendor gets it, by file or by HTTPS: JSON bytes, the same for the same."""

import json
from dataclasses import dataclass

from tocsin.base.errors import TocsinError


class ShortMessageUnfit(TocsinError):
    """No text message can be made for somebody."""

    code = "short_message_unfit"


@dataclass(frozen=True)
class ShortMessage:
    """One text message.

    Attributes:
        reference: the dispatch: a repeat has the same, and so have its receipts.
        to: a number, ``+`` and digits.
        sender: who writes.
        language: of the text, BCP 47.
        text: what the person reads.
    """

    reference: str
    to: str
    sender: str
    language: str
    text: str


def build_short_message(message: ShortMessage) -> bytes:
    """Return a text message's bytes.

    >>> build_short_message(ShortMessage("0" * 4, "+44", "Acme", "en", "Hello"))[:24]
    b'{"channel":"sms","from":'
    """
    told = {
        "channel": "sms",
        "from": message.sender,
        "id": message.reference,
        "language": message.language,
        "text": message.text,
        "to": message.to,
        "version": 1,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
