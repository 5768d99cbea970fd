"""A vendor's address for the harness: keeps what it takes on disk, answers late, or misbehaves.

Run as a process: `python -m tests.reliability.http_sink FOLDER SECRET [OPTION=VALUE ...]`. It
writes its port to FOLDER/port, and the key of each message that it took to FOLDER/taken before it
answers; a request that is not complete, not signed or not of its key it does not take. Messages are
text messages or letters, by their content type. Options: `early_s`, `late_s` (wait before the
answer), `same` (1: a repeated key is not taken again), `does` (a status; drop_before; drop_after),
at each `every`-th request.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZipFile

from tocsin.delivery.message_signatures import HEADER, is_signed
from tocsin.delivery.print_batch import SEAL


class Vendor(ThreadingHTTPServer):
    """The server, and what it took."""

    daemon_threads = True

    def __init__(self, folder: Path, secret: str, options: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.secret = secret.encode()
        self.rng = Random(1)
        self.early_s = float(options.get("early_s", "0"))
        self.late_s = float(options.get("late_s", "0"))
        self.knows_repeats = options.get("same") == "1"
        self.does = options.get("does", "")
        self.every = int(options.get("every", "1"))
        self.n_requests = 0
        self._keys: set[str] = set()
        self._lock = threading.Lock()
        self._file = os.open(folder / "taken", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def misbehaves(self) -> bool:
        """Whether this request is one at which it does what it is told to."""
        with self._lock:
            self.n_requests += 1
            return bool(self.does) and self.n_requests % self.every == 0

    def take(self, key: str) -> None:
        """Take a message."""
        with self._lock:
            if not (self.knows_repeats and key in self._keys):
                os.write(self._file, f"{key}\n".encode())
            self._keys.add(key)


class Request(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_POST(self) -> None:
        """Take a message, or not."""
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        is_ours = len(body) == length and is_signed(
            self.server.secret, body, self.headers[HEADER], int(time.time())
        )
        key = self.headers["Idempotency-Key"]
        if not is_ours or _id_in(body, self.headers["Content-Type"]) != key:
            self.close_connection = True
            return
        does = self.server.does if self.server.misbehaves() else ""
        if does == "drop_before":
            self.close_connection = True
            return
        if not does.isdigit():
            self.server.take(key)
        time.sleep(self.server.rng.uniform(self.server.early_s, self.server.late_s))
        if does == "drop_after":
            self.close_connection = True
            return
        self.send_response(int(does) if does.isdigit() else 202)
        self.send_header("Content-Length", "2")
        if does.startswith("3"):
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _id_in(body: bytes, content_type: str) -> str:
    """Return the dispatch that a text message, or a letter of which all is there, names."""
    if content_type == "application/zip":
        with ZipFile(BytesIO(body)) as archive:
            assert archive.testzip() is None
            body = archive.read(SEAL)
    return str(json.loads(body)["id"])


if __name__ == "__main__":
    where = Path(sys.argv[1])
    made = Vendor(where, sys.argv[2], dict(each.split("=", 1) for each in sys.argv[3:]))
    (where / "port.partial").write_text(str(made.server_address[1]))
    (where / "port.partial").rename(where / "port")
    made.serve_forever(poll_interval=0.05)
