"""Imports whose workers are killed end exactly as those that nobody disturbed."""

import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from tests.lib.databases import Opened
from tests.lib.kept_counts import IS_LONG, kept_counts, repeat_until
from tests.lib.killed_jobs import Killing
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
from tocsin.store.models import DeviceRecord, Holder, ImportState, ListImport, PersonToken
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


def killing_of(opened: Opened, folder: Path, turn: int, took_s: float) -> Killing:
    return Killing(opened, folder / "log", take_small_steps, Random(turn), N_KILLS, took_s)


def worked(killing: Killing, caller: Caller, begun: ListImport) -> ListImport:
    """Let the workers of an import be killed until it has ended; return it."""
    assert begun.job is not None
    killing.work(begun.job.pk)
    return see(caller, begun)


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
        killing = killing_of(own_database, tmp_path, turn, took_s)
        add_registry(caller, name)
        for path, options in lists:
            done = worked(killing, caller, begin(caller, name, path, "records", **options))
            assert done.state == ImportState.COMPLETE
            assert done.n_read == done.n_accepted + done.n_rejected
        assert content_of(caller, name) == content_of(caller, "calm")
        assert len(current_rows(caller, name, "device_id")) == N_ROWS + 100
        assert list(find_faults()) == []
        return killing.counts

    kept = kept_counts(f"killed_imports_of_records_{own_database.kind}", SOURCES)
    counts = repeat_until(WANTED_KILLS, "kills", kept, once)
    assert counts["kills after something was done"] > 0
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
        killing = killing_of(own_database, tmp_path, turn, took_s)
        add_registry(caller, name)
        done = worked(killing, caller, begin(caller, name, path, "holders"))
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
