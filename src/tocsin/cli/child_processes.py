"""Programs that run side by side and end together: when one ends, or on Ctrl-C, so do all."""

import signal
import subprocess
import time
from collections.abc import Sequence
from types import FrameType

from tocsin.base.errors import TocsinError

_LOOK_EVERY_S = 0.2
_PATIENCE_S = 15


class ServerEnded(TocsinError):
    """The server, or the worker beside it, ended by itself."""

    code = "server_ended"


def run_together(commands: Sequence[Sequence[str]]) -> None:
    """Run programs until one of them ends by itself, or we are told to end.

    They run in sessions of their own, so that Ctrl-C reaches us alone, and each is asked once to
    end; what has not ended after 15 seconds is killed.

    Raises:
        ServerEnded: if one of them ended by itself.
        KeyboardInterrupt: on Ctrl-C, after all have ended.
    """
    before = signal.signal(signal.SIGTERM, _as_interrupt)
    children: list[subprocess.Popen[bytes]] = []
    try:
        for command in commands:
            children.append(  # noqa: PERF401 - one that was started must be ended if the next fails
                subprocess.Popen(command, start_new_session=True)  # noqa: S603 - ours
            )
        while all(child.poll() is None for child in children):
            time.sleep(_LOOK_EVERY_S)
        ended = next(child for child in children if child.poll() is not None)
        raise ServerEnded(
            f"The server ended by itself with code {ended.returncode}; its reason stands above."
        )
    finally:
        _end(children)
        signal.signal(signal.SIGTERM, before)


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + _PATIENCE_S
    for child in children:
        try:
            child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
