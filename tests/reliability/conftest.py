"""A mail server of the harness as a fixture."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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


@pytest.fixture
def start_sink(tmp_path: Path) -> Iterator[StartSink]:
    """Return what starts a mail server; all of them end with the test."""
    started: list[RunningSink] = []

    def start(**options: object) -> RunningSink:
        folder = tmp_path / f"sink{len(started)}"
        folder.mkdir()
        words = [f"{name}={value}" for name, value in options.items()]
        command = [sys.executable, "-m", "tests.reliability.sink", str(folder), *words]
        sink = RunningSink(folder, subprocess.Popen(command))
        started.append(sink)
        until = time.monotonic() + 30
        while not (folder / "port").exists() and time.monotonic() < until:
            assert sink.process.poll() is None
            time.sleep(0.02)
        return sink

    yield start
    for sink in started:
        sink.process.kill()
        sink.process.wait()
