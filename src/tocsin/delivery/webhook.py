"""A vendor's address that takes messages by HTTPS: one POST per message, signed, with a key.

A request is incomplete until its last byte is there, and no server may act on half of one. So all
but the last byte is written first and the last byte apart: what fails before it has certainly not
left; what fails after it is unknown. Redirects are not followed: the message would go to somebody
whom nobody has chosen. Source: RFC 9110, 15 (status codes); RFC 9112, 6.3 and 8 (incomplete
messages); draft-ietf-httpapi-idempotency-key-header-07 (the key).
"""

import http.client
import select
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tocsin.base.errors import TocsinError
from tocsin.delivery.channel import (
    AddressUnfit,
    Answer,
    ChannelUnfit,
    Envelope,
    Handed,
    explain_error,
    without_numbers,
)
from tocsin.delivery.message_signatures import HEADER, sign_message

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_ANSWER = 65_536
_OURS = frozenset({401, 403, 404, 405, 407, 410, 426})
"""The address or our key is wrong: nothing is wrong with the message, so it waits."""
_LATER = frozenset({408, 421, 425, 429})
_CONFLICT = 409


class WebhookUnfit(TocsinError):
    """An address is none that messages may be sent to."""

    code = "webhook_unfit"


@dataclass(frozen=True)
class WebhookPlace:
    """Where messages are posted to.

    Attributes:
        url: https; http only on this machine.
        secret: what the vendor and we sign with.
        timeout_s: for connecting and for each write.
        answer_timeout_s: how long each part of the answer may take.
        ca_file: certificates to trust besides the system's.
        content_type: of the messages.
    """

    url: str = field(repr=False)
    secret: bytes = field(repr=False)
    timeout_s: float = 30.0
    answer_timeout_s: float = 60.0
    ca_file: str | None = None
    content_type: str = "application/json"

    @property
    def name(self) -> str:
        """Return host and port: the rest of an address may be a secret."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


def check_webhook_address(url: str) -> None:
    """Check that messages may be posted to an address.

    Raises:
        WebhookUnfit: unless it is https, or http on this machine, without a user or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not (is_safe and host and is_plain) or parts.username is not None or parts.fragment:
        raise WebhookUnfit(
            "Messages are posted to an https address without user and fragment; to http only on "
            "this machine (127.0.0.1, ::1, localhost). Nothing was changed. Ask the vendor for "
            "such an address."
        )


class Webhook:
    """One connection to a vendor's address, used for one message after the other."""

    def __init__(self, place: WebhookPlace) -> None:
        """Take the place; nothing is opened yet.

        Raises:
            WebhookUnfit: if its address is none that messages may be sent to.
        """
        check_webhook_address(place.url)
        self._place = place
        self._http: http.client.HTTPConnection | None = None
        self._ready: tuple[str, bytes] | None = None

    @property
    def local_port(self) -> int:
        """Return the port of our end; 0 without a connection."""
        opened = self._http.sock if self._http else None
        return int(opened.getsockname()[1]) if opened else 0

    def open(self) -> None:
        """Connect, unless there is a connection that the other side has not closed.

        Raises:
            ChannelUnfit: naming what failed.
        """
        if self._http is not None and self._is_still_open():
            return
        self.drop()
        place, parts = self._place, urlsplit(self._place.url)
        host, port = parts.hostname or "", parts.port
        try:
            if parts.scheme == "https":
                context = ssl.create_default_context(cafile=place.ca_file)
                made: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, port, timeout=place.timeout_s, context=context
                )
            else:
                made = http.client.HTTPConnection(host, port, timeout=place.timeout_s)
            made.connect()
        except (OSError, http.client.HTTPException) as error:
            raise ChannelUnfit(
                f"The vendor's address at {place.name} cannot be used ({explain_error(error)})"
            ) from error
        made.auto_open = 0  # a connection that ends is never opened again behind our back
        self._http = made

    def offer(self, envelope: Envelope, content: bytes) -> Answer | None:
        """Make a message ready; nothing of it has left by then.

        Raises:
            AddressUnfit: if the message is empty.
            ChannelUnfit: if the vendor cannot be reached.
        """
        if not content:
            raise AddressUnfit("An empty message cannot be posted.")
        self.open()
        self._ready = envelope.reference, content
        return None

    def hand_over(self) -> Answer:
        """Post the message that was offered."""
        if self._ready is None or self._http is None:
            return Answer(Handed.NOT_BEGUN, 0, "nothing was offered")
        (reference, content), made = self._ready, self._http
        self._ready = None
        try:
            self._write_head(made, reference, content)
            made.send(content[:-1])
        except (OSError, http.client.HTTPException) as error:
            self.drop()
            return Answer(Handed.NOT_BEGUN, 0, explain_error(error))
        return self._end_message(made, content[-1:])

    def _write_head(self, made: http.client.HTTPConnection, reference: str, content: bytes) -> None:
        parts = urlsplit(self._place.url)
        made.putrequest(
            "POST", f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}",
            skip_accept_encoding=True,
        )  # fmt: skip
        made.putheader("Content-Type", self._place.content_type)
        made.putheader("Content-Length", str(len(content)))
        made.putheader("Idempotency-Key", reference)
        made.putheader("User-Agent", "tocsin")
        made.putheader(HEADER, sign_message(self._place.secret, content, int(time.time())))
        made.endheaders()

    def _end_message(self, made: http.client.HTTPConnection, last: bytes) -> Answer:
        """Write the last byte and wait: from here on silence means that nobody knows."""
        try:
            if made.sock:
                made.sock.settimeout(self._place.answer_timeout_s)
            made.send(last)
            response = made.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.drop()
            return Answer(Handed.UNKNOWN, 0, explain_error(error))
        try:  # the status has decided; the words behind it only explain
            told = response.read(_MOST_ANSWER)
            if response.will_close or not response.isclosed():
                self.drop()
            elif made.sock:
                made.sock.settimeout(self._place.timeout_s)
        except (OSError, http.client.HTTPException):
            told = b""
            self.drop()
        return read_status(response.status, told)

    def withdraw(self) -> None:
        """Forget what was offered: nothing of it has left."""
        self._ready = None

    def close(self) -> None:
        """End the connection."""
        self.drop()

    def drop(self) -> None:
        """End the connection without a word."""
        if self._http is not None:
            self._http.close()
        self._http = None

    def _is_still_open(self) -> bool:
        """Whether the other side has neither closed the connection nor said anything unasked."""
        opened = self._http.sock if self._http else None
        if opened is None:
            return False
        try:
            return not select.select([opened], [], [], 0)[0]
        except (OSError, ValueError):
            return False


def read_status(status: int, told: bytes) -> Answer:
    """Return what an answer means: taken, refused, not now, or unknown.

    2xx is taken, another 4xx refused. Where the address or our key is wrong, or there were too
    many, the message waits. 5xx, a redirect to look elsewhere, and a conflict do not say whether
    the message was taken.

    >>> [read_status(code, b"").outcome.value for code in (202, 422, 401, 429, 503, 303)]
    ['accept', 'refuse', 'refuse_for_now', 'refuse_for_now', 'lose_sight', 'lose_sight']
    """
    words = without_numbers(told.decode("utf-8", "replace"))
    if 200 <= status < 300:
        outcome = Handed.ACCEPTED
    elif status in _OURS | _LATER:
        outcome = Handed.REFUSED_FOR_NOW
        if status in _OURS:
            words = f"the vendor's address or our key is not right: {words}"
    elif status in {301, 302, 307, 308}:
        outcome, words = Handed.REFUSED_FOR_NOW, "it points elsewhere, which is not followed"
    elif 400 <= status < 500 and status != _CONFLICT:
        outcome = Handed.REFUSED
    else:
        outcome = Handed.UNKNOWN
    return Answer(outcome, status, f"HTTP {status} {words}".strip())
