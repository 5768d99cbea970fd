"""`tocsin worker` in processes that begin quickly, so that hundreds can be killed."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.lib.databases import Opened, point_to
from tests.lib.forked import ForkedProcess, start_forked

KillableWorker = ForkedProcess


def start_killable(
    opened: Opened, log: Path, prepare: Callable[[], None], *options: str
) -> KillableWorker:
    """Start a worker with a short lease.

    Args:
        opened: the installation whose jobs it does.
        log: where what it prints is added.
        prepare: is called in the new process before the worker begins; a module's own function.
        options: those of `tocsin worker`.
    """
    return start_forked(_work, (opened.url, str(opened.home.folder)), log, prepare, options)


def _work(
    place: tuple[str, str], log: Path, prepare: Callable[[], None], options: tuple[str, ...]
) -> None:
    with log.open("ab") as out:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(out.fileno(), stream.fileno())
    os.environ["DATABASE_URL"], os.environ["TOCSIN_HOME"] = place
    point_to(place[0])
    prepare()
    from tocsin.worker.command import worker

    worker(options)
