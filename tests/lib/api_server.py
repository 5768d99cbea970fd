"""The API served for real: an installation of its own, and gunicorn in front of it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.lib.desk_server import free_port, wait_for

ROOT = Path(__file__).parents[2]


@contextmanager
def running_api(folder: Path, url: str | None, **more: str) -> Iterator[str]:
    """Serve the pages and the API of an installation; yield the address.

    Args:
        folder: of the installation, which is made by `prepare_installation`.
        url: the DATABASE_URL; None for the SQLite file in the folder.
        more: variables of the environment.
    """
    port = free_port()
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "tocsin.web.wsgi:application",
             "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4",
             "--worker-class", "gthread", "--limit-request-line", "8190",
             "--log-level", "warning", "--no-control-socket"],
            cwd=ROOT, env=environment(folder, url) | more, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            wait_for(port, server, folder / "serve.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def prepare_installation(folder: Path, url: str | None) -> dict[str, str]:
    """Make an installation with users, a token for each, and an action; return the tokens."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.lib.api_installation"],
        cwd=ROOT, env=environment(folder, url), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tokens: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return tokens


def environment(folder: Path, url: str | None) -> Mapping[str, str]:
    """Return the environment in which an installation is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL"):
        kept.pop(name, None)
    kept |= {
        "TOCSIN_HOME": str(folder),
        "TOCSIN_API_CALLS_PER_MINUTE": "100000000",
        "TOCSIN_API_CALLS_PER_MINUTE_IN_ALL": "100000000",
        "TOCSIN_CHECK_POSTS_PER_MINUTE": "100000000",
        "TOCSIN_CHECK_POSTS_PER_MINUTE_IN_ALL": "100000000",
        "PYTHONPATH": f"{ROOT / 'src'}",
    }
    return kept | ({"DATABASE_URL": url} if url else {})
