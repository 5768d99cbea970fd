"""The contenders of `benchmarks.match`, each to be run in a process of its own.

Run: python -m benchmarks.lib.match_contenders NAME FOLDER OUT. Prints one line of JSON:
seconds of the whole and of its parts, seconds of processor time, peak memory.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import duckdb

MEMORY_LIMIT = "3GB"
SQL = Path(__file__).parents[1] / "match.sql"
Timed = Callable[[], dict[str, float]]
clock = time.perf_counter


def prepare_scan(folder: Path, _out: Path) -> Timed:
    """A scan that touches every joined column: what reading alone costs."""
    connection = _connect()
    path = folder / "keyed/records.parquet"
    columns = [name for name, *_ in connection.execute(f"DESCRIBE FROM '{path}'").fetchall()]
    columns.remove("row_no")  # no contender but ours needs it, and it could do without

    def run() -> dict[str, float]:
        connection.execute(f"SELECT sum(hash({', '.join(columns)})) FROM '{path}'").fetchall()
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


CONTENDERS = {"scan": prepare_scan, "sql": prepare_sql, "ours": prepare_ours}


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
