"""A mail relay, spoken to verb by verb, so that it is known at each moment what may have left.

Until the final dot is written, a relay must throw away what it got; after it, only its answer tells
who owns the mail. So the message is written first and the dot apart, and the error of each tells
something else. Where the relay takes the message as a chunk of a length told before, its last line
end stands for the dot. One recipient per message.
Source: RFC 5321, 4.1.1.4 and 4.2.5; RFC 3030 for chunks; RFC 3461 for DSN.
"""

import re
import select
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tocsin.delivery.channel import (
    AddressUnfit,
    Answer,
    ChannelUnfit,
    Envelope,
    Handed,
    explain_error,
    without_addresses,
)

_ADDRESS = re.compile(r"[!-;=?-~]{1,64}@[A-Za-z0-9.-]{1,253}")
_NOT_XCHAR = re.compile(r"[^!-*,-<>-~]")
_TAKEN = frozenset({250, 251})
_END_OF_LINE = b"\r\n"
_QUIT_TIMEOUT_S = 2.0
_LINE_TIMEOUT_S = 1.0
"""How long the rest of an answer may take that has begun, where somebody waits for it shortly."""


@dataclass(frozen=True)
class RelayPlace:
    """Where a relay is and how it is spoken to.

    Attributes:
        security: ``none``, ``starttls`` or ``tls``.
        user, password: empty for a relay that asks for neither.
        local_name: what we call ourselves in EHLO.
        timeout_s: how long each answer may take but that to the final dot.
        answer_timeout_s: how long that may take. Source: RFC 5321, 4.5.3.2.6.
        ca_file: certificates to trust besides the system's, for a relay of one's own.
    """

    host: str
    port: int = 25
    security: str = "none"
    user: str = ""
    password: str = ""
    local_name: str = "localhost"
    timeout_s: float = 60.0
    answer_timeout_s: float = 600.0
    ca_file: str | None = None


@dataclass
class _Asked:
    """MAIL and RCPT of one message, and what the relay has said of them so far.

    Both are written at once where the relay offers that. Source: RFC 2920, 3.1.
    """

    verbs: tuple[bytes, bytes]
    at_once: bool
    replies: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether nothing more is to be waited for."""
        wanted = 2 if self.at_once or self._takes_sender else 1
        return len(self.replies) >= wanted

    @property
    def decisive(self) -> tuple[int, bytes]:
        """Return the answer to the recipient, or the refusal of the sender."""
        return self.replies[-1] if self._takes_sender else self.replies[0]

    @property
    def _takes_sender(self) -> bool:
        return not self.replies or self.replies[0][0] == 250

    def write(self, smtp: smtplib.SMTP) -> None:
        """Write what can be written before the first answer."""
        smtp.send(b"".join(self.verbs) if self.at_once else self.verbs[0])

    def read_one(self, smtp: smtplib.SMTP, timeout_s: float) -> None:
        """Wait for one more answer; without pipelining, write what follows it."""
        if smtp.sock:
            smtp.sock.settimeout(timeout_s)
        self.replies.append(smtp.getreply())
        if not self.at_once and len(self.replies) == 1 and self._takes_sender:
            smtp.send(self.verbs[1])


class SmtpRelay:
    """One connection to a relay, used for one mail after the other."""

    def __init__(self, place: RelayPlace) -> None:
        """Take the place; nothing is opened yet."""
        self._place = place
        self._content = b""
        self._smtp: smtplib.SMTP | None = None
        self._asked: _Asked | None = None
        self._failed: Answer | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._smtp is not None

    @property
    def local_port(self) -> int:
        """Return the port of our end; 0 without a connection."""
        opened = self._smtp.sock if self._smtp else None
        return int(opened.getsockname()[1]) if opened else 0

    def open(self) -> None:
        """Connect, secure and sign in, unless that was done.

        Raises:
            ChannelUnfit: naming what failed, never the password.
        """
        if self._smtp is not None:
            return
        place = self._place
        try:
            self._smtp = _connect(place)
            if place.user:
                self._smtp.login(place.user, place.password)
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise ChannelUnfit(
                f"The relay {place.host}:{place.port} cannot be used ({explain_error(error)})"
            ) from error

    def offer(self, envelope: Envelope, content: bytes) -> Answer | None:
        """Name sender and recipient; return None if the relay takes them, else why not.

        Nothing of the message has left by then.

        Args:
            envelope: from and to whom.
            content: the message, its lines ended by CR LF.

        Raises:
            AddressUnfit: if one of the addresses cannot stand in an envelope.
            ChannelUnfit: if there is no connection.
        """
        self.ask(envelope, content)
        return self.answer()

    def ask(self, envelope: Envelope, content: bytes) -> None:
        """Name sender and recipient, and do not wait for what the relay says of them.

        Raises:
            AddressUnfit: if one of the addresses cannot stand in an envelope; nothing was asked.
            ChannelUnfit: if there is no connection.
        """
        for address in (envelope.sender, envelope.recipient):
            if not is_plain_address(address):
                raise AddressUnfit("An address cannot stand in an envelope as it is.")
        smtp = self._opened()
        self._content, self._failed = content, None
        with_dsn = smtp.has_extn("dsn")
        mail = f" RET=HDRS ENVID={_xtext(envelope.reference)}" if with_dsn else ""
        rcpt = (
            f" NOTIFY=FAILURE,DELAY ORCPT=rfc822;{_xtext(envelope.recipient)}" if with_dsn else ""
        )
        # Both addresses are plain: the library would parse them again, which costs more than all
        # else that is done here.
        self._asked = _Asked(
            (
                f"MAIL FROM:<{envelope.sender}>{mail}\r\n".encode("ascii"),
                f"RCPT TO:<{envelope.recipient}>{rcpt}\r\n".encode("ascii"),
            ),
            at_once=smtp.has_extn("pipelining"),
        )
        with self._asking():
            self._asked.write(smtp)

    def takes_soon(self, within_s: float) -> bool:
        """Wait so long at most for the answer to what was asked; whether it came and says yes.

        If not, `answer` tells what is the matter, and may take its time for it.
        """
        until_s = time.monotonic() + within_s
        while (asked := self._awaited()) is not None:
            with self._asking() as smtp:
                if not _has_something(smtp, until_s - time.monotonic()):
                    return False
                asked.read_one(smtp, min(_LINE_TIMEOUT_S, self._place.timeout_s))
        return self._asked is not None and not self._failed and self._asked.decisive[0] in _TAKEN

    def answer(self) -> Answer | None:
        """Return None if the relay takes what it was asked, else why not; wait for it if need be.

        Nothing of the message has left by then.
        """
        while (asked := self._awaited()) is not None:
            with self._asking() as smtp:
                asked.read_one(smtp, self._place.timeout_s)
        asked, self._asked = self._asked, None
        if self._failed is not None or asked is None:
            return self._failed or Answer(Handed.NOT_BEGUN, 0, "nothing was offered")
        code, said = asked.decisive
        if code in _TAKEN:
            return None
        self.withdraw()
        return _refusal(code, said)

    def _awaited(self) -> _Asked | None:
        """Return what is asked and not yet answered."""
        asked = self._asked
        return None if asked is None or asked.is_answered or self._failed else asked

    @contextmanager
    def _asking(self) -> Iterator[smtplib.SMTP]:
        """Lend the connection; if it fails, it is dropped, and nothing was begun."""
        smtp = self._opened()
        try:
            yield smtp
            if smtp.sock:
                smtp.sock.settimeout(self._place.timeout_s)
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            self._failed = Answer(Handed.NOT_BEGUN, 0, explain_error(error))

    def hand_over(self) -> Answer:
        """Hand the message over to the relay that has taken its envelope."""
        smtp = self._opened()
        if smtp.has_extn("chunking"):
            return self._hand_over_chunk(smtp)
        try:
            code, said = smtp.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            return Answer(Handed.NOT_BEGUN, 0, explain_error(error))
        if code != 354:
            self.withdraw()
            return _refusal(code, said)
        try:
            smtp.send(_stuffed(self._content))
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            return Answer(Handed.NOT_BEGUN, 0, explain_error(error))
        return self._end_message(smtp, b".\r\n")

    def _hand_over_chunk(self, smtp: smtplib.SMTP) -> Answer:
        """Hand the message over with its length told before: no question, and no dot to wait for.

        A relay must throw a chunk away that is not whole. Source: RFC 3030, 2.
        """
        content = _ended(self._content)
        head = b"BDAT %d LAST\r\n" % len(content)
        try:
            smtp.send(head + content[: -len(_END_OF_LINE)])
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            return Answer(Handed.NOT_BEGUN, 0, explain_error(error))
        answer = self._end_message(smtp, _END_OF_LINE)
        if answer.outcome in {Handed.REFUSED, Handed.REFUSED_FOR_NOW}:
            self.withdraw()  # what state the relay is in is told by nobody
        return answer

    def _end_message(self, smtp: smtplib.SMTP, end: bytes) -> Answer:
        """Write what ends the message and wait: from here on silence means that nobody knows."""
        try:
            if smtp.sock:
                smtp.sock.settimeout(self._place.answer_timeout_s)
            smtp.send(end)
            code, said = smtp.getreply()
            if smtp.sock:
                smtp.sock.settimeout(self._place.timeout_s)
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            return Answer(Handed.UNKNOWN, 0, explain_error(error))
        if code == 250:
            return Answer(Handed.ACCEPTED, code, _clear_text(said))
        if code == 421:
            self.drop()
        if code < 400:
            return Answer(Handed.UNKNOWN, code, _clear_text(said))
        return _refusal(code, said)

    def withdraw(self) -> None:
        """Take back an envelope that was offered; a connection that fails is dropped."""
        try:
            if self._smtp is not None and self._smtp.rset()[0] != 250:
                self.drop()
        except (OSError, smtplib.SMTPException):
            self.drop()

    def close(self) -> None:
        """End the connection as it should be ended."""
        try:
            if self._smtp is not None:
                if self._smtp.sock:
                    self._smtp.sock.settimeout(_QUIT_TIMEOUT_S)
                self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            self.drop()

    def drop(self) -> None:
        """End the connection without a word."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def _opened(self) -> smtplib.SMTP:
        if self._smtp is None:
            raise ChannelUnfit("There is no connection to the relay")
        return self._smtp


def is_plain_address(address: str) -> bool:
    r"""Whether an address can stand in an envelope: ASCII, one @, nothing that ends a line.

    >>> is_plain_address("a.b+c@example.org"), is_plain_address("a@b\r\nRCPT TO:<c@d>")
    (True, False)
    """
    return _ADDRESS.fullmatch(address) is not None and ".." not in address


def _connect(place: RelayPlace) -> smtplib.SMTP:
    at = place.host, place.port, place.local_name
    smtp = (
        smtplib.SMTP_SSL(*at, timeout=place.timeout_s, context=_trusted(place))
        if place.security == "tls"
        else smtplib.SMTP(*at, timeout=place.timeout_s)
    )
    # The final dot is a write of its own, and must not wait for the answer to the one before.
    if smtp.sock:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    smtp.ehlo_or_helo_if_needed()
    if place.security == "starttls":
        smtp.starttls(context=_trusted(place))  # refused where the relay does not offer it
        smtp.ehlo_or_helo_if_needed()
    return smtp


def _trusted(place: RelayPlace) -> ssl.SSLContext:
    """Return whom to trust; made only where it is used: it reads hundreds of certificates."""
    return ssl.create_default_context(cafile=place.ca_file)


def _has_something(smtp: smtplib.SMTP, within_s: float) -> bool:
    """Whether something of an answer, or the end of the connection, is there or comes in time."""
    sock, read = smtp.sock, smtp.file
    if sock is None or read is None:
        return True  # reading says what is wrong
    sock.settimeout(0)
    try:
        if read.peek(1):
            return True
    except ssl.SSLWantReadError:
        pass
    return bool(select.select([sock], [], [], max(0.0, within_s))[0])


def _refusal(code: int, said: bytes) -> Answer:
    outcome = Handed.REFUSED if 500 <= code < 600 else Handed.REFUSED_FOR_NOW
    return Answer(outcome, code, _clear_text(said))


def _stuffed(content: bytes) -> bytes:
    """Return a message with each line's first dot doubled, its last line ended."""
    return _ended(re.sub(rb"(?m)^\.", b"..", content))


def _ended(content: bytes) -> bytes:
    """Return a message whose last line is ended."""
    return content if content.endswith(_END_OF_LINE) else content + _END_OF_LINE


def _xtext(text: str) -> str:
    """Return a text in the form of RFC 3461, 4."""
    return _NOT_XCHAR.sub(lambda found: f"+{ord(found[0]):02X}", text)


def _clear_text(said: bytes) -> str:
    return without_addresses(said.decode("utf-8", "replace"))
