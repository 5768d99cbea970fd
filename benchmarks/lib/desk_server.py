"""The server that the benchmark of pages measures, with the empty views beside the pages."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKERS = 2


def environment_of(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of an installation in a folder, whatever ours is."""
    ours = {**os.environ}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "TOCSIN_DEMO"):
        ours.pop(name, None)
    limits = dict.fromkeys(
        ("TOCSIN_CHECK_POSTS_PER_MINUTE", "TOCSIN_CHECK_POSTS_PER_MINUTE_IN_ALL"), "100000000"
    )
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    return {**ours, **limits, "TOCSIN_HOME": str(folder), "PYTHONPATH": paths, **more}


@contextmanager
def running_server(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """Initialise an installation if it is not, and serve it; yield host and port.

    Args:
        folder: of the installation.
        more: more of its environment; without, it is the demonstration.
    """
    environment = environment_of(folder, {"TOCSIN_DEMO": "1"} if more is None else more)
    init_store(environment)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "benchmarks.lib.desk_wsgi:application", "--bind", host,
         "--workers", str(WORKERS), "--threads", "4", "--worker-class", "gthread",
         "--log-level", "warning", "--no-control-socket"],
        cwd=ROOT, env=environment,
    )  # fmt: skip
    try:
        yield host
    finally:
        server.terminate()
        server.wait(30)


def init_store(environment: Mapping[str, str]) -> None:
    """Make the tables of an installation."""
    init = [sys.executable, "-m", "tocsin.cli.main", "store", "init"]
    subprocess.run(init, env=environment, check=True, capture_output=True)
