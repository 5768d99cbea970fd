"""Imports whose workers are killed end exactly as those that nobody disturbed."""

import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.lib.databases import Opened
from tests.lib.kept_counts import IS_LONG, kept_counts, repeat_until
from tests.lib.killable_workers import KillableWorker, start_killable
from tests.services.importing_worker import take_small_steps
from tests.services.lists import (
    DEVICE_COLUMNS,
    current_rows,
    device_rows,
    import_list,
    operator_of,
    see,
    write_list,
)
from tocsin.match.engines.stored_layout import DICTIONARIES, NUMBER_COLUMNS, TEXT_COLUMNS
from tocsin.services.import_files import keep_source
from tocsin.services.list_imports import add_registry, begin_import
from tocsin.services.work import Caller
from tocsin.store.audit.trail import find_faults
from tocsin.store.models import DeviceRecord, Holder, ImportState, Job, ListImport, PersonToken
from tocsin.store.sealed_persons import SealedPersons
from tocsin.store.stored_registry import TABLE_OF_DICTIONARY
from tocsin.store.tenancy import acting_for

N_KILLS = 12 if IS_LONG else 6
"""Of each import, at most."""
WANTED_KILLS = 250
N_ROWS = 1500
SOURCES = (
    "store/jobs.py",
    "store/kept_lease.py",
    "store/bulk_rows.py",
    "services/job_runs.py",
    "services/record_import.py",
    "services/holder_import.py",
    "services/holder_steps.py",
    "services/import_steps.py",
    "worker/command.py",
    "worker/loop.py",
)


@dataclass
class Killing:
    """Kills the workers of imports at random moments of their work."""

    opened: Opened
    caller: Caller
    log: Path
    rng: Random
    took_s: float = 1.0
    counts: Counter[str] = field(default_factory=Counter)

    def work(self, begun: ListImport) -> ListImport:
        """Run workers and kill them until the import has ended."""
        Job.objects.update(attempts=-1000)
        n_killed = 0
        while (seen := see(self.caller, begun)).ended_at is None:
            worker = start_killable(self.opened, self.log, take_small_steps, "--once")
            if n_killed < N_KILLS and self._wait_for_a_moment(worker, begun):
                n_killed += self._kill(worker, begun)
            worker.join(timeout=120)
            assert worker.exitcode in {0, -signal.SIGKILL}, self.log.read_text()
        return seen

    def _wait_for_a_moment(self, worker: KillableWorker, begun: ListImport) -> bool:
        """Wait until some time after the claim, or after a step; return whether it came."""
        mark, longest_s = self.rng.choice((("fence", self.took_s), ("n_done", 0.05)))
        jobs = Job.objects.filter(pk=begun.job_id).values_list(mark, flat=True)
        before = jobs.get()
        while worker.is_alive():
            if jobs.get() != before:
                time.sleep(self.rng.uniform(0, longest_s))
                return True
            time.sleep(0.002)
        return False

    def _kill(self, worker: KillableWorker, begun: ListImport) -> bool:
        """Kill the worker; count it under what it was at, if it had not ended."""
        worker.kill()
        worker.join()
        if worker.exitcode != -signal.SIGKILL:
            return False
        at = "written" if Job.objects.get(pk=begun.job_id).n_done else "read"
        self.counts += Counter({"kills": 1, f"kills after something was {at}": 1})
        return True


def content_of(caller: Caller, registry: str) -> dict[str, Any]:
    """Return everything that an import has written, but the rows' own keys."""
    with acting_for(caller.organisation_id):
        where = {"registry__name": registry}
        states = ("since_revision", "until_revision", "content", *NUMBER_COLUMNS, *TEXT_COLUMNS)
        texts = {
            name: sorted(
                TABLE_OF_DICTIONARY[name]
                .objects.filter(**where)
                .values_list(*(c for c in each.columns if c != "registry_id")),
                key=str,
            )
            for name, each in DICTIONARIES.items()
        }
        records = DeviceRecord.objects.filter(**where).values_list(*states)
        return {**texts, "records": sorted(records, key=str)}


def begin(caller: Caller, registry: str, path: Path, kind: str, **options: Any) -> ListImport:
    kept = keep_source(path, caller.organisation_id or 0)
    return begin_import(caller, registry, kind, kept, options)


def test_killed_imports_of_records_end_as_undisturbed_ones(
    own_database: Opened, tmp_path: Path
) -> None:
    caller = operator_of()
    first = write_list(tmp_path / "a.csv", DEVICE_COLUMNS, device_rows(N_ROWS))
    rows = device_rows(N_ROWS + 300)[200:]
    rows[:700] = [(*row[:-1], "7.9") for row in rows[:700]]
    second = write_list(tmp_path / "b.csv", DEVICE_COLUMNS, rows)
    lists = ((first, {}), (second, {"complete": True, "agreed": True}))
    add_registry(caller, "calm")
    began = time.monotonic()
    for path, options in lists:
        assert import_list(caller, "calm", path, **options).state == ImportState.COMPLETE
    took_s = time.monotonic() - began

    def once(turn: int) -> Counter[str]:
        name = f"killed {turn}"
        killing = Killing(own_database, caller, tmp_path / "log", Random(turn), took_s)
        add_registry(caller, name)
        for path, options in lists:
            done = killing.work(begin(caller, name, path, "records", **options))
            assert done.state == ImportState.COMPLETE
            assert done.n_read == done.n_accepted + done.n_rejected
        assert content_of(caller, name) == content_of(caller, "calm")
        assert len(current_rows(caller, name, "device_id")) == N_ROWS + 100
        assert list(find_faults()) == []
        return killing.counts

    kept = kept_counts(f"killed_imports_of_records_{own_database.kind}", SOURCES)
    counts = repeat_until(WANTED_KILLS, "kills", kept, once)
    assert counts["kills after something was written"] > 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_killed_imports_of_holders_end_as_undisturbed_ones(
    own_database: Opened, tmp_path: Path
) -> None:
    caller = operator_of()
    rows = [
        (f"H{i}", f"Name {i}", f"n{i}@example.org", f"H{i + 1}" if i % 3 == 0 else "")
        for i in range(301)
    ]
    path = write_list(tmp_path / "h.csv", ("holder_id", "name", "email", "represented_by"), rows)
    add_registry(caller, "calm")
    began = time.monotonic()
    import_list(caller, "calm", path, "holders")
    took_s = time.monotonic() - began

    def once(turn: int) -> Counter[str]:
        name = f"killed {turn}"
        killing = Killing(own_database, caller, tmp_path / "log", Random(turn), took_s)
        add_registry(caller, name)
        done = killing.work(begin(caller, name, path, "holders"))
        assert (done.n_read, done.n_accepted, done.n_new) == (301, 301, 301)
        assert holders_of(caller, name) == holders_of(caller, "calm")
        assert list(find_faults()) == []
        return killing.counts

    kept = kept_counts(f"killed_imports_of_holders_{own_database.kind}", SOURCES)
    counts = repeat_until(WANTED_KILLS, "kills", kept, once)
    assert counts["kills"] > 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def holders_of(caller: Caller, registry: str) -> dict[str, Any]:
    """Return what is known of each holder, but the rows' own keys."""
    with acting_for(caller.organisation_id):
        vault = SealedPersons()
        found = Holder.objects.filter(registry__name=registry).select_related("person__key")
        by_person = {holder.person_id: holder.holder_id for holder in found}
        return {
            holder.holder_id: (
                vault.open(holder.person),
                by_person.get(holder.person.represented_by_id),
                PersonToken.objects.filter(person=holder.person).count(),
            )
            for holder in found
        }
