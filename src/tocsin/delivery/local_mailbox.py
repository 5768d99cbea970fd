"""A mail server on this machine that delivers nothing: it keeps what it takes, for a demonstration.

It speaks what our sender needs (RFC 5321, and the ENVID of RFC 3461), on loopback only.
"""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PATH = re.compile(rb"<([^<>\s]*)>")
_ENVELOPE_ID = re.compile(rb"ENVID=(\S+)", re.IGNORECASE)
_LONGEST_LINE = 4_096
_LONGEST_MAIL = 20_000_000


@dataclass(frozen=True)
class TakenMail:
    """A mail as it came in: its envelope, and its bytes with CR LF."""

    sender: str
    recipient: str
    envelope_id: str
    content: bytes


@dataclass
class LocalMailbox:
    """What a server has taken so far.

    Attributes:
        port: where it listens.
        mails: in the order in which they came.
        take: gets each mail that comes; by default it is kept in ``mails``.
    """

    port: int
    mails: list[TakenMail] = field(default_factory=list)
    take: Callable[[TakenMail], object] | None = None


@contextmanager
def local_mailbox(
    port: int = 0, take: Callable[[TakenMail], object] | None = None
) -> Iterator[LocalMailbox]:
    """Run a server on a port of this machine, 0: a free one, until the block ends."""
    with _Server(("127.0.0.1", port), _Talk) as server:
        server.mailbox = LocalMailbox(server.server_address[1], take=take)
        thread = threading.Thread(target=server.serve_forever, name="mailbox", daemon=True)
        thread.start()
        try:
            yield server.mailbox
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    mailbox: LocalMailbox


class _Talk(socketserver.StreamRequestHandler):
    """One connection: verb by verb."""

    server: _Server

    def handle(self) -> None:
        self.connection.setsockopt(6, 1, 1)  # TCP_NODELAY: each answer is one small packet
        self._sender, self._recipient, self._envelope_id = b"", b"", b""
        self._say("220 localhost keeps what it takes")
        while line := self.rfile.readline(_LONGEST_LINE):
            verb, _, rest = line.strip().partition(b" ")
            if verb.upper() == b"QUIT":
                self._say("221 2.0.0 bye")
                return
            self._answer(verb.upper(), rest)

    def _answer(self, verb: bytes, rest: bytes) -> None:
        found = _PATH.search(rest)
        if verb == b"EHLO":
            self._say("250-localhost", "250-8BITMIME", "250-DSN", "250 ENHANCEDSTATUSCODES")
        elif verb in {b"HELO", b"NOOP"}:
            self._say("250 2.0.0 ok")
        elif verb == b"RSET":
            self._sender = self._recipient = b""
            self._say("250 2.0.0 ok")
        elif verb == b"MAIL" and found:
            told = _ENVELOPE_ID.search(rest)
            self._sender, self._envelope_id = found[1], told[1] if told else b""
            self._say("250 2.1.0 ok")
        elif verb == b"RCPT" and found and self._sender:
            self._recipient = found[1]
            self._say("250 2.1.5 ok")
        elif verb == b"DATA" and self._recipient:
            self._take()
        else:
            self._say("503 5.5.1 not now")

    def _take(self) -> None:
        self._say("354 go on")
        lines, size = [], 0
        while (line := self.rfile.readline(_LONGEST_LINE)) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            size += len(line)
            if size > _LONGEST_MAIL:
                return
        names = (self._sender, self._recipient, self._envelope_id)
        sender, recipient, envelope_id = (name.decode("ascii", "replace") for name in names)
        mail = TakenMail(sender, recipient, envelope_id, b"".join(lines))
        mailbox = self.server.mailbox
        (mailbox.take or mailbox.mails.append)(mail)
        self._sender = self._recipient = b""
        self._say("250 2.0.0 kept")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
