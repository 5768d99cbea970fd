"""Holders: each a person of their own, sealed; guardians linked; nothing private in the trail."""

import json
from pathlib import Path

import pytest

from tests.services.lists import import_list, operator_of, write_list
from tocsin.services.import_files import work_folder
from tocsin.services.list_imports import add_registry
from tocsin.services.work import Caller
from tocsin.store.audit.trail import read_rows
from tocsin.store.models import Holder, Job, ListImport, Person, PersonKey, PersonToken
from tocsin.store.sealed_persons import SealedPersons
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")
COLUMNS = ("holder_id", "kind", "name", "email", "country", "represented_by", "minor")
ROWS = [
    ("H1", "person", "Ada Child", "", "FR", "H2", "true"),
    ("H2", "person", "Bea Parent", "bea@example.org", "FR", "", ""),
    ("H3", "clinic", "Clinic Nord", "desk@example.org", "XX", "", "maybe"),
]


@pytest.fixture
def operator() -> Caller:
    caller = operator_of()
    add_registry(caller, "clinic")
    return caller


def persons(caller: Caller) -> dict[str, tuple[Person, dict[str, str]]]:
    with acting_for(caller.organisation_id):
        vault = SealedPersons()
        return {
            holder.holder_id: (holder.person, vault.open(holder.person))
            for holder in Holder.objects.select_related("person", "person__key")
        }


def listed_in(caller: Caller, done: ListImport, name: str) -> str:
    return (work_folder(caller.organisation_id or 0, done.options["folder"]) / name).read_text()


def test_holders_become_sealed_persons(operator: Caller, tmp_path: Path) -> None:
    path = write_list(tmp_path / "holders.csv", COLUMNS, ROWS)
    done = import_list(operator, "clinic", path, "holders")
    assert (done.state, done.n_read, done.n_accepted, done.n_new) == ("complete", 3, 3, 3)
    job = Job.objects.get(pk=done.job_id)
    assert (job.n_done, job.n_total) == (3, 3)
    found = persons(operator)
    child, private = found["H1"]
    assert private == {"name": "Ada Child"}
    assert (child.is_minor, child.country) == (True, "FR")
    assert child.represented_by_id == found["H2"][0].pk
    assert found["H3"][0].country == ""
    assert b"Ada" not in bytes(child.sealed or b"")
    assert "XX,not a country code" in listed_in(operator, done, "findings.csv")
    assert "neither true nor false" in listed_in(operator, done, "findings.csv")
    assert not any(b"Ada" in row.body or b"bea@" in row.body for row in read_rows())


def test_for_whom_somebody_else_is_written_to_is_told_by_ids(
    operator: Caller, tmp_path: Path
) -> None:
    import_list(operator, "clinic", write_list(tmp_path / "a.csv", COLUMNS, ROWS), "holders")
    found = {name: str(person.pk) for name, (person, _) in persons(operator).items()}
    told = [json.loads(row.body)["new"] for row in read_rows()]
    (linked,) = [new["representatives"] for new in told if "representatives" in new]
    assert linked == {found["H1"]: found["H2"]}


def test_rows_that_could_do_harm_are_set_aside_with_their_line(
    operator: Caller, tmp_path: Path
) -> None:
    path = tmp_path / "holders.csv"
    rows = 'H1,Ada\n,Nobody\nH2,"Eve\rBcc: all"\nH3,=cmd()\n' + "H4," + "Zoe " * 800 + "\n"
    path.write_text("holder_id,name\n" + rows, "utf-8", newline="")
    done = import_list(operator, "clinic", path, "holders")
    assert (done.n_read, done.n_accepted, done.n_rejected) == (5, 2, 3)
    rejected = listed_in(operator, done, "rejected.csv")
    assert [line.split(",")[:2] for line in rejected.splitlines() if line[:1].isdigit()] == [
        ["3", "holder_id"],
        ["4", "name"],
        ["6", "name"],
    ]
    assert persons(operator)["H3"][1] == {"name": "=cmd()"}


def test_a_list_changes_who_it_speaks_of_and_nothing_else(operator: Caller, tmp_path: Path) -> None:
    import_list(operator, "clinic", write_list(tmp_path / "a.csv", COLUMNS, ROWS), "holders")
    before = persons(operator)
    again = write_list(
        tmp_path / "b.csv", ("holder_id", "name"), [("H1", "Ada Kind"), ("H2", "Bea Parent")]
    )
    done = import_list(operator, "clinic", again, "holders")
    assert (done.n_new, done.n_changed) == (0, 1)
    now = persons(operator)
    assert now["H1"][1] == {"name": "Ada Kind"}
    assert now["H1"][0].pk == before["H1"][0].pk
    assert now["H1"][0].is_minor
    assert now["H1"][0].represented_by_id == now["H2"][0].pk
    assert now["H2"][1] == before["H2"][1]
    told = [row.body for row in read_rows() if str(now["H1"][0].pk).encode() in row.body]
    events = [json.loads(body)["event"] for body in told]
    assert events == ["representatives_kept", "holders_kept"]
    assert not any(b"Kind" in body for body in told)


def test_nobody_is_their_own_guardian_and_an_unknown_one_is_told(
    operator: Caller, tmp_path: Path
) -> None:
    rows = [("H1", "H1"), ("H2", "H9")]
    path = write_list(tmp_path / "a.csv", ("holder_id", "represented_by"), rows)
    done = import_list(operator, "clinic", path, "holders")
    assert all(person.represented_by_id is None for person, _ in persons(operator).values())
    assert "nobody represents themselves" in listed_in(operator, done, "findings.csv")
    assert "H2,the carer or guardian is not in the list" in listed_in(
        operator, done, "unrepresented.csv"
    )


def test_every_person_has_a_key_and_tokens_of_their_own(operator: Caller, tmp_path: Path) -> None:
    import_list(operator, "clinic", write_list(tmp_path / "a.csv", COLUMNS, ROWS), "holders")
    with acting_for(operator.organisation_id):
        assert PersonKey.objects.count() == 3
        assert PersonToken.objects.count() == 5
        for told in ("parent", "example"):  # a hash in hexadecimal may well hold "bea"
            assert not PersonToken.objects.filter(token__icontains=told).exists()
