"""`tocsin match` as a whole process against DuckDB merely reading the same CSV.

Run: python -m benchmarks.command [--quick] [--json FILE]
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import duckdb

from benchmarks.lib.result import environment, options_of, tell
from tocsin.match.figures import BenchmarkResult

FULL, QUICK = 1_000_000, 100_000
MATCH_BAR, HELP_BAR_S = 3.0, 0.3

_REGISTRY = """
COPY (
  SELECT 'D' || i AS device_id, 'H' || (i % 400000) AS holder_id, 'Medtronic' AS manufacturer,
    CASE WHEN i % 3 = 0 THEN 'MiniMed Paradigm' ELSE 'insulin pump' END AS product,
    'MMT-' || (500 + i % 300) AS model, '' AS catalogue_no,
    '(01)' || body || (10 - list_sum(list_transform(range(1, 14),
      lambda p: substr(body, p, 1)::INT * CASE WHEN p % 2 = 1 THEN 3 ELSE 1 END)) % 10) % 10
      || '(17)271231(21)SYN' || lpad(i::VARCHAR, 7, '0') AS udi,
    CASE WHEN i % 5 < 3 THEN '2.' || (i % 10) || 'A' ELSE '' END AS software_version,
    '' AS lot, '' AS serial, 1 AS quantity, 'US' AS country, '2010-01-01' AS made_on,
    '2010-02-01' AS shipped_on, '' AS serviced_on, '' AS expires_on, '2019-01-01' AS evidence_on,
    'claims' AS evidence_source
  FROM (SELECT i, '007630001' || lpad((i % 300)::VARCHAR, 4, '0') AS body FROM range({n}) t(i))
) TO '{path}' (HEADER)
"""
_READ = (
    "import duckdb, sys, time; c = duckdb.connect(); t = time.perf_counter(); "
    "c.execute('SET enable_progress_bar = false'); "
    "c.execute('CREATE TABLE t AS SELECT * FROM read_csv(?, all_varchar = true)', [sys.argv[1]]); "
    "print(time.perf_counter() - t)"
)


def run(arguments: Sequence[str | Path]) -> tuple[float, str]:
    """Return how long a process of this Python took, in seconds, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return time.perf_counter() - started, done.stdout


def measure(n_records: int, repeats: int) -> dict[str, list[float]]:
    """Return the seconds of each contender, one item per repeat, taken in turn."""
    notice = files("tocsin.cases") / "data" / "case_a.yaml"
    seconds: dict[str, list[float]] = {
        name: [] for name in ("read statement", "read process", "match process", "help process")
    }
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        registry, out = Path(folder) / "devices.csv", Path(folder) / "verdicts.csv"
        duckdb.execute(_REGISTRY.format(n=n_records, path=registry))
        for repeat in range(repeats + 1):
            process, printed = run(["-c", _READ, registry])
            match, _ = run(
                ["-m", "tocsin.cli.main", "match", str(notice), "-r", registry, "-o", out]
            )
            help_, _ = run(["-m", "tocsin.cli.main", "--help"])
            if repeat:  # the first round only warms the caches
                for name, value in zip(
                    seconds, (float(printed), process, match, help_), strict=True
                ):
                    seconds[name].append(value)
    return seconds


def main() -> None:
    """Measure, print and write."""
    arguments = options_of(__doc__).parse_args()
    n_records = QUICK if arguments.quick else FULL
    seconds = measure(n_records, repeats=5)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    read = medians["read statement"]
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    result = BenchmarkResult(
        benchmark="command",
        quick=arguments.quick,
        sizes={"records": n_records},
        seconds=medians,
        ratios={
            "match / read statement": medians["match process"] / read,
            "match / read process": medians["match process"] / medians["read process"],
            "help seconds / limit": medians["help process"] / HELP_BAR_S,
        },
        bars={"match / read statement": MATCH_BAR, "help seconds / limit": 1.0},
        peak_memory_mb={"largest process": round(peak_mb, 1)},
        environment=environment(),
    )
    tell(result, arguments.json)


if __name__ == "__main__":
    main()
