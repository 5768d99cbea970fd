"""`POST /check` against an endpoint that does nothing: the same server, caller, body and load.

A second process asks; both are measured in turn, several times. A ratio is the median over the
turns: of requests a second, and of the processor time that the server spent on one request, which
other work on the machine disturbs less. A clinic's list has few kinds of devices, each with a
serial number of its own; "strangers" are devices of which no two are alike.

Run: python -m benchmarks.api [--quick] [--json FILE]
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lib.result import environment, options_of, tell
from tocsin.match.figures import BenchmarkResult

ROOT = Path(__file__).parents[1]
WORKERS, CALLERS = 2, 4
FULL_S, QUICK_S = 8.0, 2.0
FULL_TURNS, QUICK_TURNS = 5, 3
TICKS = os.sysconf("SC_CLK_TCK")
CASES = {
    "public, a clinic's list": ("/bench/open", "list", False),
    "public, strangers": ("/bench/open", "strangers", False),
    "by token, a clinic's list": ("/bench/token", "list", True),
}
BAR = 0.5
BARS = {
    f"{case}: check / empty, {what}": BAR
    for case in ("public, a clinic's list", "by token, a clinic's list")
    for what in ("requests/s", "requests per CPU second")
}


@dataclass(frozen=True)
class Turn:
    """What one turn of one endpoint took."""

    requests_per_s: float
    cpu_s_per_request: float
    p95_s: float


@contextmanager
def running_server(folder: Path, *, by_token: bool) -> Iterator[tuple[str, int, str]]:
    """Run the demonstration with the empty endpoints; yield host, process and a token."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    surroundings = {
        **os.environ,
        "TOCSIN_HOME": str(folder),
        "TOCSIN_DEMO": "1",
        "TOCSIN_API_CHECK": "token" if by_token else "public",
        **{
            f"TOCSIN_{name}": "100000000"
            for name in (
                "CHECK_POSTS_PER_MINUTE",
                "CHECK_POSTS_PER_MINUTE_IN_ALL",
                "API_CALLS_PER_MINUTE",
                "API_CALLS_PER_MINUTE_IN_ALL",
            )
        },
    }
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        surroundings.pop(name, None)
    made = subprocess.run(
        [sys.executable, "-m", "tests.lib.api_installation"],
        cwd=ROOT, env=surroundings, check=True, capture_output=True, text=True,
    )  # fmt: skip
    token = json.loads(made.stdout.splitlines()[-1])["working"] if by_token else "-"
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "benchmarks.lib.api_wsgi:application", "--bind", host,
         "--workers", str(WORKERS), "--threads", "4", "--worker-class", "gthread",
         "--log-level", "warning", "--no-control-socket"],
        cwd=ROOT, env=surroundings,
    )  # fmt: skip
    try:
        wait_for(host, server)
        yield host, server.pid, token
    finally:
        server.terminate()
        server.wait(30)


def wait_for(host: str, server: "subprocess.Popen[bytes]") -> None:
    while server.poll() is None:
        try:
            http.client.HTTPConnection(host, timeout=60).request("GET", "/api/v1/nothing")
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server has not started; what it said stands above.")


def cpu_seconds(server: int) -> float:
    """Return the processor time that the workers of a server have used."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text("ascii").split()
    fields = [
        Path(f"/proc/{child}/stat").read_text("ascii").rpartition(")")[2] for child in children
    ]
    return sum(int(each.split()[11]) + int(each.split()[12]) for each in fields) / TICKS


def measure(host: str, server: int, path: str, seconds: float, kind: str, token: str) -> Turn:
    """Return what the load of another process took."""
    before = cpu_seconds(server)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.lib.api_load", host, path, str(seconds), str(CALLERS),
         kind, token],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    spent = cpu_seconds(server) - before
    took: list[float] = json.loads(done.stdout)
    p95 = statistics.quantiles(took, n=20)[-1]
    return Turn(len(took) / seconds, spent / len(took), p95)


def main() -> None:
    arguments = options_of(__doc__, "two seconds an endpoint and turn").parse_args()
    seconds = QUICK_S if arguments.quick else FULL_S
    n_turns = QUICK_TURNS if arguments.quick else FULL_TURNS
    ratios: dict[str, float] = {}
    latencies: dict[str, float] = {}
    sizes: dict[str, int] = {}
    for case, (empty, kind, by_token) in CASES.items():
        with (
            tempfile.TemporaryDirectory(prefix="tocsin-api-") as folder,
            running_server(Path(folder), by_token=by_token) as (host, server, token),
        ):
            paths = {"empty": empty, "check": "/api/v1/check"}
            for path in paths.values():  # what is read once is read now
                measure(host, server, path, 1.0, kind, token)
            turns = [
                {
                    name: measure(host, server, path, seconds, kind, token)
                    for name, path in paths.items()
                }
                for _ in range(n_turns)
            ]
        ratios[f"{case}: check / empty, requests/s"] = statistics.median(
            turn["check"].requests_per_s / turn["empty"].requests_per_s for turn in turns
        )
        ratios[f"{case}: check / empty, requests per CPU second"] = statistics.median(
            turn["empty"].cpu_s_per_request / turn["check"].cpu_s_per_request for turn in turns
        )
        for name in paths:
            told = [turn[name] for turn in turns]
            latencies[f"{case}: {name} p95"] = statistics.median(each.p95_s for each in told)
            latencies[f"{case}: {name} CPU per request"] = statistics.median(
                each.cpu_s_per_request for each in told
            )
            sizes[f"{case}: {name} requests a second"] = round(
                statistics.median(each.requests_per_s for each in told)
            )
    result = BenchmarkResult(
        benchmark="api",
        quick=arguments.quick,
        sizes=sizes,
        seconds=latencies,
        ratios=ratios,
        bars=BARS,
        peak_memory_mb={},
        environment=environment(),
    )
    tell(result, arguments.json, at_least=BARS)


if __name__ == "__main__":
    main()
