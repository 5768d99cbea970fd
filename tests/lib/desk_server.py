"""The demonstration as a real server, started by `tocsin serve --demo`, and a real browser."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")


class ServerSilentError(Exception):
    """The server did not answer in time."""


@contextmanager
def running_demo(
    folder: Path, *, posts_per_minute: int = 1_000_000, cases: str = ""
) -> Iterator[str]:
    """Run the demonstration in a folder; yield its address; end it as Ctrl-C does.

    Only the ``cases`` that are named, such as ``"a c"``, are loaded into its desk.
    """
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")},
        "TOCSIN_CHECK_POSTS_PER_MINUTE": str(posts_per_minute),
        "TOCSIN_DEMO_CASES": cases,
        "TOCSIN_CHECK_POSTS_PER_MINUTE_IN_ALL": "1000000",
        # Tests that import the package from here want the server to do so, too.
        "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tocsin.cli.main", "serve", "--demo", "--port", str(port),
             "--workers", "2"],
            cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_for(port, server, folder / "serve.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server listens.

    Raises:
        ServerSilentError: with its log, if it ends or is silent for five minutes.
    """
    until = time.monotonic() + 300
    while time.monotonic() < until:
        if server.poll() is not None:
            raise ServerSilentError(log.read_text("utf-8"))
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise ServerSilentError(log.read_text("utf-8"))
