"""The table of rights: every service has a row, every row a service, and both agree."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import tocsin.services
from tocsin.services.rights import NotAllowed, check_roles, rights_table
from tocsin.services.work import SERVICES
from tocsin.store.roles import Role


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported() -> None:
    for module in pkgutil.walk_packages(tocsin.services.__path__, "tocsin.services."):
        importlib.import_module(module.name)


def test_every_row_is_a_service_and_every_service_a_row() -> None:
    assert set(SERVICES) == set(rights_table())


def calls() -> Iterator[tuple[str, Role | None, bool]]:
    for name in rights_table():
        for role in (*Role, None):
            yield name, role, False
        yield name, None, True


@pytest.mark.parametrize(("name", "role", "is_console"), list(calls()))
def test_only_who_stands_in_the_table_may(name: str, role: Role | None, is_console: bool) -> None:
    right = rights_table()[name]
    allowed = role in right.roles or (is_console and (right.with_console or not right.roles))
    roles = frozenset({role} if role else ())
    if allowed:
        check_roles(name, roles, is_console=is_console)
    else:
        with pytest.raises(NotAllowed, match="Nothing was changed"):
            check_roles(name, roles, is_console=is_console)


def test_nobody_who_administers_releases_too() -> None:
    releasing = [name for name, right in rights_table().items() if right.step_up]
    assert [n for n in releasing if Role.ADMINISTRATOR in rights_table()[n].roles] == []


def test_an_auditor_changes_nothing() -> None:
    reads = ("verify_", "export_", "list_", "read_", "access_", "explain_")
    own = [name for name, right in rights_table().items() if Role.AUDITOR in right.roles]
    assert [name for name in own if not name.startswith(reads)] == []
