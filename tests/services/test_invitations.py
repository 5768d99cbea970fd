"""New users and their one-time links: for who has no password, from an administrator of theirs."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from tests.lib.desk_client import DeskClient, signed_in
from tests.lib.people import PASSWORD, caller_of, make_organisation, make_user
from tocsin.services.accounts import change_password
from tocsin.services.invitations import PasswordThere, invite_user, make_first_link
from tocsin.services.organisations import RolesApart, UserUnknown, list_users
from tocsin.services.work import Caller
from tocsin.store.models import User
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def anna(database: str) -> Caller:  # noqa: ARG001 - made in its transaction
    make_organisation()
    return caller_of(make_user("anna", Role.ADMINISTRATOR))


def invite(anna: Caller, *roles: Role) -> int:
    return invite_user(anna, "bert@example.org", "Bert", roles or (Role.AUTHOR,))


def _roles(user_id: int) -> frozenset[Role]:
    """Return what a user is by the clock that pages use."""
    return caller_of(user_id, now=datetime.now(tz=UTC)).roles


def way_of(link: str) -> str:
    uid, _, key = link.partition("-")
    return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})


def choose(client: DeskClient, link: str, password: str = PASSWORD) -> int:
    """Open a link and choose a password; return the status of what comes then."""
    opened = client.get(way_of(link), follow=True)
    where = opened.redirect_chain[-1][0] if opened.redirect_chain else way_of(link)
    return int(client.post(where, {"password1": password, "password2": password}).status_code)


def test_the_link_lets_in_once(anna: Caller) -> None:
    bert = invite(anna)
    link = make_first_link(anna, bert)
    assert choose(DeskClient(), link) == 302
    assert User.objects.get(pk=bert).check_password(PASSWORD)
    choose(DeskClient(), link, "another long walk by the sea")
    assert User.objects.get(pk=bert).check_password(PASSWORD)


def test_who_has_a_password_gets_no_link_from_anybody(anna: Caller) -> None:
    bert = invite(anna)
    change_password(caller_of(bert, None), make_password(PASSWORD))
    with pytest.raises(PasswordThere):
        make_first_link(anna, bert)


def test_a_link_is_made_for_ones_own_users_only(anna: Caller) -> None:
    make_organisation("other")
    olga = caller_of(make_user("olga", Role.ADMINISTRATOR, organisation="other"), "other")
    with pytest.raises(UserUnknown):
        make_first_link(olga, invite(anna))


def test_roles_that_must_be_apart_add_nobody(anna: Caller) -> None:
    with pytest.raises(RolesApart):
        invite(anna, Role.ADMINISTRATOR, Role.RELEASER)
    assert [line.name for line in list_users(anna)] == ["Anna"]


def test_the_pages_add_a_user_give_and_end_roles(anna: Caller) -> None:
    client = signed_in(anna.user_id or 0)
    told = {"name": "Bert", "email": "bert@example.org", "roles": ["author"]}
    page = client.post("/desk/settings/users/new/", told)
    assert "/desk/sign-in/new-password/" in page.content.decode()
    bert = User.objects.get(email="bert@example.org").pk
    base = f"/desk/settings/users/{bert}"
    assert client.post(f"{base}/give/", {"role": "operator"}).status_code == 302
    assert _roles(bert) == {Role.AUTHOR, Role.OPERATOR}
    assert client.post(f"{base}/end/author/", {"reason": ""}).status_code == 400
    assert client.post(f"{base}/end/author/", {"reason": "moved"}).status_code == 302
    assert _roles(bert) == {Role.OPERATOR}
    assert client.post(f"{base}/disable/", {"reason": "left"}).status_code == 302
    assert not User.objects.get(pk=bert).is_active
    again = client.post("/desk/settings/users/new/", told)
    assert again.status_code == 409
    assert "name_taken" in again.content.decode() or "already" in again.content.decode()
