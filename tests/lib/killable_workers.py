"""`tocsin worker` in processes that begin quickly, so that hundreds can be killed.

Each is a process of its own that opens its own installation; they are forked from one that has
loaded the same modules and has opened no database.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.lib.databases import Opened, point_to
from tests.lib.loaded_worker import LEASE_S

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.lib.loaded_worker"])
KillableWorker = ForkServerProcess


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
    os.environ["TOCSIN_LEASE_S"] = LEASE_S  # for the fork server, which reads it once
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["TOCSIN_LEASE_S"]
    place = (opened.url, str(opened.home.folder))
    process = _FORKED.Process(target=_work, args=(place, log, prepare, options))
    process.start()
    return process


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
