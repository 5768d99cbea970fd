"""The senders that `benchmarks.sender` compares, as processes, and what they cost the machine."""

import multiprocessing
import os
import smtplib
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.lib.postfix import Postfix

_PROCESSES = multiprocessing.get_context("spawn")
_LOADED = (
    "benchmarks.lib.sender_ready",
    "tests.lib.sending",
    "tests.lib.databases",  # which loads pytest
    "tocsin.services.sending",
    "django.db.backends.sqlite3.base",
    "django.db.backends.postgresql.base",
)
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def send_bare(port: int, n: int) -> float:
    """Build and send mails in a loop, over one connection; return the CPU seconds of it."""
    from datetime import UTC, datetime

    from tests.lib.sending import TEXT
    from tocsin.delivery.mail_message import MailParts, build_mail
    from tocsin.render.letter_plain import render_plain

    began_s = time.process_time()
    smtp = smtplib.SMTP("127.0.0.1", port)
    for _ in range(n):
        name = uuid4().hex
        parts = MailParts(
            "Acme Safety", "safety@sender.example", f"Person {name[:6]}",
            f"good{name}@recipient.example", TEXT.subject,
            render_plain(TEXT), f"<1.{name}@sender.example>", datetime.now(tz=UTC), "en",
        )  # fmt: skip
        smtp.sendmail("safety@sender.example", [f"good{name}@recipient.example"], build_mail(parts))
    smtp.quit()
    return time.process_time() - began_s


def send_durably(url: str, home: str, release_id: int, first: int, n: int) -> float:
    """Make the dispatches of some recipients, then send until nothing waits; return CPU seconds."""
    os.environ["TOCSIN_HOME"] = home
    from tests.lib.databases import point_to
    from tests.lib.sending import make_dispatches
    from tocsin.services.sending import Sender

    began_s = time.process_time()
    point_to(url)
    make_dispatches(release_id, first, n)
    sender = Sender(lambda: False)
    while sender.send_some():
        pass
    sender.close()
    return time.process_time() - began_s


def timed(
    target: Callable[..., float], arguments: Sequence[tuple[Any, ...]], servers: Sequence[int]
) -> tuple[float, float]:
    """Return how long some processes took together, their start left out, and the CPU seconds.

    Args:
        target: what each process does; it returns its own CPU seconds.
        arguments: of each process.
        servers: processes whose CPU seconds count too, with their children.
    """
    with _PROCESSES.Pool(len(arguments)) as pool:
        pool.starmap(_warm, [(0,)] * len(arguments), chunksize=1)
        before_s, began_s = sum(map(_cpu_s, servers)), time.perf_counter()
        own_s = pool.starmap(target, arguments, chunksize=1)
        return time.perf_counter() - began_s, sum(own_s) + sum(map(_cpu_s, servers)) - before_s


def _warm(_turn: int) -> None:
    """Load what both need, Django first, and let every process of the pool do so."""
    for name in _LOADED:
        import_module(name)
    time.sleep(1.0)


def master_of(postfix: Postfix) -> int:
    """Return the process from which all of Postfix comes."""
    return int((postfix.folder / "queue" / "pid" / "master.pid").read_text())


def _cpu_s(root: int) -> float:
    """Return the CPU seconds of a process and its children, those that have ended too."""
    ticks = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if str(root) in {folder.name, fields[1]}:
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICKS_PER_S
