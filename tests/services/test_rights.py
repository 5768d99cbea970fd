"""The table of rights: every service has a row, every row a service, and both agree."""

import importlib
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

import tocsin.services
from tocsin.services.rights import SIGNED, NotAllowed, Right, check_roles, rights_table
from tocsin.services.work import CONSOLE, INSTALLATION, SERVICES, Caller
from tocsin.store.roles import Role

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@cache
def services() -> dict[str, Callable[..., Any]]:
    """Return every service by its name, as other modules would call it."""
    found = {}
    for module in pkgutil.walk_packages(tocsin.services.__path__, "tocsin.services."):
        if module.name == "tocsin.services.oidc_hooks":  # needs what is optional; has no service
            continue
        loaded = importlib.import_module(module.name)
        for name in SERVICES & set(vars(loaded)):
            found[name] = getattr(loaded, name)
    return found


def test_every_row_is_a_service_and_every_service_a_row() -> None:
    assert set(services()) == set(SERVICES) == set(rights_table())


def test_no_two_services_have_one_name() -> None:
    """A second one would take the place of the first in the table, without a word."""
    homes: dict[str, set[str]] = {name: set() for name in services()}
    for module in pkgutil.walk_packages(tocsin.services.__path__, "tocsin.services."):
        if module.name == "tocsin.services.oidc_hooks":
            continue
        for name, found in vars(importlib.import_module(module.name)).items():
            if name in homes and getattr(found, "__module__", "") == module.name:
                homes[name].add(module.name)
    assert {name: where for name, where in homes.items() if len(where) != 1} == {}


def is_allowed(right: Right, role: Role | None, is_console: bool) -> bool:
    """Say in other words than the product's who may."""
    if is_console:
        return right.with_console or not (right.roles or right.own)
    return right.own or role in right.roles


@pytest.mark.parametrize("name", sorted(rights_table()))
def test_only_who_stands_in_the_table_may(name: str) -> None:
    for role, is_console in [*((role, False) for role in (*Role, None)), (None, True)]:
        roles = frozenset({role} if role else ())
        if is_allowed(rights_table()[name], role, is_console):
            check_roles(name, roles, is_console=is_console)
            continue
        with pytest.raises(NotAllowed, match="Nothing was changed"):
            check_roles(name, roles, is_console=is_console)
        actor = CONSOLE if is_console else "user:17"
        with pytest.raises(NotAllowed):  # the service itself, before it looks at anything
            services()[name](Caller(actor, 1, roles, NOW))


def test_all_roles_together_make_no_console() -> None:
    everybody = Caller("user:17", 1, frozenset(Role), NOW)
    for name, right in rights_table().items():
        if not right.roles and not right.own:
            with pytest.raises(NotAllowed, match="console"):
                services()[name](everybody)


def test_what_is_a_users_own_no_part_of_the_installation_may() -> None:
    for name, right in rights_table().items():
        for actor in INSTALLATION if right.own else ():
            with pytest.raises(NotAllowed, match="every user, for themselves"):
                services()[name](Caller(actor, None, frozenset(), NOW))


def test_nobody_who_administers_releases_too() -> None:
    for name, right in rights_table().items():
        if right.step_up or "release" in name or SIGNED in right.events:
            assert Role.ADMINISTRATOR not in right.roles, name
            assert not right.with_console, name
            assert right.step_up, name


OF_AUDITORS = {"review_trail", "queue_verification", "begin_own_trail_export"}
"""What they alone do: each leaves a row in the trail, and changes nothing else of anybody's."""


def test_an_auditor_changes_nothing() -> None:
    reads = (
        "verify_",
        "export_",
        "list_",
        "read_",
        "access_",
        "explain_",
        "page_",
        "name_",
        "preview_",
    )
    own = {name for name, right in rights_table().items() if Role.AUDITOR in right.roles}
    assert {name for name in own if not name.startswith(reads)} == OF_AUDITORS
    for name in OF_AUDITORS:
        assert rights_table()[name].roles == {Role.AUDITOR}
