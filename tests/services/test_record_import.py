"""Device records: in = accepted + set aside, what is unchanged stays, nothing is seen half-done."""

from pathlib import Path

import pytest

from tests.services.lists import (
    DEVICE_COLUMNS,
    current_rows,
    device_rows,
    import_list,
    operator_of,
    see,
    write_list,
)
from tocsin.base.errors import UsageError
from tocsin.services.import_files import work_folder
from tocsin.services.job_runs import JobFailed, run_until_done
from tocsin.services.list_imports import (
    RegistryUnknown,
    add_registry,
    agree_to_import,
    undo_import,
)
from tocsin.services.work import Caller
from tocsin.store.models import DeviceRecord, ListImport, Registry, SerialValue
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def operator() -> Caller:
    caller = operator_of()
    add_registry(caller, "clinic")
    return caller


def test_a_list_becomes_the_first_revision(operator: Caller, tmp_path: Path) -> None:
    rows = [*device_rows(5), ("D0", "H9", "Tandem", "t:slim X2", "SN9", "7.8")]
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, rows)
    done = import_list(operator, "clinic", path)
    assert done.state == "complete"
    assert (done.n_read, done.n_accepted, done.n_rejected) == (6, 4, 2)
    assert (done.n_new, done.n_changed, done.n_vanished) == (4, 0, 0)
    assert current_rows(operator, "clinic", "device_id", "serial")[0] == ("D1", "SN00001")
    folder = work_folder(operator.organisation_id or 0, done.options["folder"])
    assert sorted(file.name for file in folder.iterdir()) == ["findings.csv", "rejected.csv"]
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert "occurs more than once" in (folder / "rejected.csv").read_text()
    assert (folder / "findings.csv").read_text().startswith("column,value,records,reason")


def test_unchanged_rows_stay_and_changed_ones_are_closed(operator: Caller, tmp_path: Path) -> None:
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(4))
    import_list(operator, "clinic", path)
    kept = current_rows(operator, "clinic", "row_no")
    rows = device_rows(4)
    rows[2] = (*rows[2][:-1], "7.9")
    write_list(path, DEVICE_COLUMNS, [*rows, *device_rows(6)[5:]])
    done = import_list(operator, "clinic", path)
    assert (done.n_new, done.n_changed, done.n_vanished) == (1, 1, 0)
    now = current_rows(operator, "clinic", "row_no", "device_id", "software_version")
    assert [now[i][0] for i in (0, 1, 3)] == [kept[i][0] for i in (0, 1, 3)]
    assert [row[1:] for row in now[2:]] == [("D2", "7.9"), ("D3", "7.8.1"), ("D5", "7.8.1")]
    with acting_for(operator.organisation_id):
        old = DeviceRecord.objects.get(device_id="D2", software_version="7.8.1")
        assert (old.since_revision, old.until_revision) == (1, 2)
        assert Registry.objects.get().revision == 2
        assert SerialValue.objects.count() == 5


def test_the_same_list_again_changes_no_record(operator: Caller, tmp_path: Path) -> None:
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(4))
    import_list(operator, "clinic", path)
    before = current_rows(operator, "clinic", "row_no", "since_revision", "until_revision")
    done = import_list(operator, "clinic", path, complete=True)
    assert (done.state, done.n_new, done.n_changed) == ("complete", 0, 0)
    assert current_rows(operator, "clinic", "row_no", "since_revision", "until_revision") == before


def test_who_is_not_in_an_update_stays(operator: Caller, tmp_path: Path) -> None:
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(4))
    import_list(operator, "clinic", path)
    done = import_list(operator, "clinic", write_list(path, DEVICE_COLUMNS, device_rows(3)))
    assert (done.state, done.n_vanished) == ("complete", 1)
    assert len(current_rows(operator, "clinic", "device_id")) == 4


def test_a_complete_list_waits_for_a_word_before_it_closes(
    operator: Caller, tmp_path: Path
) -> None:
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(10))
    import_list(operator, "clinic", path)
    shorter = write_list(path, DEVICE_COLUMNS, device_rows(8))
    waiting = import_list(operator, "clinic", shorter, complete=True)
    assert waiting.state == "waiting"
    assert waiting.asks.startswith("2 of 10 records of the registry are not in the file")
    assert len(current_rows(operator, "clinic", "device_id")) == 10
    agree_to_import(operator, waiting.pk)
    run_until_done(see(operator, waiting).job_id or 0, lambda *_: None)
    assert see(operator, waiting).state == "complete"
    assert len(current_rows(operator, "clinic", "device_id")) == 8


def test_a_list_that_lost_most_records_needs_a_reason(operator: Caller, tmp_path: Path) -> None:
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(10))
    import_list(operator, "clinic", path)
    shorter = write_list(path, DEVICE_COLUMNS, device_rows(4))
    waiting = import_list(operator, "clinic", shorter, complete=True)
    with pytest.raises(UsageError, match=r"6 of 10 records.*Say why"):
        agree_to_import(operator, waiting.pk)
    agree_to_import(operator, waiting.pk, "the clinic closed a ward")
    run_until_done(see(operator, waiting).job_id or 0, lambda *_: None)
    assert len(current_rows(operator, "clinic", "device_id")) == 4


def test_an_import_that_waits_can_be_undone(operator: Caller, tmp_path: Path) -> None:
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(10))
    import_list(operator, "clinic", path)
    shorter = write_list(path, DEVICE_COLUMNS, device_rows(8))
    waiting = import_list(operator, "clinic", shorter, complete=True)
    job_id = undo_import(operator, waiting.pk, "wrong file")
    run_until_done(job_id, lambda *_: None)
    assert see(operator, waiting).state == "undone"
    assert import_list(operator, "clinic", path).state == "complete"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"device_id,model\n", "header but no rows"),
        (b"device_id\nD1\n", "no column that names a product"),
        (b"pump,model\nD1,X\n", "no column device_id"),
        (b"device_id,model\nD1,caf\xe9\n", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(
    operator: Caller, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "pumps.csv"
    path.write_bytes(content)
    with pytest.raises(JobFailed, match=sentence):
        import_list(operator, "clinic", path)
    with acting_for(operator.organisation_id):
        ended = ListImport.objects.get()
    assert (ended.state, ended.n_read) == ("undone", 0)
    assert current_rows(operator, "clinic", "device_id") == []


def test_a_registry_that_is_not_there_is_told(operator: Caller, tmp_path: Path) -> None:
    path = write_list(tmp_path / "pumps.csv", DEVICE_COLUMNS, device_rows(1))
    with pytest.raises(RegistryUnknown, match="there is 'clinic'"):
        import_list(operator, "hospital", path)
