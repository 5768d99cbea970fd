"""Users are added, disabled, never deleted; an administrator's reach ends at their organisation."""

import pytest
from allauth.account.models import EmailAddress

from tests.lib.people import AT_CONSOLE, NOW, caller_of, make_organisation, make_user
from tocsin.services.callers import NoRoleHere, SignInRefused, user_caller
from tocsin.services.organisations import (
    LastAdministrator,
    NameTaken,
    NameUnfit,
    RolesApart,
    UserOfOthers,
    UserUnknown,
    add_user,
    create_organisation,
    disable_user,
    enable_user,
    end_role,
    find_user_by_email,
    give_role,
    list_organisations,
    list_roles,
    list_users,
)
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.models import Organisation, User
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def ada() -> Caller:
    make_organisation()
    return caller_of(make_user("ada", Role.ADMINISTRATOR))


def id_of(caller: Caller) -> int:
    assert caller.user_id is not None
    return caller.user_id


def at_acme() -> Caller:
    here = Organisation.objects.get(slug="acme").pk
    return Caller(CONSOLE, here, frozenset(), NOW)


def test_nobody_gives_a_role_to_themselves(ada: Caller) -> None:
    for role in Role:
        with pytest.raises(RolesApart, match="themselves"):
            give_role(ada, id_of(ada), role)


def test_nobody_both_administers_and_releases(ada: Caller) -> None:
    with pytest.raises(RolesApart, match="both administers and releases"):
        give_role(at_acme(), id_of(ada), Role.RELEASER)
    rita = make_user("rita", Role.RELEASER)
    with pytest.raises(RolesApart, match="both administers and releases"):
        give_role(ada, rita, Role.ADMINISTRATOR)
    end_role(ada, rita, Role.RELEASER, "changed departments")
    give_role(ada, rita, Role.ADMINISTRATOR)


def test_a_new_user_has_a_confirmed_address_and_no_password(ada: Caller) -> None:
    ben = add_user(ada, " Ben@Example.org ", "Ben  Builder")
    user = User.objects.get(pk=ben)
    assert (user.email, user.name, user.has_usable_password()) == (
        "ben@example.org",
        "Ben Builder",
        False,
    )
    address = EmailAddress.objects.get(user_id=ben)
    assert (address.email, address.verified, address.primary) == ("ben@example.org", True, True)


@pytest.mark.parametrize(("email", "name"), [("no address", "Ben"), ("ben@example.org", " ")])
def test_an_address_and_a_name_are_needed(ada: Caller, email: str, name: str) -> None:
    with pytest.raises(NameUnfit) as refused:
        add_user(ada, email, name)
    assert email not in str(refused.value)


def test_an_organisation_needs_a_short_name_of_its_own() -> None:
    make_organisation()
    with pytest.raises(NameUnfit, match="'a b'"):
        create_organisation(AT_CONSOLE, "a b", "A B")
    with pytest.raises(NameTaken):
        create_organisation(AT_CONSOLE, "acme", "Another Acme")
    assert list_organisations(AT_CONSOLE) == [("acme", "Acme")]


def test_lists_show_the_own_organisation_only(ada: Caller) -> None:
    make_organisation("other")
    make_user("olga", Role.AUTHOR, organisation="other")
    make_user("rita", Role.RELEASER, Role.AUTHOR)
    assert [(line.email, line.roles) for line in list_users(ada)] == [
        ("ada@example.org", ("administrator",)),
        ("rita@example.org", ("author", "releaser")),
    ]
    assert ("olga@example.org", "author") not in list_roles(ada)
    assert len(list_users(AT_CONSOLE)) == 3


def test_an_administrator_disables_users_of_their_organisation(ada: Caller) -> None:
    rita = make_user("rita", Role.RELEASER)
    disable_user(ada, rita, "left the firm")
    disable_user(ada, rita, "again")
    with pytest.raises(SignInRefused):
        user_caller(rita, "acme", NOW)
    with pytest.raises(NameTaken):
        add_user(ada, "RITA@example.org", "Another Rita")
    enable_user(AT_CONSOLE, rita, "came back")
    enable_user(AT_CONSOLE, rita, "again")
    assert user_caller(rita, "acme", NOW).roles == {Role.RELEASER}


def test_an_administrator_does_not_reach_users_of_others(ada: Caller) -> None:
    make_organisation("other")
    olga = make_user("olga", Role.AUTHOR, organisation="other")
    with pytest.raises(UserUnknown, match="in your organisation"):
        disable_user(ada, olga, "a try")
    give_role(ada, olga, Role.AUTHOR)
    with pytest.raises(UserOfOthers):
        disable_user(ada, olga, "a try")
    assert User.objects.get(pk=olga).is_active


def test_the_last_administrator_stays_unless_the_console_says_so(ada: Caller) -> None:
    with pytest.raises(LastAdministrator):
        disable_user(ada, id_of(ada), "by mistake")
    with pytest.raises(LastAdministrator):
        end_role(ada, id_of(ada), Role.ADMINISTRATOR, "by mistake")
    gone = make_user("gone", Role.ADMINISTRATOR)
    disable_user(AT_CONSOLE, gone, "left")
    with pytest.raises(LastAdministrator):  # a disabled one does not count
        disable_user(ada, id_of(ada), "by mistake")
    make_user("abe", Role.ADMINISTRATOR)
    end_role(ada, id_of(ada), Role.ADMINISTRATOR, "changed departments")
    disable_user(AT_CONSOLE, find_user_by_email("abe@example.org"), "left")


def test_roles_are_those_of_the_organisation_and_of_now(ada: Caller) -> None:
    make_organisation("other")
    give_role(at_acme(), id_of(ada), Role.AUTHOR)
    assert caller_of(id_of(ada)).roles == {Role.ADMINISTRATOR, Role.AUTHOR}
    end_role(ada, id_of(ada), Role.AUTHOR, "done")
    assert caller_of(id_of(ada)).roles == {Role.ADMINISTRATOR}
    with pytest.raises(NoRoleHere, match="'other'") as elsewhere:
        caller_of(id_of(ada), "other")
    with pytest.raises(NoRoleHere) as nowhere:
        caller_of(id_of(ada), "nowhere")
    assert str(nowhere.value) == str(elsewhere.value).replace("other", "nowhere")


def test_an_address_that_nobody_has_is_not_repeated() -> None:
    with pytest.raises(UserUnknown) as unknown:
        find_user_by_email("nobody@example.org")
    assert "nobody@" not in str(unknown.value)
