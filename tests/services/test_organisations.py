"""Organisations, users and roles; each organisation sees its own rows only."""

from datetime import UTC, datetime

import pytest

from tocsin.services.organisations import (
    NameTaken,
    UserUnknown,
    add_user,
    create_organisation,
    disable_user,
    end_role,
    give_role,
)
from tocsin.services.rights import NotAllowed
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.audit.trail import read_rows
from tocsin.store.models import Membership, Registry, User
from tocsin.store.roles import Role
from tocsin.store.tenancy import NoOrganisation, OtherOrganisation, acting_for

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
AT_CONSOLE = Caller(CONSOLE, None, frozenset(), NOW)
pytestmark = pytest.mark.usefixtures("database")


def at_console_for(organisation_id: int) -> Caller:
    return Caller(CONSOLE, organisation_id, frozenset(), NOW)


def test_an_organisation_gets_users_with_roles() -> None:
    acme = create_organisation(AT_CONSOLE, "acme", "Acme Pumps")
    anna = add_user(AT_CONSOLE, "Anna@example.org", "Anna Author")
    give_role(at_console_for(acme), anna, Role.AUTHOR)
    give_role(at_console_for(acme), anna, Role.AUTHOR)
    end_role(at_console_for(acme), anna, Role.AUTHOR, "changed departments")
    with acting_for(acme):
        assert [(row.role, row.until) for row in Membership.objects.all()] == [("author", NOW)]
    disable_user(AT_CONSOLE, anna, "left the firm")
    assert not User.objects.get(pk=anna).is_active
    assert len(list(read_rows())) == 5


def test_an_address_is_never_used_again() -> None:
    anna = add_user(AT_CONSOLE, "anna@example.org", "Anna Author")
    disable_user(AT_CONSOLE, anna, "left the firm")
    with pytest.raises(NameTaken):
        add_user(AT_CONSOLE, "ANNA@example.org", "Another Anna")


def test_who_has_no_role_may_not() -> None:
    acme = create_organisation(AT_CONSOLE, "acme", "Acme Pumps")
    anna = add_user(AT_CONSOLE, "anna@example.org", "Anna Author")
    author = Caller(f"user:{anna}", acme, frozenset({Role.AUTHOR}), NOW)
    before = len(list(read_rows()))
    with pytest.raises(NotAllowed, match="administrator"):
        give_role(author, anna, Role.RELEASER)
    with pytest.raises(NotAllowed, match="console"):
        create_organisation(author, "other", "Other")
    assert len(list(read_rows())) == before


def test_a_user_that_is_not_there_is_told() -> None:
    acme = create_organisation(AT_CONSOLE, "acme", "Acme Pumps")
    with pytest.raises(UserUnknown, match="no user 99"):
        give_role(at_console_for(acme), 99, Role.AUTHOR)


def test_rows_of_another_organisation_are_not_seen() -> None:
    acme = create_organisation(AT_CONSOLE, "acme", "Acme Pumps")
    other = create_organisation(AT_CONSOLE, "other", "Other Pumps")
    with acting_for(acme):
        row = Registry.objects.create(name="clinic", created_at=NOW)
    with acting_for(other):
        assert not Registry.objects.exists()
        assert not Registry.objects.filter(pk=row.pk).update(name="stolen")
        with pytest.raises(OtherOrganisation):
            row.save()
        with pytest.raises(OtherOrganisation):
            Registry.objects.bulk_create([row])
    with pytest.raises(NoOrganisation):
        Registry.objects.count()
