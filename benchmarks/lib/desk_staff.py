"""The desk's affected list and action page over many records, against empty signed-in views.

There are two of them: one that reads session and user and no more, to which the bar applies, and
one that goes through all that pages of the desk go through (organisation, roles, rights).
"""

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lib.desk_server import ROOT, environment_of, init_store, running_server
from tests.lib.postgres import NoPostgres, running_postgres

FULL_RECORDS, QUICK_RECORDS = 1_000_000, 20_000
VISITORS = 4
EMPTIES = {"empty": "/empty-signed-in", "empty at the desk": "/empty-at-desk"}
DATABASES = ("sqlite", "postgresql")
QUERIES = {
    "list": "",
    "list filtered": "?verdict=affected&country=FR&sort=-model",
    "list by device": "?verdict=cannot_tell&sort=device",
}
BARS = {
    f"{database} {page} p95 / empty p95": 4.0
    for database in DATABASES
    for page in (*QUERIES, "list in the middle", "action")
}


class Measured(NamedTuple):
    """What one database came to."""

    sizes: dict[str, int]
    seconds: dict[str, float]
    ratios: dict[str, float]


def measure_staff(n_records: int, seconds: float, turns: int) -> Iterator[Measured]:
    """Yield what each database comes to; one that is not here is left out, and said so."""
    with tempfile.TemporaryDirectory(prefix="tocsin-desk-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's server runs under another account
        yield measure(folder / "sqlite", "sqlite", {}, n_records, seconds, turns)
        try:
            with running_postgres(folder / "cluster") as cluster:
                more = {"DATABASE_URL": cluster.create("desk")}
                yield measure(folder / "pg", "postgresql", more, n_records, seconds, turns)
        except NoPostgres as absent:
            print(f"{absent} Its figures are missing.", flush=True)


def measure(
    home: Path, database: str, more: dict[str, str], n_records: int, seconds: float, turns: int
) -> Measured:
    """Return sizes, latencies and ratios of one database."""
    environment = environment_of(home, more)
    home.mkdir(mode=0o700)
    init_store(environment)
    command = [sys.executable, "-m", "benchmarks.lib.desk_prepare", str(n_records)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    made = json.loads(done.stdout.splitlines()[-1])
    with running_server(home, more) as host:
        pages = dict(addresses(host, made))
        looked_at = {**EMPTIES, **pages}
        told: dict[str, list[list[float]]] = {page: [] for page in looked_at}
        for address in looked_at.values():  # what is read once is read now
            look(host, address, 1.0, made["cookie"])
        for _ in range(turns):
            for page, latencies in told.items():
                latencies.append(look(host, looked_at[page], seconds, made["cookie"]))
    return Measured(
        {f"{database} records": n_records, f"{database} verdicts": made["verdicts"]}
        | {f"{database} {page} visits": sum(map(len, told[page])) for page in told},
        {f"{database} {what}": taken for what, taken in made["seconds"].items()}
        | {
            f"{database} {page} {name}": statistics.median(map(found, told[page]))
            for page in told
            for name, found in (("median", statistics.median), ("p95", p95))
        },
        {
            f"{database} {page} p95 / {empty} p95": ratio(told[page], told[empty])
            for empty in EMPTIES
            for page in pages
        },
    )


def addresses(host: str, made: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the pages that are measured, one in the middle of the list among them."""
    yield "action", made["action"]
    for page, query in QUERIES.items():
        yield page, made["list"] + query
    middle = f"{made['list']}?page={made['deep']}"
    yield "list in the middle", middle
    with asking(host, made["cookie"]) as ask:
        for page in (made["action"], middle):
            status, text = ask(page)
            if status != 200:
                raise SystemExit(f"{page} answered {status}: {text[:2000]}")


@contextmanager
def asking(host: str, cookie: str) -> Iterator[Any]:
    """Yield a function that looks at a page, once the server answers."""

    def ask(path: str) -> tuple[int, str]:
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection(host, timeout=120)
                connection.request("GET", path, headers={"Cookie": cookie})
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except ConnectionError:
                time.sleep(0.1)
        raise SystemExit("The server does not answer.")

    yield ask


def look(host: str, path: str, seconds: float, cookie: str) -> list[float]:
    """Return the seconds that each visit of the other process took."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.lib.desk_load", host, path, str(seconds),
         str(VISITORS), "", cookie],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    told: list[float] = json.loads(done.stdout)
    return told


def ratio(page: list[list[float]], empty: list[list[float]]) -> float:
    """Return the median of the ratios of each turn."""
    pairs = zip(page, empty, strict=True)
    return statistics.median(p95(one) / p95(other) for one, other in pairs)


def p95(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=20)[-1]
