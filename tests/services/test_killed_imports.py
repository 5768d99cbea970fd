"""Imports whose workers are killed end exactly as those that nobody disturbed."""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from tests.lib.databases import Opened
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

N_KILLS = 200 if os.environ.get("TOCSIN_LONG") else 6
N_ROWS = 1500


def work_under_kills(own_database: Opened, caller: Caller, begun: ListImport, rng: Random) -> int:
    """Run workers and kill them until the import has ended; return how many were killed."""
    Job.objects.update(attempts=-1000)
    command = [sys.executable, "-m", "tests.services.importing_worker"]
    command += [own_database.url, str(own_database.home.folder), "1.5"]
    n_killed = 0
    while see(caller, begun).ended_at is None:
        worker = subprocess.Popen(command)
        if n_killed < N_KILLS:
            wait_for_a_start(worker, begun)
            time.sleep(rng.uniform(0, 0.4))
            n_killed += worker.poll() is None
            worker.kill()
        worker.wait(timeout=120)
    return n_killed


def wait_for_a_start(worker: "subprocess.Popen[bytes]", begun: ListImport) -> None:
    """Wait until the worker has claimed the job, or has ended."""
    fence = Job.objects.get(pk=begun.job_id).fence
    while worker.poll() is None and Job.objects.get(pk=begun.job_id).fence == fence:
        time.sleep(0.01)


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
    caller, rng = operator_of(), Random(4)
    first = write_list(tmp_path / "a.csv", DEVICE_COLUMNS, device_rows(N_ROWS))
    rows = device_rows(N_ROWS + 300)[200:]
    rows[:700] = [(*row[:-1], "7.9") for row in rows[:700]]
    second = write_list(tmp_path / "b.csv", DEVICE_COLUMNS, rows)
    n_killed = 0
    for name in ("calm", "killed"):
        add_registry(caller, name)
        for path, options in ((first, {}), (second, {"complete": True, "agreed": True})):
            if name == "calm":
                assert import_list(caller, name, path, **options).state == ImportState.COMPLETE
                continue
            begun = begin(caller, name, path, "records", **options)
            n_killed += work_under_kills(own_database, caller, begun, rng)
            done = see(caller, begun)
            assert done.state == ImportState.COMPLETE
            assert done.n_read == done.n_accepted + done.n_rejected
    assert n_killed > N_KILLS
    assert content_of(caller, "killed") == content_of(caller, "calm")
    assert len(current_rows(caller, "killed", "device_id")) == N_ROWS + 100
    assert list(find_faults()) == []


def test_killed_imports_of_holders_end_as_undisturbed_ones(
    own_database: Opened, tmp_path: Path
) -> None:
    caller, rng = operator_of(), Random(5)
    rows = [
        (f"H{i}", f"Name {i}", f"n{i}@example.org", f"H{i + 1}" if i % 3 == 0 else "")
        for i in range(301)
    ]
    path = write_list(tmp_path / "h.csv", ("holder_id", "name", "email", "represented_by"), rows)
    told = {}
    for name in ("calm", "killed"):
        add_registry(caller, name)
        if name == "calm":
            import_list(caller, name, path, "holders")
        else:
            begun = begin(caller, name, path, "holders")
            assert work_under_kills(own_database, caller, begun, rng) > 0
            done = see(caller, begun)
            assert (done.n_read, done.n_accepted, done.n_new) == (301, 301, 301)
        with acting_for(caller.organisation_id):
            vault = SealedPersons()
            found = Holder.objects.filter(registry__name=name).select_related("person__key")
            by_person = {holder.person_id: holder.holder_id for holder in found}
            told[name] = {
                holder.holder_id: (
                    vault.open(holder.person),
                    by_person.get(holder.person.represented_by_id),
                    PersonToken.objects.filter(person=holder.person).count(),
                )
                for holder in found
            }
    assert told["killed"] == told["calm"]
    assert list(find_faults()) == []
