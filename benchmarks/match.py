"""The relational engine against a scan, joins by hand in SQL and Polars, and the reference engine.

10 million keyed records against 2,500 notices with 10,000 entries, four kinds of constraint, one
value in ten missing. Every contender runs in a process of its own, in turn. Those that join write
the same Parquet file, and their rows are compared. The floor reads the records and writes as many
rows, but joins nothing. A ratio is the median of the ratios of each turn.

Run: python -m benchmarks.match [--quick] [--json FILE]
"""

import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.lib.match_contenders import CONTENDERS
from benchmarks.lib.match_prepare import Prepared, prepare
from benchmarks.lib.result import environment, options_of, tell
from tocsin.match.engines.reference import match_records
from tocsin.match.figures import BenchmarkResult
from tocsin.registry.record import read_record

CACHE = Path(__file__).parents[1] / ".bench"
FULL, QUICK = 10_000_000, 500_000
N_NOTICES, REPEATS = 2_500, 5
SAMPLE_RECORDS, SAMPLE_NOTICES = 500, 200
JOINING = ("sql", "polars", "ours")
OUR_JOIN = "ours: join and write"
BARS = {"our join / sql": 1.1, "ours / scan": 5.0, "ours peak / 4 GB": 1.0}
# The peers are handed which entry is about which product; ours finds it out first.
RATIOS = {
    "our join / sql": (OUR_JOIN, "sql"),
    "our join / polars": (OUR_JOIN, "polars"),
    "ours / sql": ("ours", "sql"),
    "ours / polars": ("ours", "polars"),
    "ours / scan": ("ours", "scan"),
    "our join / scan": (OUR_JOIN, "scan"),
    "sql / scan": ("sql", "scan"),
    "polars / scan": ("polars", "scan"),
    "floor / scan": ("floor", "scan"),
}


def race(prepared: Prepared) -> dict[str, list[dict[str, Any]]]:
    """Return what each contender told of each of its runs, taken in turn."""
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
    for _ in range(REPEATS):
        for name in CONTENDERS:
            command = [
                sys.executable, "-m", "benchmarks.lib.match_contenders", name,
                str(prepared.folder), str(out_of(prepared, name)),
            ]  # fmt: skip
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            told[name].append(json.loads(done.stdout.splitlines()[-1]))
    return told


def out_of(prepared: Prepared, name: str) -> Path:
    """Return the file that a contender writes."""
    return prepared.folder / f"out-{name}.parquet"


def compare_outputs(prepared: Prepared) -> int:
    """Return how many rows each of those that join wrote.

    Raises:
        SystemExit: if they did not all write the same rows.
    """
    first, *others = (f"FROM '{out_of(prepared, name)}'" for name in JOINING)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for other in others:
            different = connection.execute(
                f"SELECT (SELECT count(*) FROM ({first} EXCEPT ALL {other})), "
                f"(SELECT count(*) FROM ({other} EXCEPT ALL {first}))"
            ).fetchone()
            if different != (0, 0):
                raise SystemExit(f"{other}: {different} rows differ. No figure counts.")
        counted = connection.execute(f"SELECT count(*) {first}").fetchone()
    assert counted
    return int(counted[0])


def seconds_by_turn(told: dict[str, list[dict[str, Any]]]) -> dict[str, list[float]]:
    """Return the seconds of each contender, and of each part of ours, turn by turn."""
    seconds = {name: [run["seconds"] for run in runs] for name, runs in told.items()}
    for part in told["ours"][0]["parts"]:
        seconds[f"ours: {part}"] = [run["parts"][part] for run in told["ours"]]
    for name in JOINING:  # less disturbed by what else the machine does
        seconds[f"{name}: processor"] = [run["processor_s"] for run in told[name]]
    return seconds


def check_against_reference(prepared: Prepared) -> float:
    """Return the reference engine's seconds per pair on a sample, after comparing verdicts.

    Raises:
        SystemExit: if a verdict differs.
    """
    chance = random.Random(1)
    notices = chance.sample(prepared.notices(), SAMPLE_NOTICES)
    with duckdb.connect() as connection:
        rows = (
            connection.execute(
                f"FROM '{prepared.raw}' "
                f"USING SAMPLE reservoir({SAMPLE_RECORDS} ROWS) REPEATABLE (1)"
            )
            .to_arrow_table()
            .to_pylist()
        )
        names = {notice.notice for notice in notices}
        found = connection.execute(
            f"SELECT device_id, notice_id, verdict, entry, reason_code "
            f"FROM '{out_of(prepared, 'ours')}' WHERE device_id IN (SELECT unnest(?))",
            [[row["device_id"] for row in rows]],
        ).fetchall()
    ours = {(d, n): rest for d, n, *rest in found if n in names}
    records = [read_record(row) for row in rows]
    started = time.perf_counter()
    verdicts = list(match_records(notices, records))
    seconds = time.perf_counter() - started
    theirs = {
        (v.device_id, v.notice_id): [str(v.verdict), v.entry, v.reason_code]
        for v in verdicts
        if v.verdict != "not_affected"
    }
    if theirs != ours:
        raise SystemExit("The reference engine disagrees on the sample. No figure counts.")
    return seconds / len(verdicts)


def main() -> None:
    """Prepare, measure, print and write."""
    arguments = options_of(__doc__).parse_args()
    n_records = QUICK if arguments.quick else FULL
    print(f"preparing {n_records:,} records (kept in {CACHE.name}/) ...", flush=True)
    prepared = prepare(CACHE, n_records, N_NOTICES)
    told = race(prepared)
    n_rows = compare_outputs(prepared)
    per_pair_s = check_against_reference(prepared)
    turns = seconds_by_turn(told)
    medians = {name: statistics.median(seconds) for name, seconds in turns.items()}
    peaks = {name: max(run["peak_mb"] for run in runs) for name, runs in told.items()}
    keying = {f"keying: {step}": s for step, s in prepared.keying_s.items()}
    whole_reference_s = per_pair_s * n_records * N_NOTICES
    result = BenchmarkResult(
        benchmark="match",
        quick=arguments.quick,
        sizes={
            "records": n_records,
            "notices": N_NOTICES,
            "entries": 4 * N_NOTICES,
            "rows": n_rows,
        },
        seconds={**medians, **keying, "reference, extrapolated": whole_reference_s},
        ratios={
            **{
                name: statistics.median(a / b for a, b in zip(turns[one], turns[two], strict=True))
                for name, (one, two) in RATIOS.items()
            },
            "ours peak / 4 GB": peaks["ours"] / 4096,
            "reference / ours": whole_reference_s / medians["ours"],
        },
        bars=BARS,
        peak_memory_mb=peaks,
        environment=environment(),
    )
    tell(result, arguments.json)


if __name__ == "__main__":
    main()
