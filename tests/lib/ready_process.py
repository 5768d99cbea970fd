"""Processes of ours that begin quickly: forked from one that has imported what commands import.

`run_ready` does what starting `python -m MODULE` would, with an environment, a process and an exit
code of its own, without a second of imports. The process it is forked from has made Django ready,
but has opened no installation; each fork reads the settings of its own.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_SETTINGS = "tocsin.store.settings"
_COMMANDS = "tocsin.cli.main"
_IMPORTED = (
    *(f"tocsin.cli.{name}" for name in ("audit", "backup", "doctor", "sender", "store")),
    "tocsin.services.anchoring",
    "tocsin.services.arming",
    "tocsin.services.auditing",
    "tocsin.services.backups",
    "tocsin.services.health.examination",
    "tocsin.services.installation",
    "tocsin.services.restoring",
    "tocsin.store.models",
    "psycopg",
)


def run_ready(
    command: tuple[str, ...], environment: Mapping[str, str], limit_s: float = 300.0
) -> tuple[int, str, str]:
    """Run a module of ours; return its exit code, and what it printed to each stream.

    Args:
        command: the module, and its arguments.
        environment: all variables that the process has.
        limit_s: how long it may take; then it is killed with all others.
    """
    with tempfile.TemporaryDirectory(prefix="tocsin-run-") as folder:
        out, problem = Path(folder) / "out", Path(folder) / "err"
        asked = {"command": command, "environment": dict(environment), "cwd": str(Path.cwd()),
                 "out": str(out), "problem": str(problem)}  # fmt: skip
        code = int(_ask(json.dumps(asked), limit_s))
        return code, out.read_text(), problem.read_text()


def _ask(line: str, limit_s: float) -> str:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{line}\n")
    server.stdin.flush()
    if not select.select([server.stdout], [], [], limit_s)[0]:
        os.killpg(server.pid, signal.SIGKILL)
        raise TimeoutError(f"after {limit_s} s nothing has ended: {line}")
    return server.stdout.readline()


@cache
def _server() -> "subprocess.Popen[str]":
    """Start the process that all are forked from; it ends when this one does."""
    own = {**os.environ, "DJANGO_SETTINGS_MODULE": _SETTINGS}
    server = subprocess.Popen(
        [sys.executable, "-m", __name__],
        env=own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    atexit.register(_end, server)
    return server


def _end(server: "subprocess.Popen[str]") -> None:
    server.communicate()


def _serve() -> dict[str, Any]:
    """Fork for each line that is read; return what the line asks for in the fork."""
    import django

    django.setup()
    for name in _IMPORTED:
        import_module(name)
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            return json.loads(line)  # type: ignore[no-any-return]
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    raise SystemExit


def _become(asked: dict[str, Any]) -> None:
    """Be the process that was asked for."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    opened = (nothing, os.open(asked["out"], flags), os.open(asked["problem"], flags))
    for stream, file in enumerate(opened):
        os.dup2(file, stream)
        os.close(file)
    if (Path(os.environ["TOCSIN_HOME"]) / "settings.toml").exists():
        # They may add apps, and Django is ready with its own: this one begins as all others do.
        os.execv(sys.executable, [sys.executable, "-m", *asked["command"]])
    sys.stdin = open(0)  # noqa: SIM115 - the standard stream
    _forget_settings()
    module, *arguments = asked["command"]
    sys.argv = [module, *arguments]
    sys.modules.pop(module, None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _forget_settings() -> None:
    """Let the settings be read anew, from where the environment says."""
    from django.conf import settings
    from django.db import connections
    from django.utils.functional import empty

    for alias in [each.alias for each in connections.all(initialized_only=True)]:
        del connections[alias]
    for name in (_SETTINGS, f"{_SETTINGS}_sign_in"):
        del sys.modules[name]
    settings._wrapped = empty
    connections._settings = None
    vars(connections).pop("settings", None)


if __name__ == "__main__":
    _become(_serve())
