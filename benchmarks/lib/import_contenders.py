"""The contenders of `benchmarks.store_import`, each to be run in a process of its own.

Run: python -m benchmarks.lib.import_contenders NAME LIST ROWS, with TOCSIN_HOME and DATABASE_URL
set. Prints one line of JSON: seconds, seconds of processors (this process and the database's
server), peak memory of this process, and rows written.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tocsin.services.installation import console_caller, create_installation, open_installation

if TYPE_CHECKING:
    from tocsin.services.work import Caller

SLUG, REGISTRY = "bench", "bench"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Spent:
    """Time that was spent: by the clock, and by processors, the database's server included."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    @contextmanager
    def on(self) -> Iterator[None]:
        """Add what the block spends."""
        clock, cpu = time.perf_counter(), _cpu_seconds()
        yield
        self.seconds += time.perf_counter() - clock
        self.cpu_seconds += _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    """Return what this process, its children and the database's server have used until now."""
    own = sum(os.times()[:4])
    return own + sum(map(_cpu_of, _server_processes()))


def _server_processes() -> list[int]:
    """Return PostgreSQL's processes: the first one, and all that it has started."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    connection.ensure_connection()
    first = _stat(connection.connection.info.backend_pid)[1]
    every = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [first, *(pid for pid in every if _parent(pid) == first)]


def _stat(pid: int) -> list[int]:
    """Return the numbers of /proc/PID/stat from the fourth on, after a zero (proc(5))."""
    told = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return [0, *map(int, told[1:])]


def _parent(pid: int) -> int | None:
    try:
        return _stat(pid)[1]
    except OSError:  # it has ended
        return None


def _cpu_of(pid: int) -> float:
    """Return what a process has used, with its children that have ended."""
    try:
        return sum(_stat(pid)[11:15]) / _TICKS
    except OSError:
        return 0.0


def make_installation() -> None:
    """Make the tables, an organisation and an empty registry."""
    create_installation()
    from tocsin.services.list_imports import add_registry
    from tocsin.services.organisations import create_organisation

    create_organisation(console_caller(), SLUG, "Bench")
    add_registry(operator(), REGISTRY)


def operator() -> "Caller":
    """Return somebody who may import."""
    from tocsin.store.roles import Role

    return replace(console_caller(SLUG), actor="user:1", roles=frozenset({Role.OPERATOR}))


def run_ours(listed: Path, rows: Path) -> dict[str, Any]:
    """Import the list; then keep the rows as files for the others."""
    from tocsin.services.import_files import keep_source
    from tocsin.services.job_runs import run_until_done
    from tocsin.services.list_imports import begin_import

    caller = operator()
    spent = Spent()
    with spent.on():
        begun = begin_import(
            caller, REGISTRY, "records", keep_source(listed, caller.organisation_id or 0), {}
        )
        run_until_done(begun.job_id or 0, lambda *_: None)
    return {**vars(spent), "n": keep_rows(caller.organisation_id or 0, rows)}


def keep_rows(organisation_id: int, rows: Path) -> int:
    """Write the rows of all tables as Arrow files, all but the records' own key."""
    from django.db import connection

    from tocsin.store.stored_registry import table_names
    from tocsin.store.tenancy import acting_for

    rows.mkdir(exist_ok=True)
    n_rows = 0
    with acting_for(organisation_id), connection.cursor() as cursor:
        for table in table_names().values():
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")
            names = [column[0] for column in cursor.description if column[0] != "row_no"]
            cursor.execute(f"SELECT {', '.join(names)} FROM {table}")
            columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
            whole = pa.table({name: pa.array(c) for name, c in zip(names, columns, strict=True)})
            with pa.ipc.new_file(str(rows / f"{table}.arrow"), whole.schema) as writer:
                writer.write_table(whole)
            n_rows += len(whole)
    return n_rows


def run_bare(listed: Path, rows: Path) -> dict[str, Any]:
    """Write the same rows into the same empty tables, and nothing else."""
    del listed
    return _bare(sorted(rows.glob("*.arrow")))


def run_records(listed: Path, rows: Path) -> dict[str, Any]:
    """Write the same records, without the dictionaries of their texts."""
    del listed
    return _bare([rows / "store_devicerecord.arrow"])


def _bare(files: list[Path]) -> dict[str, Any]:
    from django.db import connection, transaction

    is_postgres = connection.vendor == "postgresql"
    spent, n_rows = Spent(), 0
    for file in files:
        with pa.ipc.open_file(str(file)) as reader:
            table = reader.read_all()
        names = ", ".join(table.column_names)
        ready: Any = list(_csv_blocks(table)) if is_postgres else list(_tuples(table))
        with spent.on(), transaction.atomic(), connection.cursor() as cursor:
            if is_postgres:
                with cursor.copy(f"COPY {file.stem} ({names}) FROM STDIN (FORMAT csv)") as copy:
                    for block in ready:
                        copy.write(block)
            else:
                marks = ", ".join(["?"] * table.num_columns)
                sql = f"INSERT INTO {file.stem} ({names}) VALUES ({marks})"
                connection.connection.executemany(sql, ready)
        n_rows += len(table)
    return {**vars(spent), "n": n_rows}


def _csv_blocks(table: pa.Table) -> Iterator[bytes]:
    import io

    from pyarrow import csv

    for batch in table.to_batches(max_chunksize=50_000):
        text = io.BytesIO()
        csv.write_csv(batch, text, csv.WriteOptions(include_header=False))
        yield text.getvalue()


def _tuples(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


CONTENDERS = {"ours": run_ours, "bare": run_bare, "records": run_records}


def main() -> None:
    """Run one contender."""
    name, listed, rows = sys.argv[1:]
    make_installation()
    open_installation()
    told = CONTENDERS[name](Path(listed), Path(rows))
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(told))


if __name__ == "__main__":
    main()
