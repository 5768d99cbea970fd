"""A mail server of a test that answers MAIL and RCPT as the test says, and takes all else."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

Script = Callable[[str, int], bytes]


@dataclass
class ScriptedRelay:
    """The server.

    Attributes:
        script: is called with MAIL, RCPT or BDAT and which one of that connection it is, from 1
            on; returns what is written, perhaps half a line. Empty: the connection ends.
        with_pipelining: whether it says that it takes both at once.
        with_chunking: whether it says that it takes chunks (BDAT).
        taken: recipients whose message it has taken, in order.
        chunks: what came as chunks.
        port: where it listens.
    """

    script: Script
    with_pipelining: bool = True
    with_chunking: bool = False
    taken: list[str] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    port: int = 0


@contextmanager
def scripted_relay(
    script: Script, *, with_pipelining: bool = True, with_chunking: bool = False
) -> Iterator[ScriptedRelay]:
    """Run such a server; nothing of it outlives the block."""
    made = ScriptedRelay(script, with_pipelining, with_chunking)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _serve(made, self)

    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        made.port = cast("int", server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


def _serve(made: ScriptedRelay, handler: socketserver.StreamRequestHandler) -> None:
    counts = {"MAIL": 0, "RCPT": 0, "BDAT": 0}
    recipient = ""
    handler.wfile.write(b"220 ready\r\n")
    for line in handler.rfile:
        verb = line[:4].decode().upper()
        if verb in counts:
            counts[verb] += 1
            if verb == "BDAT":
                made.chunks.append(handler.rfile.read(int(line.split()[1])))
            else:
                recipient = line.partition(b"<")[2].partition(b">")[0].decode()
            told = made.script(verb, counts[verb])
            if not told:
                return
            if verb == "BDAT" and told.startswith(b"250"):
                made.taken.append(recipient)
            handler.wfile.write(told)
        elif verb == "EHLO":
            more = b"250-PIPELINING\r\n" if made.with_pipelining else b""
            more += b"250-CHUNKING\r\n" if made.with_chunking else b""
            handler.wfile.write(b"250-here\r\n" + more + b"250 8BITMIME\r\n")
        elif verb == "DATA":
            handler.wfile.write(b"354 go on\r\n")
            while handler.rfile.readline() not in {b".\r\n", b""}:
                pass
            made.taken.append(recipient)
            handler.wfile.write(b"250 2.0.0 taken\r\n")
        else:
            handler.wfile.write(b"250 ok\r\n")
