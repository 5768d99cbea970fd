"""Notifications about mails: what they say, and of which mail they speak.

RFC 3464 is read with the standard library; other bounces by flufl.bounce, which knows addresses
only. A mail is found by the keyed hash in the address that the notification came to, else by the
envelope id, else by the Message-ID of the returned head.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import parseaddr, parsedate_to_datetime

from flufl.bounce import all_failures

from tocsin.delivery.channel import without_addresses

_MOST_BYTES = 2_000_000
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,200}>")
_TO_HEADERS = ("x-original-to", "delivered-to", "envelope-to", "to")


@dataclass(frozen=True)
class Notification:
    """What one notification says of one mail.

    Attributes:
        sent_to: addresses that it came to; one of them names the dispatch.
        envelope_id: that it quotes; empty if none.
        message_ids: of mails whose heads it returns.
        action: failed, delayed, delivered, relayed, expanded; failed for other bounces.
        status: an enhanced status code, or empty.
        detail: the diagnostic text without addresses.
        said_at: of its own head, as text.
        is_standard: whether it is a notification after RFC 3464.
    """

    sent_to: tuple[str, ...]
    envelope_id: str
    message_ids: tuple[str, ...]
    action: str
    status: str
    detail: str
    said_at: str
    is_standard: bool


def read_notification(content: bytes) -> Notification | None:
    """Return what a message says of a mail of ours; None if it is no notification.

    Args:
        content: the message as it came in; hostile for all we know.
    """
    message = message_from_bytes(content[:_MOST_BYTES], policy=policy.compat32)
    found = _standard(message) or _other(content, message)
    if found is None:
        return None
    action, status, detail, envelope_id, is_standard = found
    return Notification(
        tuple(_addresses(message)),
        envelope_id,
        tuple(_returned_ids(message)),
        action,
        status,
        without_addresses(detail),
        _said_at(message),
        is_standard,
    )


_Found = tuple[str, str, str, str, bool]


def _standard(message: Message) -> _Found | None:
    """Return action, status, detail and envelope id of a notification after RFC 3464."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload()
        if not isinstance(groups, list) or not groups:
            continue
        blocks = [group for group in groups if isinstance(group, Message)]
        envelope_id = _text(blocks[0], "Original-Envelope-Id") if blocks else ""
        for block in blocks:
            action = _text(block, "Action").lower()
            if action:
                status = _text(block, "Status").partition(" ")[0]
                detail = _text(block, "Diagnostic-Code")
                return action, status, detail, envelope_id, True
    return None


def _other(content: bytes, message: Message) -> _Found | None:
    """Return what a bounce in another form says, if flufl.bounce knows the form."""
    parsed = message_from_bytes(content[:_MOST_BYTES], _class=EmailMessage, policy=policy.compat32)
    if not _text(parsed, "From"):
        del parsed["From"]
        parsed["From"] = "<>"  # one of its detectors expects that somebody wrote it
    try:
        temporary, permanent = all_failures(parsed)
    except (ValueError, LookupError, AttributeError, TypeError):
        return None
    if not (temporary or permanent):
        return None
    action = "failed" if permanent else "delayed"
    return action, "", _text(message, "Subject"), "", False


def _addresses(message: Message) -> Iterator[str]:
    for name in _TO_HEADERS:
        for value in message.get_all(name, []):
            address = parseaddr(str(value))[1]
            if address:
                yield address


def _returned_ids(message: Message) -> Iterator[str]:
    """Yield the Message-IDs of returned mails: never the notification's own."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            head = message_from_bytes(payload if isinstance(payload, bytes) else b"")
            yield from _MESSAGE_ID.findall(_text(head, "Message-ID"))
        elif kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                yield from _MESSAGE_ID.findall(_text(inner[0], "Message-ID"))


def _said_at(message: Message) -> str:
    try:
        return parsedate_to_datetime(_text(message, "Date")).isoformat()
    except (ValueError, TypeError):
        return ""


def _text(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())
