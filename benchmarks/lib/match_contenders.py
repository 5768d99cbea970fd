"""The contenders of `benchmarks.match`, each to be run in a process of its own.

Run: python -m benchmarks.lib.match_contenders NAME FOLDER OUT. Prints one line of JSON:
seconds of the whole and of its parts, seconds of processor time, peak memory.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import duckdb

MEMORY_LIMIT = "3GB"
SCANNED = ("records", "values_software", "values_lot", "values_country")
ROWS_PER_MILLE = 388  # rows that the join writes per thousand records
SQL = Path(__file__).parents[1] / "match.sql"
Timed = Callable[[], dict[str, float]]
clock = time.perf_counter


def prepare_scan(folder: Path, _out: Path) -> Timed:
    """A scan that touches every joined column: what reading alone costs."""
    connection = _connect()
    return _scan_of(connection, [folder / f"keyed/{name}.parquet" for name in SCANNED])


def prepare_text_scan(folder: Path, _out: Path) -> Timed:
    """A scan of the registry's texts, from which the keys were made: for comparison only."""
    return _scan_of(_connect(), [folder / "raw.parquet"])


def _scan_of(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Timed:
    scans = [
        f"SELECT sum(hash({', '.join(_columns(connection, path))})) FROM '{path}'" for path in paths
    ]

    def run() -> dict[str, float]:
        for scan in scans:
            connection.execute(scan).fetchall()
        return {}

    return run


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Return the columns of a file but `row_no`, which a join could do without."""
    described = connection.execute(f"DESCRIBE FROM '{path}'").fetchall()
    return [name for name, *_ in described if name != "row_no"]


def prepare_floor(folder: Path, out: Path) -> Timed:
    """Read the joined columns, join nothing, and write as many rows as the join does.

    No contender can be faster: their rows differ, and differing words cost more to write.
    """
    connection = _connect()
    connection.execute("SET preserve_insertion_order = false")
    path = folder / "keyed/records.parquet"
    columns = [name for name in _columns(connection, path) if name != "device_id"]
    words = {"notice_id": "bench", "verdict": "affected", "entry": "e0", "reason_code": "in_scope"}
    for name, word in words.items():
        connection.execute(f"CREATE TYPE {name} AS ENUM ('{word}')")
    said = ", ".join(f"'{word}'::{name} AS {name}" for name, word in words.items())

    def run() -> dict[str, float]:
        connection.execute(
            f"COPY (SELECT device_id, 1::INTEGER AS revision, {said} FROM '{path}' "
            f"WHERE hash({', '.join(columns)}) % 1000 < {ROWS_PER_MILLE}) "
            f"TO '{out}' (FORMAT parquet)"
        )
        return {}

    return run


def prepare_sql(folder: Path, out: Path) -> Timed:
    """`match.sql`: the same join by hand."""
    connection = _connect()
    text = SQL.read_text("utf-8")
    for name, path in (
        ("keyed", folder / "keyed"),
        ("compiled", folder / "compiled"),
        ("out", out),
    ):
        text = text.replace(f"{{{name}}}", str(path))

    def run() -> dict[str, float]:
        connection.execute(text)
        return {}

    return run


def prepare_polars(folder: Path, out: Path) -> Timed:
    """`match_polars`: the same join by hand, in Polars."""
    from benchmarks.lib.match_polars import match_with_polars

    def run() -> dict[str, float]:
        match_with_polars(folder, out)
        return {}

    return run


def prepare_ours(folder: Path, out: Path) -> Timed:
    """Tocsin's relational engine, from notices and distinct products to the written file."""
    import ibis
    import ibis.backends.sql.compilers  # whatever a first use would import is not the join's
    import pyarrow as pa

    from benchmarks.lib.match_prepare import KINDS, entry_names, read_prepared, read_products
    from tocsin.base.truth import Truth
    from tocsin.base.verdict import verdict_of
    from tocsin.compute.duck import Duck
    from tocsin.identify.product_index import ProductIndex
    from tocsin.match.engines.candidates import make_candidates
    from tocsin.match.engines.compiled_scopes import CompiledScopes
    from tocsin.match.engines.layout import is_coded
    from tocsin.match.engines.relational.relations import named_tables, values_name
    from tocsin.match.engines.relational.verdicts import verdict_steps
    from tocsin.match.rules import How, Reasons

    prepared = read_prepared(folder)
    notices, products = prepared.notices(), read_products(prepared)
    duck = Duck(MEMORY_LIMIT)
    duck.connection.execute("SET preserve_insertion_order = false")
    for name in ("records", *map(values_name, filter(is_coded, KINDS))):
        path = prepared.keyed / f"{name}.parquet"
        duck.connection.execute(f"CREATE VIEW {name} AS FROM '{path}'")
    reasons = Reasons()
    told = [
        (number, truth, excluding, reasons.code(Truth(truth), number, by_exclusion=excluding))
        for number in [0, *(reasons.number(kind, how) for kind in reasons.kinds for how in How)]
        for truth in (1, 2)
        for excluding in (False, True)
    ]

    def run() -> dict[str, float]:
        moments = [clock()]
        scopes = CompiledScopes(notices, reasons, as_if_reviewed=False)
        moments.append(clock())
        tables = make_candidates(scopes, ProductIndex(products), len(products))
        moments.append(clock())
        for name, table in named_tables(tables).items():
            duck.add(name, table)
        duck.add("entries", entry_names(notices))
        duck.add("outcomes", _outcomes(told))
        *words, scored, (_, pairs) = verdict_steps(tables, reasons, carried=["device_id"])
        for name, step in words:
            duck.create(name, step)
        entries, outcomes = duck.relation("entries"), duck.relation("outcomes")
        said = pairs.mutate(outcome=_outcome_of(pairs), entry_key=_key(pairs, pairs.entry_no))
        entries = entries.mutate(entry_key=_key(entries, entries.ordinal)).drop("notice_no")
        said = said.inner_join(entries, "entry_key").inner_join(outcomes, "outcome")
        columns = ("device_id", "notice_id", "revision", "verdict", "entry", "reason_code")
        sql = duck.sql_of(said.select(*columns), [scored])
        duck.connection.execute(f"COPY ({sql}) TO '{out}' (FORMAT parquet)")
        moments.append(clock())
        names = ("compile", "identity", "join and write")
        return dict(zip(names, (b - a for a, b in pairwise(moments)), strict=True))

    def _outcome_of(pairs: "ibis.Table") -> "ibis.Value":
        return pairs.reason * 8 + pairs.truth * 2 + pairs.by_exclusion.cast("int32")

    def _key(table: "ibis.Table", ordinal: "ibis.Value") -> "ibis.Value":
        return table.notice_no * 65536 + ordinal

    def _outcomes(told: list[tuple[int, int, bool, str]]) -> pa.Table:
        keys = [number * 8 + truth * 2 + excluding for number, truth, excluding, _ in told]
        text = pa.dictionary(pa.int32(), pa.string())
        verdicts = [str(verdict_of(Truth(truth))) for _, truth, *_ in told]
        return pa.table(
            {
                "outcome": pa.array(keys, pa.int32()),
                "verdict": pa.array(verdicts, text),
                "reason_code": pa.array([code for *_, code in told], text),
            }
        )

    return run


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT})
    connection.execute("SET enable_progress_bar = false")
    return connection


@contextmanager
def _stopwatch(measured: dict[str, float]) -> Iterator[None]:
    before, started = resource.getrusage(resource.RUSAGE_SELF), clock()
    yield
    measured["seconds"] = clock() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    measured["processor_s"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    measured["peak_mb"] = _peak_mb()


def _peak_mb() -> float:
    """Return this process's peak memory; ru_maxrss would count the process that started it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


CONTENDERS = {
    "scan": prepare_scan,
    "text scan": prepare_text_scan,
    "floor": prepare_floor,
    "sql": prepare_sql,
    "polars": prepare_polars,
    "ours": prepare_ours,
}


def main() -> None:
    """Prepare one contender, run it once, tell what it took."""
    name, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    run = CONTENDERS[name](folder, out)
    measured: dict[str, float] = {}
    with _stopwatch(measured):
        parts = run()
    print(json.dumps(measured | {"parts": parts}))


if __name__ == "__main__":
    main()
