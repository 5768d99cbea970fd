"""Processes of a test that begin quickly, so that thousands can be killed.

All are forked from one that has loaded what workers and senders import, has opened no database and
has a short lease. It is one for all: it reads its lease once, whoever starts it first.
"""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from typing import Any

from tests.lib.loaded_worker import LEASE_S

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.lib.loaded_worker"])
ForkedProcess = ForkServerProcess


def start_forked(target: Callable[..., None], *arguments: Any) -> ForkedProcess:
    """Start a module's own function in a process of its own."""
    os.environ["TOCSIN_LEASE_S"] = LEASE_S
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["TOCSIN_LEASE_S"]
    process = _FORKED.Process(target=target, args=arguments)
    process.start()
    return process
