"""The contenders of `benchmarks.store`, each to be run in a process of its own.

Run: python -m benchmarks.lib.store_contenders NAME ADDRESS. Prints one line of JSON: seconds of
each run (the first one compiles everything) by the clock and of processors, peak memory of this
process, and what was found.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.lib.stored_tables import TABLES
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.stored_match import match_stored
from tocsin.compute.stored_records import StoredRegistry
from tocsin.match.engines.stored_layout import RECORDS
from tocsin.notice.model import Notice
from tocsin.services.notices import read_notices

N_RUNS = 3
ANSWERS = "hand_answers"
Run = Callable[[Any], list[tuple[Any, ...]]]
COUNTED = "SELECT truth, entry_no, reason, count(*) FROM {} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
_VALID = (
    "registry_id = 1 AND since_revision <= 1 AND (until_revision IS NULL OR until_revision > 1)"
)


def case_notices() -> list[Notice]:
    """Return case A's notice: 11 entries."""
    return read_notices([Path(str(files("tocsin.cases"))) / "data" / "case_a.yaml"])


def connect(address: str) -> Any:
    """Return a connection to the benchmark's database."""
    if not address.startswith("postgresql:"):
        return sqlite3.connect(address, isolation_level=None)
    import psycopg

    return psycopg.connect(address, autocommit=True)


def run_scan(connection: Any) -> list[tuple[Any, ...]]:
    """Read what a match must read of every record: whether it is valid, product and software."""
    sql = f"SELECT count(*), sum(product_no + software_no) FROM {TABLES[RECORDS]} WHERE {_VALID}"
    connection.execute(sql).fetchall()
    return []


def run_hand(connection: Any) -> list[tuple[Any, ...]]:
    """Join the records with a table of ready answers, and keep the verdicts in a table.

    The answers per software version and product are handed over: nothing could do with less.
    """
    connection.execute(
        f"""CREATE TEMP TABLE by_hand AS SELECT row_no, 0 AS notice_no, truth, entry_no, reason,
        by_exclusion FROM {TABLES[RECORDS]} JOIN {ANSWERS} USING (software_no) WHERE {_VALID}"""
    )
    return []


def count_hand(connection: Any) -> list[tuple[Any, ...]]:
    """Return what the join by hand found."""
    found: list[tuple[Any, ...]] = connection.execute(COUNTED.format("by_hand")).fetchall()
    connection.execute("DROP TABLE by_hand")
    return found


def timed_ours(connection: Any, notices: Sequence[Notice]) -> tuple[float, list[tuple[Any, ...]]]:
    """Return the seconds of a whole match until the verdicts stand in a table, and its counts."""
    stored = StoredRegistry(1, 1, key_stamp(), TABLES)
    started = time.perf_counter()
    with match_stored(connection, stored, notices):
        seconds = time.perf_counter() - started
        return seconds, connection.execute(COUNTED.format("verdicts")).fetchall()


def keep_answers(connection: Any) -> None:
    """Make the table that the join by hand is handed: one row per product and software."""
    stored = StoredRegistry(1, 1, key_stamp(), TABLES)
    with match_stored(connection, stored, case_notices()):
        connection.execute(
            f"""CREATE TABLE {ANSWERS} AS SELECT DISTINCT software_no, truth, entry_no, reason,
            by_exclusion FROM verdicts JOIN {TABLES[RECORDS]} USING (row_no)"""
        )
    connection.execute(f"CREATE UNIQUE INDEX by_{ANSWERS} ON {ANSWERS} (software_no)")
    connection.execute(f"ANALYZE {ANSWERS}")


def processor_seconds(connection: Any) -> float:
    """Return the processor time of this process and of the server's process that serves it."""
    own = time.process_time()
    if isinstance(connection, sqlite3.Connection):
        return own
    stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text("utf-8")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return own + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def peak_mb() -> float:
    """Return the peak memory of this process, without that of the one that started it."""
    status = Path("/proc/self/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def main() -> None:
    """Run one contender some times and tell."""
    name, address = sys.argv[1:3]
    connection, notices = connect(address), case_notices()
    seconds, processor_s, found = [], [], []
    for _ in range(N_RUNS):
        began = processor_seconds(connection)
        if name == "ours":
            taken, found = timed_ours(connection, notices)
        else:
            started = time.perf_counter()
            (run_scan if name == "scan" else run_hand)(connection)
            taken = time.perf_counter() - started
            found = count_hand(connection) if name == "hand" else []
        seconds.append(taken)
        processor_s.append(processor_seconds(connection) - began)
    told = {"seconds": seconds, "processor_s": processor_s, "peak_mb": peak_mb(), "found": found}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
