"""Importing a list into the store, against a bare COPY or executemany of the same rows.

The list is a CSV made from case A's registry, each record with ids and a serial number of its
own. Ours is everything from copying the file to a revision that is visible: reading, findings,
comparing, reading every distinct text, writing in committed steps. The peer writes the same rows,
made ready in memory, into the same empty tables with the same indexes, in one transaction per
table. Each contender runs in a process and a database of its own, in turn. Beside the time by the
clock stands that of the processors, the server's included: other work on the machine changes that
less.

Run: python -m benchmarks.store_import [--quick] [--json FILE]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lib.import_contenders import CONTENDERS
from benchmarks.lib.result import environment, options_of, tell
from tests.lib.postgres import NoPostgres, Postgres, running_postgres
from tocsin.cases.case_a import sample
from tocsin.compute.duck import duck_database
from tocsin.match.figures import BenchmarkResult

FULL, QUICK = 1_000_000, 50_000
REPEATS, QUICK_REPEATS = 3, 1
MOST = 3.0
MEASURES = {"seconds": "", "cpu_seconds": " (processors)"}


def write_list(path: Path, n_records: int) -> None:
    """Write the list: case A's records over and over, each with ids of its own."""
    with duck_database() as duck:
        duck.add("one", sample(np.random.default_rng(1)).registry)
        own = ", ".join(f"{name} || '-' || i AS {name}" for name in ("device_id", "holder_id"))
        duck.connection.execute(
            f"""COPY (SELECT * EXCLUDE (i) REPLACE ({own},
                CASE WHEN serial <> '' THEN serial || i ELSE serial END AS serial)
            FROM one, (SELECT i::VARCHAR AS i FROM range({n_records} // 1000) t(i))
            LIMIT {n_records}) TO '{path}' (HEADER)"""
        )


@contextmanager
def running_databases(folder: Path) -> Iterator[dict[str, Postgres | None]]:
    """Yield the databases of this machine."""
    folder.chmod(0o755)
    try:
        with running_postgres(folder / "postgres") as server:
            yield {"sqlite": None, "postgresql": server}
    except NoPostgres as error:
        print(error, file=sys.stderr)
        yield {"sqlite": None}


def run_one(name: str, server: Postgres | None, folder: Path, turn: int) -> dict[str, Any]:
    """Return what one contender tells of a run in a new installation."""
    kind = "sqlite" if server is None else "postgresql"
    home = folder / f"{kind}-{name}-{turn}"
    environment = {**os.environ, "TOCSIN_HOME": str(home)}
    environment.pop("DATABASE_URL", None)
    if server is not None:
        environment["DATABASE_URL"] = server.create(f"bench_{name}_{turn}")
    command = [sys.executable, "-m", "benchmarks.lib.import_contenders"]
    command += [name, str(folder / "list.csv"), str(folder / f"rows-{kind}")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    for left in (*home.rglob("*.sqlite3*"), *home.glob("work/**/*.csv")):
        left.unlink()
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = options_of(__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--turns", type=int, help="how often each contender runs")
    options = parser.parse_args()
    n_records = QUICK if options.quick else FULL
    turns = options.turns or (QUICK_REPEATS if options.quick else REPEATS)
    told: dict[str, dict[str, list[dict[str, Any]]]] = {}
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = Path(name)
        write_list(folder / "list.csv", n_records)
        with running_databases(folder) as databases:
            for kind, server in databases.items():
                if options.database not in {None, kind}:
                    continue
                runs = told[kind] = {contender: [] for contender in CONTENDERS}
                for turn in range(turns):
                    for contender in CONTENDERS:
                        told_now = run_one(contender, server, folder, turn)
                        print(kind, contender, told_now, file=sys.stderr)
                        runs[contender].append(told_now)
    result = result_of(told, n_records, quick=options.quick)
    tell(result, options.json)
    if any(result.ratios[name] > most for name, most in result.bars.items()):
        raise SystemExit(1)


def result_of(
    told: dict[str, dict[str, list[dict[str, Any]]]], n_records: int, *, quick: bool
) -> BenchmarkResult:
    """Return the figures."""
    seconds: dict[str, float] = {}
    ratios: dict[str, float] = {}
    sizes = {"records": n_records}
    for kind, runs in told.items():
        sizes[f"rows, {kind}"] = runs["ours"][0]["n"]
        if runs["bare"][0]["n"] != runs["ours"][0]["n"]:
            raise SystemExit(f"{kind}: the peer has written other rows")
        for name, each in runs.items():
            for measure, label in MEASURES.items():
                found = statistics.median(run[measure] for run in each)
                seconds[f"{name}{label}, {kind}"] = found
        for peer in ("bare", "records"):
            pairs = list(zip(runs["ours"], runs[peer], strict=True))
            for measure, label in MEASURES.items():
                ratios[f"ours / {peer}{label}, {kind}"] = statistics.median(
                    ours[measure] / theirs[measure] for ours, theirs in pairs
                )
    bars = {name: MOST for name in ratios if "bare" in name}
    peaks = {
        f"{name}, {kind}": float(max(run["peak_mb"] for run in each))
        for kind, runs in told.items()
        for name, each in runs.items()
    }
    return BenchmarkResult(
        benchmark="store_import",
        quick=quick,
        sizes=sizes,
        seconds=seconds,
        ratios=ratios,
        bars=bars,
        peak_memory_mb=peaks,
        environment=environment(),
    )


if __name__ == "__main__":
    main()
