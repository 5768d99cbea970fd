"""A list of somebody else's: looked at, its columns confirmed, its rows seen, then imported."""

from pathlib import Path

import pytest

from tests.services.lists import current_rows, import_list, operator_of, see, write_list
from tocsin.base.errors import MappingUnfit, RegistryUnreadable
from tocsin.services.import_files import ListTooLarge, keep_stream, work_folder
from tocsin.services.import_views import NotSetAside, access_set_aside, read_import
from tocsin.services.job_runs import JobFailed, run_until_done
from tocsin.services.list_imports import (
    ImportNotWaiting,
    add_registry,
    agree_to_import,
    map_import,
    resume_import,
    undo_import,
)
from tocsin.services.list_inspection import (
    ColumnChoice,
    InspectedList,
    mapping_of_choices,
    proposed_choices,
)
from tocsin.services.work import Caller
from tocsin.store.models import ListImport, Person
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")
THEIRS = ("Asset", "Patient", "Maker", "Pump model", "SW", "Shipped", "Remark")
DAYS = ("03/04/2011", "02/02/2011")
ROWS = [
    (f"A{i}", f"P{i}", "Medtronic", "MMT-722", "2.4A", DAYS[i % 2], "x") for i in range(40)
]  # fmt: skip


@pytest.fixture
def operator() -> Caller:
    caller = operator_of()
    add_registry(caller, "clinic")
    return caller


def begin(caller: Caller, path: Path, kind: str = "records", **options: object) -> ListImport:
    return import_list(caller, "clinic", path, kind, **{"map": True, "ask": True, **options})


def inspected(caller: Caller, begun: ListImport) -> InspectedList:
    found = read_import(caller, begun.pk).inspected
    assert found is not None
    return found


def confirm(caller: Caller, begun: ListImport, **changed: ColumnChoice) -> ListImport:
    """Confirm what is proposed, but what somebody says otherwise."""
    listed = inspected(caller, begun)
    choices = proposed_choices(listed)
    for place, choice in changed.items():
        choices[listed.columns[int(place.removeprefix("c"))].name] = choice
    mapping, _ = mapping_of_choices(listed, choices, {})
    run_until_done(map_import(caller, begun.pk, mapping.model_dump(mode="json")), lambda *_: None)
    return see(caller, begun)


def test_a_list_is_looked_at_confirmed_seen_and_then_imported(
    operator: Caller, tmp_path: Path
) -> None:
    rows = [*ROWS, ("A0", "P9", "Medtronic", "MMT-722", "2.4A", "", "")]
    begun = begin(operator, write_list(tmp_path / "pumps.csv", THEIRS, rows))
    assert begun.state == "mapping"
    columns = {one.name: one for one in inspected(operator, begun).columns}
    assert columns["SW"].target == "software_version"
    assert columns["Asset"].samples[0] == "A0"
    assert columns["Shipped"].open_point.startswith("no value proves")
    waiting = confirm(
        operator,
        begun,
        c0=ColumnChoice("device_id"),
        c1=ColumnChoice("holder_id"),
        c5=ColumnChoice("shipped_on", "month-day-year"),
    )
    assert (waiting.state, waiting.n_accepted, waiting.n_rejected) == ("waiting", 39, 2)
    assert current_rows(operator, "clinic", "device_id") == []
    seen = read_import(operator, begun.pk)
    assert "occurs more than once" in seen.rejected[0]["reason"]
    agree_to_import(operator, begun.pk)
    run_until_done(see(operator, begun).job_id or 0, lambda *_: None)
    assert see(operator, begun).state == "complete"
    first = current_rows(operator, "clinic", "device_id", "holder_id", "model", "shipped_on")[0]
    assert first == ("A1", "P1", "MMT-722", "2011-02-02")
    assert read_import(operator, begun.pk).inspected is None


def test_columns_can_be_changed_after_the_rows_were_seen(operator: Caller, tmp_path: Path) -> None:
    begun = begin(operator, write_list(tmp_path / "pumps.csv", THEIRS, ROWS))
    confirm(operator, begun, c0=ColumnChoice("device_id"), c2=ColumnChoice(""))
    waiting = confirm(operator, begun, c0=ColumnChoice("device_id"))
    assert waiting.state == "waiting"
    agree_to_import(operator, begun.pk)
    run_until_done(see(operator, begun).job_id or 0, lambda *_: None)
    assert current_rows(operator, "clinic", "manufacturer")[0] == ("Medtronic",)


def test_two_columns_for_one_of_ours_are_refused(operator: Caller, tmp_path: Path) -> None:
    begun = begin(operator, write_list(tmp_path / "pumps.csv", THEIRS, ROWS))
    with pytest.raises(MappingUnfit, match="two columns are mapped to lot"):
        confirm(operator, begun, c0=ColumnChoice("lot"), c1=ColumnChoice("lot"))
    with pytest.raises(MappingUnfit, match="is no column of"):
        map_import(operator, begun.pk, {"columns": {"SW": "colour"}})
    assert see(operator, begun).state == "mapping"


def test_what_waits_for_its_columns_can_be_undone_and_not_resumed(
    operator: Caller, tmp_path: Path
) -> None:
    path = write_list(tmp_path / "pumps.csv", THEIRS, ROWS)
    begun = begin(operator, path)
    with pytest.raises(ImportNotWaiting):
        resume_import(operator, begun.pk)
    with pytest.raises(ImportNotWaiting):
        agree_to_import(operator, begun.pk)
    run_until_done(undo_import(operator, begun.pk, "wrong file"), lambda *_: None)
    assert see(operator, begun).state == "undone"
    folder = work_folder(operator.organisation_id or 0, begun.options["folder"])
    assert list(folder.iterdir()) == []
    with pytest.raises(ImportNotWaiting):
        map_import(operator, begun.pk, {})


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\x00\xff\x00", b"PK\x03\x04rubbish"])
def test_what_is_no_list_is_refused_with_a_sentence(
    operator: Caller, tmp_path: Path, content: bytes
) -> None:
    for suffix in (".csv", ".xlsx", ".parquet", ".json", ".ndjson"):
        path = tmp_path / f"pumps{suffix}"
        path.write_bytes(content)
        with pytest.raises(JobFailed) as refused:
            begin(operator, path)
        assert "our fault" not in str(refused.value)


def test_holders_wait_before_anybody_is_kept(operator: Caller, tmp_path: Path) -> None:
    rows = [("H1", "Asa Lind", "asa@example.org"), ("", "Nobody", "n@example.org")]
    path = write_list(tmp_path / "people.csv", ("holder_id", "name", "email"), rows)
    waiting = begin(operator, path, "holders")
    assert (waiting.state, waiting.n_accepted, waiting.n_rejected) == ("waiting", 1, 1)
    (row,) = read_import(operator, waiting.pk).rejected
    assert row["value"] == ""
    with acting_for(operator.organisation_id):
        assert Person.objects.count() == 0
    assert access_set_aside(operator, waiting.pk, "rejected.csv").is_file()
    with pytest.raises(NotSetAside):
        access_set_aside(operator, waiting.pk, "../../../anchor.key")
    agree_to_import(operator, waiting.pk)
    run_until_done(see(operator, waiting).job_id or 0, lambda *_: None)
    assert see(operator, waiting).state == "complete"
    with acting_for(operator.organisation_id):
        assert Person.objects.count() == 1


def test_a_list_is_kept_block_by_block_or_not_at_all(operator: Caller) -> None:
    own = operator.organisation_id or 0
    kept = keep_stream(iter([b"device_id,", b"model\n"]), "C:\\lists\\pumps.csv", own, 100)
    assert kept.name == "pumps.csv"
    place = work_folder(own, kept.folder)
    assert (place / "source" / "pumps.csv").read_bytes() == b"device_id,model\n"
    before = sorted(place.parent.iterdir())
    with pytest.raises(ListTooLarge, match="larger than 0 MB"):
        keep_stream(iter([b"x" * 60] * 2), "pumps.csv", own, 100)
    with pytest.raises(RegistryUnreadable, match="empty"):
        keep_stream(iter([]), "pumps.csv", own, 100)
    for name in ("../../x.csv\0.exe", "pumps.exe", "", ".csv/", "a" * 300):
        with pytest.raises(RegistryUnreadable, match="must end in"):
            keep_stream(iter([b"x"]), name, own, 100)
    assert sorted(place.parent.iterdir()) == before
