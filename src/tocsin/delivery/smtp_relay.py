"""A mail relay, spoken to verb by verb, so that it is known at each moment what may have left.

Until the final dot is written, a relay must throw away what it got; after it, only its answer tells
who owns the mail. So the message is written first and the dot apart, and the error of each tells
something else. One recipient per message. Source: RFC 5321, 4.1.1.4 and 4.2.5; RFC 3461 for DSN.
"""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass

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
_QUIT_TIMEOUT_S = 2.0


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


class SmtpRelay:
    """One connection to a relay, used for one mail after the other."""

    def __init__(self, place: RelayPlace) -> None:
        """Take the place; nothing is opened yet."""
        self._place = place
        self._content = b""
        self._smtp: smtplib.SMTP | None = None

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
        for address in (envelope.sender, envelope.recipient):
            if not is_plain_address(address):
                raise AddressUnfit("An address cannot stand in an envelope as it is.")
        smtp = self._opened()
        self._content = content
        with_dsn = smtp.has_extn("dsn")
        mail = f" RET=HDRS ENVID={_xtext(envelope.reference)}" if with_dsn else ""
        rcpt = (
            f" NOTIFY=FAILURE,DELAY ORCPT=rfc822;{_xtext(envelope.recipient)}" if with_dsn else ""
        )
        # Both addresses are plain: the library would parse them again, which costs more than all
        # else that is done here.
        verbs = (
            f"MAIL FROM:<{envelope.sender}>{mail}\r\n".encode("ascii"),
            f"RCPT TO:<{envelope.recipient}>{rcpt}\r\n".encode("ascii"),
        )
        try:
            code, said = _ask_both(smtp, *verbs)
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            return Answer(Handed.NOT_BEGUN, 0, explain_error(error))
        if code in {250, 251}:
            return None
        self.withdraw()
        return _refusal(code, said)

    def hand_over(self) -> Answer:
        """Hand the message over to the relay that has taken its envelope."""
        smtp = self._opened()
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
        return self._end_message(smtp)

    def _end_message(self, smtp: smtplib.SMTP) -> Answer:
        """Write the final dot and wait: from here on silence means that nobody knows."""
        try:
            if smtp.sock:
                smtp.sock.settimeout(self._place.answer_timeout_s)
            smtp.send(b".\r\n")
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
    context = ssl.create_default_context(cafile=place.ca_file)
    smtp = (
        smtplib.SMTP_SSL(
            place.host, place.port, place.local_name, timeout=place.timeout_s, context=context
        )
        if place.security == "tls"
        else smtplib.SMTP(place.host, place.port, place.local_name, timeout=place.timeout_s)
    )
    # The final dot is a write of its own, and must not wait for the answer to the one before.
    if smtp.sock:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    smtp.ehlo_or_helo_if_needed()
    if place.security == "starttls":
        smtp.starttls(context=context)  # refused where the relay does not offer it
        smtp.ehlo_or_helo_if_needed()
    return smtp


def _ask_both(smtp: smtplib.SMTP, mail: bytes, rcpt: bytes) -> tuple[int, bytes]:
    """Ask for sender and recipient; return the answer to the second, or the first refusal.

    In one go where the relay offers it. Source: RFC 2920, 3.1.
    """
    if smtp.has_extn("pipelining"):
        smtp.send(mail + rcpt)
        first, second = smtp.getreply(), smtp.getreply()
        return second if first[0] == 250 else first
    smtp.send(mail)
    first = smtp.getreply()
    if first[0] != 250:
        return first
    smtp.send(rcpt)
    return smtp.getreply()


def _refusal(code: int, said: bytes) -> Answer:
    outcome = Handed.REFUSED if 500 <= code < 600 else Handed.REFUSED_FOR_NOW
    return Answer(outcome, code, _clear_text(said))


def _stuffed(content: bytes) -> bytes:
    """Return a message with each line's first dot doubled, its last line ended."""
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _xtext(text: str) -> str:
    """Return a text in the form of RFC 3461, 4."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)


def _clear_text(said: bytes) -> str:
    return without_addresses(said.decode("utf-8", "replace"))
