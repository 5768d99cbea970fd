"""A mail server of the harness as a fixture."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class RunningSink:
    """The server, and what it took."""

    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    def taken(self) -> list[str]:
        """Return the Message-IDs that it took, in order, repeated ones too."""
        path = self.folder / "taken"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.partition(" ")[0] for line in lines]


StartSink = Callable[..., RunningSink]
SECRET = "a secret of the harness"


@pytest.fixture
def start_sink(tmp_path: Path) -> Iterator[StartSink]:
    """Return what starts a mail server; all of them end with the test."""
    with _starting(tmp_path, "tests.reliability.sink") as start:
        yield start


@pytest.fixture
def start_vendor(tmp_path: Path) -> Iterator[StartSink]:
    """Return what starts a vendor's address; all of them end with the test."""
    with _starting(tmp_path, "tests.reliability.http_sink", SECRET) as start:
        yield start


@contextmanager
def _starting(place: Path, module: str, *first: str) -> Iterator[StartSink]:
    started: list[RunningSink] = []

    def start(**options: object) -> RunningSink:
        folder = place / f"sink{len(started)}"
        folder.mkdir()
        words = [f"{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", module, str(folder), *first, *words]
        sink = RunningSink(folder, subprocess.Popen(command))
        started.append(sink)
        until = time.monotonic() + 30
        while not (folder / "port").exists() and time.monotonic() < until:
            assert sink.process.poll() is None
            time.sleep(0.02)
        return sink

    try:
        yield start
    finally:
        for sink in started:
            sink.process.kill()
            sink.process.wait()
