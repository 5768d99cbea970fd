"""Pages against a view that does nothing: the same server, middleware, form and load.

A second process visits. The pages of the check (the answer is the heaviest) and an empty view, and
at the desk the affected list and an action's page over a million device records and an empty view
for who is signed in, are measured in turn, several times; a ratio is the median of the ratios of
each turn. The desk is measured on SQLite and on PostgreSQL.

Run: python -m benchmarks.desk [--quick] [--json FILE]
"""

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from http.cookies import SimpleCookie
from pathlib import Path

from benchmarks.lib.desk_server import ROOT, running_server
from benchmarks.lib.desk_staff import BARS as STAFF_BARS
from benchmarks.lib.desk_staff import FULL_RECORDS, QUICK_RECORDS, measure_staff
from benchmarks.lib.result import environment, options_of, tell
from tocsin.match.figures import BenchmarkResult

VISITORS = 4
FULL_S, QUICK_S = 10.0, 2.0
FULL_TURNS, QUICK_TURNS = 5, 3
STATED = {"country_now": "US", "manufacturer": "Medtronic", "model": "723"}
PAGES = {
    "empty": ("/empty", {}),
    "question": ("/en/check", {"step": "device", "device": "model: 723", "go": "next"}),
    "answer": ("/en/check", {"step": "review", "go": "next", "a.software_version": "2.4A"}),
}
# The bar that was set for pages of the desk; the answer is the heaviest page and has none yet.
BARS = {"question p95 / empty p95": 4.0}


def read_token(host: str) -> tuple[str, str]:
    """Return the cookie and the form's token, once the server answers."""
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection(host, timeout=30)
            connection.request("GET", "/en/check")
            answer = connection.getresponse()
            page = answer.read().decode()
            break
        except ConnectionError:
            time.sleep(0.1)
    cookie = SimpleCookie(answer.getheader("Set-Cookie"))["csrftoken"].value
    return cookie, page.split('name="csrfmiddlewaretoken" value="')[1].partition('"')[0]


def load(host: str, page: str, seconds: float, token: tuple[str, str]) -> list[float]:
    """Return the seconds that each post of the other process took."""
    path, fields = PAGES[page]
    stated = {f"a.{key}": value for key, value in STATED.items()}
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **stated, **fields})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.lib.desk_load", host, path, str(seconds),
         str(VISITORS), body, f"csrftoken={token[0]}"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    told: list[float] = json.loads(done.stdout)
    return told


def p95(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=20)[-1]


def main() -> None:
    arguments = options_of(__doc__, "two seconds a page and turn").parse_args()
    seconds = QUICK_S if arguments.quick else FULL_S
    turns = QUICK_TURNS if arguments.quick else FULL_TURNS
    told: dict[str, list[list[float]]] = {page: [] for page in PAGES}
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-desk-") as folder,
        running_server(Path(folder)) as host,
    ):
        token = read_token(host)
        for page in PAGES:  # what is read once is read now
            load(host, page, 0.5, token)
        for _ in range(turns):
            for page in PAGES:
                told[page].append(load(host, page, seconds, token))
    ratios = {}
    for page in ("question", "answer"):
        pairs = list(zip(told[page], told["empty"], strict=True))
        ratios[f"{page} p95 / empty p95"] = statistics.median(p95(a) / p95(b) for a, b in pairs)
        ratios[f"{page} requests/s / empty requests/s"] = statistics.median(
            len(a) / len(b) for a, b in pairs
        )
    latencies = {
        f"{page} {name}": statistics.median(measure(turn) for turn in told[page])
        for page in PAGES
        for name, measure in (("median", statistics.median), ("p95", p95))
    }
    sizes = {f"{page} posts": sum(map(len, told[page])) for page in PAGES}
    n_records = QUICK_RECORDS if arguments.quick else FULL_RECORDS
    for found in measure_staff(n_records, seconds, turns):
        sizes |= found.sizes
        latencies |= found.seconds
        ratios |= found.ratios
    result = BenchmarkResult(
        benchmark="desk",
        quick=arguments.quick,
        sizes=sizes,
        seconds=latencies,
        ratios=ratios,
        bars={**BARS, **STAFF_BARS},
        peak_memory_mb={},
        environment=environment(),
    )
    tell(result, arguments.json)


if __name__ == "__main__":
    main()
