"""Counts of a scope while it is edited, at a million stored records, on SQLite and PostgreSQL.

A session of edits of case A's notice: other versions, lots, days, countries, a fact, entries taken
out and put back. Each edit is counted whole, as the desk does it: products, candidates, groups, and
the counts of each entry. The first count, which copies the numbers of the registry, is told apart,
and so is the first one that asks for serial numbers. The counts of some edits are compared with
those of a match that keeps every verdict.

Run: python -m benchmarks.editor [--quick] [--json FILE]
"""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.lib.result import environment, options_of, tell
from benchmarks.lib.store_contenders import case_notices, connect, peak_mb, processor_seconds
from benchmarks.store import FULL, QUICK, load_sample, open_databases, store_sample
from tests.lib.stored_tables import TABLES
from tocsin.compute.counted_registry import CountedRegistry
from tocsin.compute.duck import duck_database
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.stored_match import match_stored
from tocsin.compute.stored_records import StoredRegistry
from tocsin.match.figures import BenchmarkResult
from tocsin.notice.model import Notice

LIMIT_S = 1.0
ROUNDS, QUICK_ROUNDS = 8, 2
COMPARED = (0, 3, 5)


def edits(case: Notice, turn: int) -> Iterator[Notice]:
    """Yield the notice after each edit of a round; no round repeats another's edits."""
    tree = case.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def changed(place: int, **more: Any) -> Notice:
        scope = [dict(entry) for entry in tree["scope"]]
        scope[place] |= more
        return Notice.model_validate({**tree, "scope": scope})

    yield changed(6, software={"at_most": f"2.{turn}A"})
    yield changed(7, software={"any_of": [{"below": f"2.{turn}"}, {"equal": "2.4A"}]})
    yield changed(4, lots={"ranges": [{"first": f"A{turn}00", "last": f"A{turn}99"}]})
    yield changed(4, shipped_on=[{"from": f"{2008 + turn}-01-01"}])
    yield changed(3, made_on=[{"to": f"{2008 + turn}"}], software={"at_most": f"1.{turn}"})
    yield changed(2, countries={"other_than": ["FR"] if turn % 2 else ["DE"]})
    yield changed(1, facts={"ring": {"any_of": [f"kind {turn}"]}})
    yield Notice.model_validate({**tree, "scope": tree["scope"][: -1 - turn % 3]})


def with_serials(case: Notice) -> Notice:
    """Return the notice with a range of serial numbers in one entry."""
    tree = case.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    tree["scope"][5] |= {"serials": {"prefixes": ["PAR1"]}}
    return Notice.model_validate(tree)


@dataclass
class Times:
    """Seconds of several counts, by the clock and of processors."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def count(
        self, counted: CountedRegistry, connection: Any, notice: Notice
    ) -> Counter[tuple[int | None, int]]:
        """Return records by entry and truth, and remember how long it took."""
        began, started = processor_seconds(connection), time.perf_counter()
        with counted.judged(connection, [notice]) as judged:
            found = judged.counts()
        self.clock.append(time.perf_counter() - started)
        self.processor.append(processor_seconds(connection) - began)
        counts: Counter[tuple[int | None, int]] = Counter()
        for _, entry_no, truth, _, n in found:
            counts[entry_no, truth] += n
        return counts


def check(connection: Any, stored: StoredRegistry, notice: Notice, counts: Counter[Any]) -> None:
    """Compare counts with those of a match.

    Raises:
        SystemExit: if they differ.
    """
    with match_stored(connection, stored, [notice]):
        rows = connection.execute(
            "SELECT entry_no, truth, count(*) FROM verdicts GROUP BY 1, 2"
        ).fetchall()
    wanted = {(entry_no, truth): n for entry_no, truth, n in rows}
    if wanted != {key: n for key, n in counts.items() if key[1] > 0}:
        raise SystemExit("The counts differ from those of a match. No figure counts.")


def measure(address: str, rounds: int, compared: Container[int] = COMPARED) -> dict[str, Times]:
    """Return the seconds of first counts and of edits on one database."""
    connection, case = connect(address), case_notices()[0]
    stored = StoredRegistry(1, 1, key_stamp(), TABLES)
    counted = CountedRegistry(stored)
    told = {name: Times() for name in ("first", "edit", "first with serials")}
    told["first"].count(counted, connection, case)
    for turn in range(rounds):
        for place, notice in enumerate(edits(case, turn)):
            counts = told["edit"].count(counted, connection, notice)
            if turn == 0 and place in compared:
                check(connection, stored, notice, counts)
    told["first with serials"].count(counted, connection, with_serials(case))
    connection.close()
    return told


def main() -> None:
    """Prepare, measure, print and write."""
    arguments = options_of(__doc__).parse_args()
    n_records = QUICK if arguments.quick else FULL
    rounds = QUICK_ROUNDS if arguments.quick else ROUNDS
    seconds: dict[str, float] = {}
    ratios: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder,
        open_databases(Path(folder)) as addresses,
    ):
        for database, address in addresses.items():
            print(f"storing {n_records:,} records in {database} ...", flush=True)
            with duck_database() as duck:
                load_sample(duck, n_records)
                store_sample(duck, address)
            told = measure(address, rounds)
            p95 = statistics.quantiles(told["edit"].clock, n=20)[-1]
            seconds |= {
                f"{database}: edit, median": statistics.median(told["edit"].clock),
                f"{database}: edit, p95": p95,
                f"{database}: edit, p95, processor": statistics.quantiles(
                    told["edit"].processor, n=20
                )[-1],
                f"{database}: first count": told["first"].clock[0],
                f"{database}: first count with serials": told["first with serials"].clock[0],
            }
            ratios[f"{database}: edit p95 / {LIMIT_S:g} s"] = p95 / LIMIT_S
    result = BenchmarkResult(
        benchmark="editor",
        quick=arguments.quick,
        sizes={"records": n_records, "edits": rounds * 8},
        seconds=seconds,
        ratios=ratios,
        bars=dict.fromkeys(ratios, 1.0),
        peak_memory_mb={"process": peak_mb()},
        environment=environment(),
    )
    tell(result, arguments.json)


if __name__ == "__main__":
    main()
