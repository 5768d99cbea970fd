"""`tocsin registry import` and `tocsin person`, at a terminal, as a user with a role."""

import re
from pathlib import Path

import pytest

from tests.lib.terminal import Done, type_in

pytestmark = pytest.mark.usefixtures("database", "olga")
OLGA, PASSWORD = "olga@example.org", "a long walk by the canal"
COLUMNS = "Nr,Typ,SN,Hersteller\n"
MAPPING = """mapping: '1'
columns: {Nr: device_id, Typ: model, SN: serial, Hersteller: manufacturer}
"""


@pytest.fixture
def olga(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Add Olga, an operator and privacy officer of Acme."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TOCSIN_ORGANISATION", "acme")
    for arguments, typed in (
        (["organisation", "add", "acme", "Acme Pumps"], []),
        (["user", "add", OLGA, "Olga Operator"], []),
        (["user", "password", OLGA], [PASSWORD, PASSWORD]),
        (["role", "give", OLGA, "operator"], []),
        (["role", "give", OLGA, "privacy_officer"], []),
    ):
        assert type_in(arguments, *typed).code == 0
    monkeypatch.setenv("TOCSIN_USER", OLGA)
    assert run("registry", "add", "clinic").code == 0


def run(*arguments: str) -> Done:
    return type_in(list(arguments), PASSWORD)


def write(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def test_a_mapped_list_is_imported_and_its_rows_are_counted(tmp_path: Path) -> None:
    rows = [f"D{i},t:slim X2,SN{i},Tandem\n" for i in range(10)]
    listed = write(tmp_path / "p.csv", COLUMNS + "".join(rows) + ",t:slim X2,SN,Tandem\n")
    mapping = write(tmp_path / "m.yaml", MAPPING)
    options = ("--into", "clinic", "--mapping", mapping, "--wait")
    done = run("registry", "import", listed, *options)
    assert done.code == 4, done
    assert "11 rows were read, 10 accepted and 1 set aside. 10 records are new" in done.out
    rejected = Path(re.findall(r"See (.*rejected.csv)", done.out)[0])
    assert "12,device_id,,the device_id is empty" in rejected.read_text()
    assert run("registry", "list").out == "clinic: revision 1\n"
    shorter = write(tmp_path / "p.csv", COLUMNS + "".join(rows[:3]))
    waiting = run("registry", "import", shorter, *options, "--complete")
    assert waiting.code == 3
    assert "7 of 10 records of the registry are not in the file" in waiting.out
    number = re.findall(r"agree (\d+)", waiting.out)[0]
    assert "Say why with --reason" in run("registry", "agree", number).err
    assert run("registry", "agree", number, "--reason", "a ward closed").code == 0
    assert "waiting" not in run("registry", "imports").out


def test_an_import_that_is_queued_is_listed_resumed_or_undone(tmp_path: Path) -> None:
    listed = write(tmp_path / "p.csv", "device_id,model\nD1,t:slim X2\n")
    queued = run("registry", "import", listed, "--into", "clinic", "--queue")
    number = re.findall(r"resume (\d+)", queued.out)[0]
    assert f"{number}: p.csv into 'clinic': reading (0)" in run("registry", "imports").out
    assert run("registry", "undo", number, "--reason", "wrong").out == "Undone.\n"
    assert run("registry", "import", listed, "--into", "clinic", "--wait").code == 0


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("device_id,model\nD1,X\n", ("--into", "klinik"), "there is 'clinic'"),
        ("device_id\nD1\n", ("--into", "clinic"), "no column that names a product"),
        ("device_id,model\nD1,X\n", ("--into", "clinic", "--yes"), "--yes goes with --complete"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, text: str, options: tuple[str, ...], sentence: str
) -> None:
    done = run("registry", "import", write(tmp_path / "p.csv", text), *options, "--wait")
    assert done.code in {2, 3}
    assert sentence in done.err
    assert not list(tmp_path.rglob("source"))


def test_persons_are_linked_shown_and_erased(tmp_path: Path) -> None:
    assert run("registry", "add", "pharmacy").code == 0
    for name in ("clinic", "pharmacy"):
        text = f"holder_id,name,email\n{name}-1,Åsa Lind,asa@example.org\n"
        listed = write(tmp_path / "h.csv", text)
        done = run("registry", "import-holders", listed, "--into", name, "--wait")
        assert "1 holders are new, 0 changed.\n" in done.out
    told = run("person", "links", "--propose").out
    link, one, other = re.findall(r"(\d+): proposed: (\S+) and (\S+)", told)[0]
    shown = run("person", "show", one, "--purpose", "is it one person")
    assert "name: Åsa Lind\nemail: asa@example.org\n" in shown.out
    assert run("person", "confirm-link", link, "--reason", "same address").code == 0
    assert run("person", "undo-link", link, "--reason", "two sisters").code == 0
    assert "undone" in run("person", "links").out
    assert run("person", "erase", other, "--reason", "asked").code == 0
    gone = run("person", "show", other, "--purpose", "look")
    assert (gone.code, gone.out) == (3, "")
    assert "were erased on" in gone.err
