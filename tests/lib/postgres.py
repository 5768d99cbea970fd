"""A real PostgreSQL of our own: a cluster in a temporary folder, reached by a socket in it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_UNPRIVILEGED = "nobody"
_SECONDS_TO_START = 30


class NoPostgres(RuntimeError):
    """There is no PostgreSQL server on this machine."""


@dataclass
class Postgres:
    """A cluster in a folder."""

    folder: Path
    server: "subprocess.Popen[bytes] | None" = None
    is_durable: bool = False

    @property
    def socket(self) -> Path:
        """Return the folder of the socket by which it is reached."""
        return self.folder / "socket"

    def url(self, database: str) -> str:
        """Return the DATABASE_URL of one of its databases."""
        return f"postgresql://tocsin@/{database}?host={self.socket}"

    def create(self, database: str, template: str = "template1") -> str:
        """Create a database, empty or as a copy of another; return its DATABASE_URL."""
        at = ("-h", str(self.socket), "-U", "tocsin", "-T", template)
        _run("createdb", *at, *_by_copied_files(), database)
        return self.url(database)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "fsync": "on" if self.is_durable else "off",
            "full_page_writes": "on" if self.is_durable else "off",
            "max_connections": "50",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [find_program("postgres"), "-D", str(self.folder / "data"), *options]
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(command, stdout=log, stderr=log, user=server_account())
        until = time.monotonic() + _SECONDS_TO_START
        ready = [find_program("pg_isready"), "-q", "-h", str(self.socket)]
        while subprocess.run(ready, check=False).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > until:
                raise NoPostgres(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.05)

    def stop(self, how: int) -> None:
        """End the server: SIGINT without waiting for clients, SIGQUIT at once, as in a crash."""
        if self.server is not None:
            self.server.send_signal(how)
            self.server.wait(timeout=_SECONDS_TO_START)

    def restart_at_once(self) -> None:
        """End the server as a crash does, and start it again."""
        self.stop(signal.SIGQUIT)
        self.start()


def find_program(name: str) -> str:
    """Return where a program of PostgreSQL lies."""
    path = os.pathsep.join([*map(str, _PLACES), os.environ.get("PATH", "")])
    if found := shutil.which(name, path=path):
        return found
    raise NoPostgres(
        f"PostgreSQL's {name} is not installed: apt install postgresql, or ask for "
        "`make test` to do it. The tests of that database are skipped."
    )


def _run(name: str, *arguments: str) -> None:
    command = [find_program(name), *arguments]
    subprocess.run(command, check=True, capture_output=True, user=server_account())


@cache
def _by_copied_files() -> tuple[str, ...]:
    """Return the option that copies a database by its files, the quick way, where it is a choice.

    Before version 15 it is the only way, and there is no such option.
    """
    told = subprocess.run(
        [find_program("createdb"), "--help"], check=True, capture_output=True, text=True
    ).stdout
    return ("--strategy", "file_copy") if "--strategy" in told else ()


def server_account() -> str | None:
    """Return who runs the server: it refuses to be run by root."""
    return _UNPRIVILEGED if os.geteuid() == 0 else None


@contextmanager
def running_postgres(folder: Path, *, is_durable: bool = False) -> Iterator[Postgres]:
    """Run a cluster in an empty folder; nothing of it outlives the block.

    Args:
        folder: where it lies.
        is_durable: whether it waits for the disk, as a real one does; tests need not.
    """
    cluster = Postgres(folder, is_durable=is_durable)
    for path in (folder / "data", cluster.socket):
        path.mkdir(parents=True)
        if account := server_account():
            shutil.chown(path, account)
    data = str(folder / "data")
    _run("initdb", "-D", data, "-U", "tocsin", "-A", "trust", "-E", "UTF8", "--locale=C")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop(signal.SIGINT)
