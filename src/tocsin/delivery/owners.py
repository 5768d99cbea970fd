"""Which process has a dispatch in its hands, and proof that it and its connection are gone.

A name holds the machine as the process sees it (its start, its name spaces), the process by its
number and start, and the port of its connection. Only who sees the same machine can prove anything.
"""

import os
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path

_PROC = Path("/proc")
_NOTHING_LEFT_TO_SEND = frozenset({"05", "06", "0A"})
"""FIN_WAIT2, TIME_WAIT, LISTEN: what was written has arrived, or there was nothing to write."""


def own_name(local_port: int = 0) -> str:
    """Return how this process is called in the table of dispatches."""
    return f"{_machine()}:{os.getpid()}:{_own_start(os.getpid())}:{local_port}"


def is_gone(owner: str) -> bool:
    """Whether it is proved that a process and its connection are no more; False if it cannot be.

    >>> is_gone(own_name()), is_gone("elsewhere:1:1:0"), is_gone("")
    (False, False, False)
    """
    parts = owner.split(":")
    if len(parts) != 4 or parts[0] != _machine():
        return False
    _, pid, start, port = parts
    if _start_of(int(pid)) in {start, "?"}:
        return False
    return not _has_connection(int(port))


@cache
def _machine() -> str:
    told = [socket.gethostname()]
    try:
        told.append((_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip())
    except OSError:
        told.append("")
    for space in ("pid", "net"):
        try:
            told.append(str((_PROC / "self/ns" / space).readlink()))
        except OSError:
            told.append("")
    return sha256("\n".join(told).encode()).hexdigest()[:16]


@cache
def _own_start(pid: int) -> str:
    return _start_of(pid)


def _start_of(pid: int) -> str:
    """Return when a process began, in ticks; empty if there is none; ? if that cannot be known."""
    if not _PROC.joinpath("self").exists():
        return "?"
    try:
        told = (_PROC / str(pid) / "stat").read_text("ascii", "replace")
    except FileNotFoundError:
        return ""
    except OSError:
        return "?"
    fields = told.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]


def _has_connection(port: int) -> bool:
    """Whether the kernel still has a connection of a local port that could send something."""
    if not port:
        return False
    for name in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / name).read_text("ascii").splitlines()[1:]
        except FileNotFoundError:
            continue
        except OSError:
            return True
        for line in lines:
            fields = line.split()
            local = int(fields[1].rpartition(":")[2], 16)
            if local == port and fields[3] not in _NOTHING_LEFT_TO_SEND:
                return True
    return False
