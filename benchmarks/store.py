"""Matching in the store: case A's notice against stored records, on SQLite and PostgreSQL.

A million records are made from case A's registry, keyed and stored once. Ours is the whole match:
product identity, compiling, candidates, joins, and the verdicts in a table. The peers run in the
same database: a scan of the columns that a match must read, and a join by hand with a table of
ready answers. Every contender runs in a process of its own, in turn.

Run: python -m benchmarks.store [--quick] [--json FILE]
"""

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lib.result import environment, options_of, tell
from benchmarks.lib.store_contenders import case_notices, connect, keep_answers
from tests.lib.postgres import NoPostgres, running_postgres
from tests.lib.stored_tables import create_indexes, create_tables, store_registry
from tocsin.cases.case_a import sample
from tocsin.compute.duck import Duck, duck_database
from tocsin.compute.stored_keying import key_registry
from tocsin.compute.verdict_table import VERDICTS, match_loaded
from tocsin.formats.registry_file import load_registry
from tocsin.match.figures import BenchmarkResult

FULL, QUICK = 1_000_000, 100_000
LIMIT_S = 2.0
TURNS = 3
CONTENDERS = ("scan", "hand", "ours")
DATABASES = ("sqlite", "postgresql")


def load_sample(duck: Duck, n_records: int) -> None:
    """Create table ``registry``: case A's records over and over, each with ids of its own."""
    duck.add("one", sample(np.random.default_rng(1)).registry)
    own = ", ".join(f"{name} || '-' || i AS {name}" for name in ("device_id", "holder_id"))
    found = duck.connection.execute(
        f"""SELECT * EXCLUDE (i) REPLACE ({own},
            CASE WHEN serial <> '' THEN serial || i ELSE serial END AS serial)
        FROM one, (SELECT i::VARCHAR AS i FROM range({n_records} // 1000) t(i))
        LIMIT {n_records}"""
    )
    load_registry(duck.connection, found.to_arrow_table())


def find_expected(n_records: int) -> list[tuple[Any, ...]]:
    """Return how many verdicts of each kind the files' path finds."""
    with duck_database() as duck:
        load_sample(duck, n_records)
        match_loaded(duck, case_notices())
        return duck.connection.execute(
            f"""SELECT truth, entry_no, reason, count(*) FROM {VERDICTS}
            GROUP BY 1, 2, 3 ORDER BY 1, 2 NULLS FIRST, 3"""
        ).fetchall()


@contextmanager
def open_databases(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the addresses of empty databases; without PostgreSQL say so and go on."""
    addresses = {"sqlite": str(folder / "store.sqlite3")}
    with sqlite3.connect(addresses["sqlite"]) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    folder.chmod(0o755)  # PostgreSQL's server runs under another account
    try:
        with running_postgres(folder / "cluster") as cluster:
            yield {**addresses, "postgresql": cluster.create("store")}
    except NoPostgres as absent:
        print(f"{absent} Its figures are missing.", flush=True)
        yield addresses


def store_sample(duck: Duck, address: str) -> float:
    """Store the keyed registry in a database and return the seconds of that."""
    keyed = key_registry(duck, 1)
    started = time.perf_counter()
    connection = connect(address)
    connection.execute("BEGIN")
    create_tables(connection)
    store_registry(connection, keyed, 1, since_revision=1)
    create_indexes(connection)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    seconds = time.perf_counter() - started
    keep_answers(connection)
    connection.close()
    return seconds


def race(addresses: dict[str, str], expected: list[tuple[Any, ...]]) -> dict[str, dict[str, Any]]:
    """Return what each contender told: seconds of first and of later runs, and peak memory.

    Raises:
        SystemExit: if verdicts differ from those of the files' path.
    """
    wanted = sorted(map(str, map(list, expected)))
    told: dict[str, dict[str, Any]] = {}
    for _ in range(TURNS):
        for database, address in addresses.items():
            for name in CONTENDERS:
                command = [sys.executable, "-m", "benchmarks.lib.store_contenders", name, address]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                result = json.loads(done.stdout.splitlines()[-1])
                if result["found"] and sorted(map(str, result["found"])) != wanted:
                    raise SystemExit(f"{database}, {name}: verdicts differ. No figure counts.")
                kept = told.setdefault(f"{database}: {name}", defaultdict(list))
                kept["first"].append(result["seconds"][0])
                kept["later"].append(statistics.median(result["seconds"][1:]))
                kept["processor"].append(statistics.median(result["processor_s"][1:]))
                kept["mb"].append(result["peak_mb"])
    return told


def ratios_of(told: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the medians of the ratios of each turn, and the seconds against the limit."""
    ratios = {}
    for database in DATABASES:
        ours = told.get(f"{database}: ours")
        if ours is None:
            continue
        for peer in ("scan", "hand"):
            theirs = told[f"{database}: {peer}"]["later"]
            each = [a / b for a, b in zip(ours["later"], theirs, strict=True)]
            ratios[f"{database}: ours / {peer}"] = statistics.median(each)
        for run, name in (("first", "first match"), ("later", "match")):
            ratios[f"{database}: {name} / {LIMIT_S:g} s"] = statistics.median(ours[run]) / LIMIT_S
    return ratios


def main() -> None:
    """Prepare, measure, print and write."""
    arguments = options_of(__doc__).parse_args()
    n_records = QUICK if arguments.quick else FULL
    seconds: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder,
        open_databases(Path(folder)) as addresses,
    ):
        for database, address in addresses.items():
            print(f"storing {n_records:,} records in {database} ...", flush=True)
            with duck_database() as duck:
                load_sample(duck, n_records)
                started = time.perf_counter()
                seconds[f"{database}: storing"] = store_sample(duck, address)
                whole = time.perf_counter() - started
                seconds[f"{database}: keying and storing"] = whole
        expected = find_expected(n_records)
        told = race(addresses, expected)
    for name, kept in told.items():
        seconds[f"{name}, first run"] = statistics.median(kept["first"])
        seconds[name] = statistics.median(kept["later"])
        seconds[f"{name}: processor"] = statistics.median(kept["processor"])
    ratios = ratios_of(told)
    result = BenchmarkResult(
        benchmark="store",
        quick=arguments.quick,
        sizes={
            "records": n_records,
            "entries": len(case_notices()[0].scope),
            "rows": sum(row[-1] for row in expected),
        },
        seconds=seconds,
        ratios=ratios,
        bars={name: 1.0 for name in ratios if name.endswith(" s")},
        peak_memory_mb={name: max(kept["mb"]) for name, kept in told.items()},
        environment=environment(),
    )
    tell(result, arguments.json)


if __name__ == "__main__":
    main()
