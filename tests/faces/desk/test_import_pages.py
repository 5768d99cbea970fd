"""A list through the pages: sent, mapped, seen, agreed to; hostile files end in a sentence."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tocsin.services.job_runs import run_next
from tocsin.store.home import find_home
from tocsin.store.models import AuditRow, DeviceRecord, ListImport, Registry
from tocsin.store.roles import Role

THEIRS = ("Asset", "Patient", "Maker", "Pump model", "SW", "Shipped")
ROWS = [(f"A{i}", f"P{i}", "Medtronic", "MMT-722", "2.4A", "03/04/2011") for i in range(30)]
OPERATORS = frozenset({Role.OPERATOR})


@pytest.fixture
def team(prepared: Prepare) -> dict[Role, DeskClient]:
    return prepared(team_at_desk)


@pytest.fixture
def operator(team: dict[Role, DeskClient]) -> DeskClient:
    team[Role.OPERATOR].post("/desk/registries/add/", {"name": "clinic"})
    return team[Role.OPERATOR]


def work() -> None:
    """Do all jobs that wait, as a worker does."""
    while run_next(lambda _claim: None) is not None:
        pass


def csv_of(rows: list[tuple[str, ...]], columns: tuple[str, ...] = THEIRS) -> bytes:
    return "\n".join(",".join(row) for row in (columns, *rows)).encode()


def send(client: DeskClient, content: bytes, name: str = "pumps.csv", **told: Any) -> Any:
    registry = Registry.everywhere.get(name="clinic").pk
    file = SimpleUploadedFile(name, content)
    body = {"kind": "records", "list": file, **told}
    return client.post(f"/desk/registries/{registry}/import/", body)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_list_goes_from_the_browser_into_the_registry(operator: DeskClient) -> None:
    rows = [*ROWS, ("A0", "P9", "Medtronic", "MMT-722", "2.4A", "")]
    answer = send(operator, csv_of(rows))
    assert answer.status_code == 302
    here = answer["Location"]
    assert "goes on" in text_of(operator.get(here))
    work()
    assert "say what its columns are" in text_of(operator.get(here))
    columns = text_of(operator.get(f"{here}columns/"))
    assert "Its name means manufacturer" in columns
    assert "03/04/2011" in columns
    chosen = {"c0": "device_id", "c1": "holder_id", "c2": "manufacturer", "c3": "model"}
    chosen |= {"c4": "software_version", "c5": "shipped_on", "o5": "month-day-year"}
    answer = operator.post(f"{here}columns/", chosen)
    assert answer["Location"] == f"{here}check/"
    assert "Month, day, year" in text_of(operator.get(f"{here}check/"))
    operator.post(f"{here}check/", {"country": "FR"})
    work()
    seen = text_of(operator.get(here))
    assert "Shall it be written?" in seen
    assert "occurs more than once" in seen
    assert DeviceRecord.everywhere.count() == 0
    operator.post(f"{here}agree/", {"reason": ""})
    work()
    assert DeviceRecord.everywhere.count() == 29
    record = DeviceRecord.everywhere.get(device_id="A1")
    assert (record.shipped_on, record.country) == ("2011-03-04", "FR")
    shown = text_of(operator.get(f"/desk/registries/{record.registry_id}/"))
    assert "Medtronic MMT-722" in shown
    again = send(operator, csv_of(ROWS))["Location"]
    work()
    known = text_of(operator.get(f"{again}columns/"))
    assert "last list is chosen again" in known
    assert '<option value="device_id" selected>' in known
    file = operator.get(f"{here}lists/rejected.csv")
    assert b"occurs more than once" in b"".join(file.streaming_content)
    events = set(AuditRow.objects.values_list("event", flat=True))
    assert {"import_begun", "import_mapped", "import_agreed", "set_aside_accessed"} <= events


def test_many_columns_are_asked_for_page_by_page(operator: DeskClient) -> None:
    names = tuple(f"col{i}" for i in range(45))
    answer = send(operator, csv_of([tuple(f"v{i}" for i in range(45))] * 3, names))
    work()
    here = f"{answer['Location']}columns/"
    for page, n in ((1, 20), (2, 20), (3, 5)):
        shown = text_of(operator.get(f"{here}?page={page}"))
        assert shown.count("<fieldset") == n
        start = (page - 1) * 20
        told = {f"c{start + i}": "as-it-is" for i in range(n)}
        told |= {"c0": "model"} if page == 1 else {}
        there = operator.post(f"{here}?page={page}", told)["Location"]
        assert there.endswith(f"?page={page + 1}" if page < 3 else "check/")
    assert "col0" in text_of(operator.get(there))


def test_what_a_column_is_that_nobody_can_tell_has_to_be_said(operator: DeskClient) -> None:
    rows = [("A1", "722", "NG1234567H"), ("A2", "722", "by telephone"), ("A3", "722", "to ask")]
    answer = send(operator, csv_of(rows, ("device_id", "model", "Serial no.")))
    work()
    here = answer["Location"]
    assert operator.get(f"{here}check/")["Location"] == f"{here}columns/?page=1"
    shown = text_of(operator.get(f"{here}columns/"))
    assert shown.count("Choose one") == 1
    told = {"c0": "device_id", "c1": "model", "c2": ""}
    answer = operator.post(f"{here}columns/", told)
    assert answer.status_code == 400
    assert "Say what Serial no. is" in text_of(answer)
    for choice in ("as-it-is", "serial"):
        answer = operator.post(f"{here}columns/", told | {"c2": choice})
        assert answer["Location"] == f"{here}check/"
        assert ("Left as they are: Serial no." in text_of(operator.get(answer["Location"]))) == (
            choice == "as-it-is"
        )


def test_two_columns_for_one_of_ours_are_said_and_nothing_is_read(operator: DeskClient) -> None:
    answer = send(operator, csv_of(ROWS))
    work()
    here = answer["Location"]
    told = {f"c{i}": "model" for i in range(6)} | {"o5": "sure-forms-only"}
    operator.post(f"{here}columns/", told)
    for checked in (operator.get(f"{here}check/"), operator.post(f"{here}check/", {})):
        assert checked.status_code == 400
        assert "two columns are mapped to model" in text_of(checked)
    assert ListImport.everywhere.get().state == "mapping"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("pumps.csv", b"", "is empty"),
        ("pumps.exe", b"MZ", "must end in"),
        ("..\\..\\pumps", b"x", "must end in"),
        ("pumps.csv", b"\x00\x01\xff\xfe", ""),
        ("pumps.xlsx", b"PK\x03\x04 no workbook", ""),
        ("pumps.parquet", b"PAR1 no parquet", ""),
        ("pumps.json", b"[" * 100_000, ""),
        ("pumps.ndjson", b'{"resourceType": 7}\n', ""),
        ("=cmd|' /C calc'!A0.csv", b"<script>alert(1)</script>\n1\n", ""),
    ],
)
def test_a_hostile_file_ends_in_a_sentence(
    operator: DeskClient, name: str, content: bytes, said: str
) -> None:
    answer = send(operator, content, name)
    if said:
        assert answer.status_code == 400
        assert said in text_of(answer)
        assert ListImport.everywhere.count() == 0
        return
    work()
    shown = operator.get(answer["Location"])
    assert shown.status_code == 200
    assert "our fault" not in text_of(shown)
    assert "<script>alert" not in text_of(shown)


def test_a_zip_bomb_of_a_workbook_is_refused(operator: DeskClient) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            packed.writestr(part, b"<a>" + b" " * 60_000_000)
    answer = send(operator, buffer.getvalue(), "pumps.xlsx")
    work()
    assert "our fault" not in text_of(operator.get(answer["Location"]))


def test_a_list_larger_than_is_taken_leaves_nothing(operator: DeskClient) -> None:
    own = ListImport.everywhere.count()
    with override_settings(IMPORT_MOST_BYTES=200):
        answer = send(operator, b"device_id,model\n" + b"D1,x\n" * 100)
        assert answer.status_code == 400
        assert "larger than 0 MB" in text_of(answer)
        assert "TocsinError" not in text_of(answer)
        answer = send(operator, b"x" * 3_000_000)
        assert answer.status_code == 400
        assert "larger than 0 MB" in text_of(answer)
    assert ListImport.everywhere.count() == own
    assert not list((find_home().folder / "work" / "0" / "uploads").iterdir())


def test_a_full_disk_is_said(operator: DeskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tocsin.web.desk.list_upload.TemporaryFile", refuse)
    answer = send(operator, csv_of(ROWS))
    assert answer.status_code == 400
    assert "No space left on device" in text_of(answer)


def test_a_form_that_is_refused_takes_no_file(
    operator: DeskClient, team: dict[Role, DeskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Any] = []

    def take(**_options: Any) -> io.BytesIO:
        taken.append(True)
        return io.BytesIO()

    monkeypatch.setattr("tocsin.web.desk.list_upload.TemporaryFile", take)
    here = f"/desk/registries/{Registry.everywhere.get().pk}/import/"
    strict = DeskClient(checks_forms=True)

    def post(who: DeskClient, token: str) -> int:
        strict.cookies = who.cookies
        body = {"csrfmiddlewaretoken": token, "list": SimpleUploadedFile("a.csv", b"a" * 9000)}
        return int(strict.post(here, body, HTTP_ORIGIN="https://localhost").status_code)

    assert post(operator, "x" * 64) == 403
    tokens = {role: text_of(team[role].get("/desk/")) for role in (Role.OPERATOR, Role.AUDITOR)}
    right = {role: text.split('middlewaretoken" value="')[1][:64] for role, text in tokens.items()}
    assert post(team[Role.AUDITOR], right[Role.AUDITOR]) == 403
    assert not taken
    assert post(operator, right[Role.OPERATOR]) == 400  # it does not say what is in the list
    assert taken
    assert ListImport.everywhere.count() == 0


def test_an_import_is_taken_back_with_a_reason(operator: DeskClient) -> None:
    here = send(operator, csv_of(ROWS))["Location"]
    work()
    assert operator.post(f"{here}undo/", {"reason": ""}).status_code == 400
    operator.post(f"{here}undo/", {"reason": "the wrong file"})
    work()
    assert "Nothing of it was imported" in text_of(operator.get(here))


def test_a_registry_that_is_busy_takes_no_second_list(operator: DeskClient) -> None:
    send(operator, csv_of(ROWS))
    answer = send(operator, csv_of(ROWS))
    assert answer.status_code == 409
    assert "has not ended" in text_of(answer)


def test_who_only_looks_sees_the_import_and_cannot_act(
    team: dict[Role, DeskClient], operator: DeskClient
) -> None:
    here = send(operator, csv_of(ROWS))["Location"]
    work()
    shown = text_of(team[Role.AUDITOR].get(here))
    assert "Look at the columns" not in shown
    assert "Take the import back" not in shown
    for role, client in team.items():
        expected = 403 if role not in OPERATORS else 302
        assert client.post(f"{here}undo/", {"reason": "x"}).status_code == expected, role
