"""A database whose disk is full in the middle of an import: nothing is lost, and it goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib.databases import Opened
from tests.lib.small_disks import Disk, NoSmallDisk, disk_of_postgres, disk_of_sqlite
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
from tocsin.compute import staged_import, stored_keying
from tocsin.services import holder_import
from tocsin.services.import_files import keep_source
from tocsin.services.import_runs import DatabaseAway, finish_import
from tocsin.services.list_imports import add_registry, begin_import, resume_import
from tocsin.store.audit.trail import find_faults
from tocsin.store.models import DeviceRecord, ImportState, Job, JobState
from tocsin.store.tenancy import acting_for

N_ROWS = 3000
"""More than what the pages that the database has already would hold."""


@pytest.fixture
def disk(own_database: Opened, request: pytest.FixtureRequest) -> Iterator[Disk]:
    if own_database.kind == "sqlite":
        with disk_of_sqlite() as lent:
            yield lent
        return
    try:
        with disk_of_postgres(request.getfixturevalue("postgres"), own_database) as lent:
            yield lent
    except NoSmallDisk as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (staged_import, "_ROWS_PER_FILE"),
        (stored_keying, "BATCH_ROWS"),
        (holder_import, "AT_ONCE"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))  # put back after the test
    take_small_steps()


def test_a_disk_that_is_full_in_the_middle_loses_nothing(disk: Disk, tmp_path: Path) -> None:
    caller = operator_of()
    path = tmp_path / "pumps.csv"
    add_registry(caller, "clinic")
    import_list(caller, "clinic", write_list(path, DEVICE_COLUMNS, device_rows(40)))
    rows = [(*row[:-1], "7.9") if i < 10 else row for i, row in enumerate(device_rows(N_ROWS))]
    kept = keep_source(write_list(path, DEVICE_COLUMNS, rows), caller.organisation_id or 0)
    begun = begin_import(caller, "clinic", "records", kept, {})
    done_at_filling = []

    def fill_after_some(n_done: int, _n_total: int | None) -> None:
        if n_done > 100 and not done_at_filling:
            disk.fill()
            done_at_filling.append(n_done)

    with pytest.raises(DatabaseAway) as told:
        finish_import(caller, begun.pk, fill_after_some)
    assert "full" in str(told.value) or "No space left on device" in str(told.value)
    assert f"`tocsin registry resume {begun.pk}`" in str(told.value)
    stopped = see(caller, begun)
    assert stopped.state == ImportState.WRITING
    assert stopped.job is not None
    assert done_at_filling[0] <= stopped.job.n_done < N_ROWS
    assert len(current_rows(caller, "clinic", "device_id")) == 40

    with pytest.raises(DatabaseAway):  # no room yet
        finish_import(caller, begun.pk, fill_after_some)
    assert see(caller, begun).state == ImportState.WRITING

    disk.free()
    Job.objects.filter(pk=begun.job_id).exclude(state=JobState.QUEUED).update(
        lease_until="2020-01-01T00:00:00Z"
    )
    resume_import(caller, begun.pk)
    finish_import(caller, begun.pk, lambda *_: None)
    done = see(caller, begun)
    assert (done.state, done.n_read, done.n_new, done.n_changed) == (
        ImportState.COMPLETE, N_ROWS, N_ROWS - 40, 10,
    )  # fmt: skip
    versions = [version for (version,) in current_rows(caller, "clinic", "software_version")]
    assert (versions.count("7.9"), versions.count("7.8.1")) == (10, N_ROWS - 10)
    with acting_for(caller.organisation_id):
        assert DeviceRecord.objects.count() == N_ROWS + 10
    assert list(find_faults()) == []
