"""The same person in two lists: proposed conservatively, decided by somebody, undone exactly."""

from pathlib import Path

import pytest

from tests.services.lists import as_role, import_list, operator_of, write_list
from tocsin.services.list_imports import add_registry
from tocsin.services.person_links import (
    LinkNotOpen,
    LinkUnknown,
    confirm_link,
    list_links,
    propose_links,
    reject_link,
    undo_link,
)
from tocsin.services.rights import NotAllowed
from tocsin.services.work import Caller
from tocsin.store.models import Holder, Person
from tocsin.store.roles import Role
from tocsin.store.run_rows import linked_groups
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")
COLUMNS = (
    "holder_id", "name", "email", "phone", "address_lines", "represented_by", "minor",
)  # fmt: skip
CLINIC = [
    ("C1", "Åsa Lind", "asa@example.org", "", "", "", ""),
    ("C2", "Tom Berg", "", "+46 8 123 45 67", "", "", ""),
    ("C3", "Eva Dahl", "", "", "Storgatan 1|11122 Stockholm", "", ""),
    ("C4", "Bo Ek", "", "", "", "", ""),
    ("C5", "Kid Ek", "bo@example.org", "", "", "C4", "true"),
]
PHARMACY = [
    ("P1", "Lind Asa", "ASA@example.org ", "", "", "", ""),
    ("P2", "T. Berg", "", "0046 8-1234567", "", "", ""),
    ("P3", "Dahl, Eva", "", "", "storgatan 1 | 111 22 Stockholm", "", ""),
    ("P4", "Bo Ek", "", "", "", "", ""),
    ("P5", "Bo Ekman", "bo@example.org", "", "", "", ""),
]


@pytest.fixture
def operator(tmp_path: Path) -> Caller:
    caller = operator_of()
    for name, rows in (("clinic", CLINIC), ("pharmacy", PHARMACY)):
        add_registry(caller, name)
        quoted = [tuple(f'"{value}"' for value in row) for row in rows]
        path = write_list(tmp_path / f"{name}.csv", COLUMNS, quoted)
        import_list(caller, name, path, "holders")
        serial = "SN 77" if name == "clinic" else "sn77"
        devices = [(f"D-{name}", f"{name[0].upper()}4", "Tandem", "t:slim X2", serial)]
        columns = ("device_id", "holder_id", "manufacturer", "model", "serial")
        import_list(caller, name, write_list(tmp_path / "d.csv", columns, devices))
    return caller


def proposed(caller: Caller) -> dict[tuple[str, ...], list[str]]:
    with acting_for(caller.organisation_id):
        name_of = {str(h.person_id): h.holder_id for h in Holder.objects.all()}
    return {
        tuple(sorted((name_of[str(link.one_id)], name_of[str(link.other_id)]))): link.reasons
        for link in list_links(caller)
    }


def test_who_may_be_one_is_proposed_with_reasons(operator: Caller) -> None:
    propose_links(operator)
    found = proposed(operator)
    assert found[("C1", "P1")] == ["email"]
    assert found[("C2", "P2")] == ["phone"]
    assert found[("C4", "P4")] == ["name_serial"]
    assert found[("C3", "P3")] == ["name_address"]
    assert ("C5", "P5") not in found
    assert propose_links(operator) == []


def test_a_link_joins_no_rows_and_is_undone_exactly(operator: Caller) -> None:
    with acting_for(operator.organisation_id):
        before = list(Person.objects.order_by("pk").values())
    first, second, *_ = propose_links(operator)
    confirm_link(operator, first, "same address in both lists")
    with acting_for(operator.organisation_id):
        one_group = linked_groups()
    confirm_link(operator, second, "told us on the phone")
    undo_link(operator, second, "it was the brother")
    with acting_for(operator.organisation_id):
        assert linked_groups() == one_group
        assert {len(group) for group in one_group.values()} == {2}
    undo_link(operator, first, "wrong")
    with acting_for(operator.organisation_id):
        assert linked_groups() == {}
        assert list(Person.objects.order_by("pk").values()) == before


def test_what_was_rejected_is_not_proposed_again_for_the_same_reason(
    operator: Caller, tmp_path: Path
) -> None:
    propose_links(operator)
    links = {link.reasons[0]: link.pk for link in list_links(operator)}
    reject_link(operator, links["phone"], "father and son")
    assert propose_links(operator) == []
    rows = [("P2", "T. Berg", "tom@example.org", "0046 8-1234567")]
    others = [("C2", "Tom Berg", "tom@example.org", "+46 8 123 45 67")]
    for name, told in (("pharmacy", rows), ("clinic", others)):
        path = write_list(tmp_path / "e.csv", COLUMNS[:4], told)
        import_list(operator, name, path, "holders")
    assert propose_links(operator) == [links["phone"]]


def test_only_what_is_open_can_be_decided(operator: Caller) -> None:
    link, *_ = propose_links(operator)
    with pytest.raises(LinkNotOpen):
        undo_link(operator, link, "nothing to undo")
    reject_link(operator, link, "two persons")
    with pytest.raises(LinkNotOpen):
        confirm_link(operator, link, "after all")
    with pytest.raises(LinkUnknown):
        confirm_link(operator, 10**9, "none")
    with pytest.raises(NotAllowed):
        undo_link(as_role(operator, Role.AUDITOR), link, "no")


def test_a_switchboard_proposes_nobody(tmp_path: Path) -> None:
    caller = operator_of("shared")
    for name in ("one", "two"):
        add_registry(caller, name)
        rows = [(f"{name}{i}", f"N{i} {name}", "desk@example.org") for i in range(3)]
        path = write_list(tmp_path / f"{name}.csv", COLUMNS[:3], rows)
        import_list(caller, name, path, "holders")
    assert propose_links(caller) == []


def test_organisations_are_never_compared(operator: Caller, tmp_path: Path) -> None:
    other = operator_of("other")
    assert other.organisation_id != operator.organisation_id
    add_registry(other, "theirs")
    path = write_list(tmp_path / "o.csv", COLUMNS[:3], [("X1", "Asa Lind", "asa@example.org")])
    import_list(other, "theirs", path, "holders")
    assert propose_links(other) == []
