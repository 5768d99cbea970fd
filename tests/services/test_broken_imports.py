"""When something breaks in the middle: a sentence, nothing lost, and the import goes on."""

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

import tocsin.services.record_import
from tests.services.lists import (
    DEVICE_COLUMNS,
    current_rows,
    device_rows,
    import_list,
    operator_of,
    see,
    write_list,
)
from tocsin.match.engines.stored_layout import DICTIONARIES, RECORD_COLUMNS
from tocsin.services.import_files import NoSpace, keep_source, work_folder
from tocsin.services.import_runs import DatabaseAway, finish_import, run_until_done
from tocsin.services.list_imports import (
    ImportNotWaiting,
    add_registry,
    begin_import,
    resume_import,
    undo_import,
)
from tocsin.services.rights import NotAllowed
from tocsin.services.work import Caller
from tocsin.store.jobs import claim_job
from tocsin.store.models import DeviceRecord, Job, JobState, ListImport, RegistryRevision
from tocsin.store.revisions import RegistryBusy, start_revision
from tocsin.store.roles import Role
from tocsin.store.stored_registry import TABLE_OF_DICTIONARY
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def operator() -> Caller:
    caller = operator_of()
    add_registry(caller, "clinic")
    return caller


@pytest.fixture
def begun(operator: Caller, tmp_path: Path) -> ListImport:
    """Begin an import after a first one, without doing it."""
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(40))
    import_list(operator, "clinic", path)
    rows = [(*row[:-1], "7.9") if i < 10 else row for i, row in enumerate(device_rows(50))]
    kept = keep_source(write_list(path, DEVICE_COLUMNS, rows), operator.organisation_id or 0)
    return begin_import(operator, "clinic", "records", kept, {})


class BreaksLate:
    """Fails at the first file of new records, after changed ones were closed and texts added."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.real = tocsin.services.record_import.read_staged_rows

    def __call__(self, folder: Path, file: Any) -> Any:
        if file.holds == "records":
            raise self.error
        return self.real(folder, file)


def break_import(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, begun: ListImport, error: Exception
) -> Exception:
    """Return what is told when an import breaks before its last step."""
    with monkeypatch.context() as patched:
        name = "tocsin.services.record_import.read_staged_rows"
        patched.setattr(name, BreaksLate(error))
        with pytest.raises((DatabaseAway, NoSpace)) as told:
            finish_import(operator, begun.pk, lambda *_: None)
    return told.value


def check_whole(operator: Caller, begun: ListImport) -> None:
    """Check that the import has ended as if nothing had happened."""
    done = see(operator, begun)
    assert (done.state, done.n_new, done.n_changed) == ("complete", 10, 10)
    rows = current_rows(operator, "clinic", "software_version")
    assert sorted(rows) == [("7.8.1",)] * 40 + [("7.9",)] * 10
    with acting_for(operator.organisation_id):
        assert DeviceRecord.objects.count() == 60


def test_a_full_disk_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, begun: ListImport
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    told = str(break_import(monkeypatch, operator, begun, full))
    assert "No space left on device" in told
    assert "tocsin registry resume" in told
    assert len(current_rows(operator, "clinic", "device_id")) == 40
    finish_import(operator, begun.pk, lambda *_: None)
    check_whole(operator, begun)


def test_a_database_that_goes_away_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, begun: ListImport
) -> None:
    gone = OperationalError("server closed the connection unexpectedly")
    told = str(break_import(monkeypatch, operator, begun, gone))
    assert "server closed the connection" in told
    Job.objects.filter(pk=begun.job_id).update(lease_until="2020-01-01T00:00:00Z")
    finish_import(operator, begun.pk, lambda *_: None)
    check_whole(operator, begun)


def test_staged_files_that_are_gone_are_made_anew(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, begun: ListImport
) -> None:
    break_import(monkeypatch, operator, begun, OSError(errno.EIO, "Input/output error"))
    folder = work_folder(begun.organisation_id, begun.options["folder"])
    shutil.rmtree(folder / "staged")
    finish_import(operator, begun.pk, lambda *_: None)
    check_whole(operator, begun)


def test_a_half_written_import_is_undone_without_trace(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, begun: ListImport
) -> None:
    break_import(monkeypatch, operator, begun, OSError(errno.EIO, "Input/output error"))
    with acting_for(operator.organisation_id):
        assert DeviceRecord.objects.filter(until_revision=2).count() == 10
    undo_import(operator, begun.pk, "wrong file")
    run_until_done(see(operator, begun).job_id or 0, lambda *_: None)
    assert see(operator, begun).state == "undone"
    with acting_for(operator.organisation_id):
        assert list(DeviceRecord.objects.values_list("until_revision").distinct()) == [(None,)]
        assert RegistryRevision.objects.count() == 1
    with pytest.raises(ImportNotWaiting):
        undo_import(operator, begun.pk, "again")


def test_a_job_that_was_given_up_is_resumed(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, begun: ListImport
) -> None:
    break_import(monkeypatch, operator, begun, OSError(errno.EIO, "Input/output error"))
    Job.objects.filter(pk=begun.job_id).update(state=JobState.FAILED, problem="given up")
    resume_import(operator, begun.pk)
    finish_import(operator, begun.pk, lambda *_: None)
    check_whole(operator, begun)


def test_a_registry_takes_one_change_at_a_time(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, begun: ListImport, tmp_path: Path
) -> None:
    path = write_list(tmp_path / "other.csv", DEVICE_COLUMNS, device_rows(1))
    with pytest.raises(RegistryBusy, match="has not ended"):
        import_list(operator, "clinic", path)
    break_import(monkeypatch, operator, begun, OSError(errno.EIO, "Input/output error"))
    with acting_for(operator.organisation_id), pytest.raises(RegistryBusy):
        start_revision(begun.registry_id, "answer", operator.now)


def test_who_may_not_import_leaves_nothing(operator: Caller, tmp_path: Path) -> None:
    auditor = Caller("user:9", operator.organisation_id, frozenset({Role.AUDITOR}), operator.now)
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(1))
    with pytest.raises(NotAllowed):
        import_list(auditor, "clinic", path)
    assert claim_job("nobody", ["import_records"]) is None


def test_a_copy_that_finds_no_room_is_removed(
    monkeypatch: pytest.MonkeyPatch, operator: Caller, tmp_path: Path
) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(1))
    before = set(work_folder(operator.organisation_id or 0, "x").parent.iterdir())
    monkeypatch.setattr("tocsin.services.import_files._copy", full)
    with pytest.raises(NoSpace, match="the copy was removed"):
        keep_source(path, operator.organisation_id or 0)
    assert set(work_folder(operator.organisation_id or 0, "x").parent.iterdir()) == before


def test_the_tables_are_those_of_the_layout() -> None:
    def columns(table: type[Any]) -> set[str]:
        return {field.column for field in table._meta.concrete_fields}

    assert columns(DeviceRecord) == {*RECORD_COLUMNS, "organisation_id", "content"}
    for name, dictionary in DICTIONARIES.items():
        assert columns(TABLE_OF_DICTIONARY[name]) == {*dictionary.columns, "organisation_id"}
