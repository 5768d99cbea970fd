"""Tokens: narrower than their user, shown once, gone when they must be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.lib.people import AT_CONSOLE, NOW, caller_of, make_organisation, make_user
from tocsin.base.errors import UsageError
from tocsin.services.accounts import (
    end_all_sessions,
    hash_password,
    list_sessions,
    note_log_in,
    reset_password,
)
from tocsin.services.actions import list_actions, open_action
from tocsin.services.api_tokens import (
    MOST_TOKENS,
    ApiTokenRefused,
    TokenUnknown,
    WantedToken,
    add_token,
    caller_of_token,
    end_this_token,
    list_tokens,
    revoke_token,
)
from tocsin.services.callers import NoRoleHere
from tocsin.services.grants import NotGranted
from tocsin.services.kept_notices import list_notices
from tocsin.services.list_imports import add_registry, list_registries
from tocsin.services.organisations import disable_user, enable_user, end_role, list_users
from tocsin.services.rights import NotAllowed
from tocsin.services.step_up import check_totp_code
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.audit.trail import read_rows
from tocsin.store.models import ApiToken, Organisation
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")
OPERATOR = WantedToken("nightly import", ("operator",), may_write=True)


@pytest.fixture
def anna(database: str) -> int:  # noqa: ARG001 - rows in it
    make_organisation()
    return make_user("anna", Role.OPERATOR, Role.AUTHOR)


def make(user_id: int, wanted: WantedToken = OPERATOR) -> str:
    return add_token(caller_of(user_id, None), "acme", wanted)[0]


def test_a_token_acts_as_its_user_with_the_roles_it_was_given(anna: int) -> None:
    caller = caller_of_token(make(anna), NOW)
    assert (caller.actor, caller.roles) == (f"user:{anna}", {Role.OPERATOR})
    assert add_registry(caller, "clinic")
    with pytest.raises(NotAllowed):
        open_action(caller, "t", ["n"], ["clinic"])
    body = bytes(list(read_rows())[-1].body).decode()
    assert f'"by_token":{ApiToken.objects.get().pk}' in body


def test_only_the_hash_is_kept_and_shown_is_nothing_of_it(anna: int) -> None:
    token = make(anna)
    row = ApiToken.objects.values().get()
    assert token not in str(row)
    assert token.removeprefix("tocsin_")[:12] not in str(row)
    assert token not in repr(list_tokens(caller_of(anna, None)))
    assert len(token) > 40


def test_a_reading_token_writes_nothing(anna: int) -> None:
    caller = caller_of_token(make(anna, replace(OPERATOR, may_write=False)), NOW)
    assert list_registries(caller) == []
    with pytest.raises(NotGranted, match="may only read"):
        add_registry(caller, "clinic")
    assert list_registries(caller) == []


def test_a_token_of_one_service_calls_no_other(anna: int) -> None:
    wanted = replace(OPERATOR, roles=("operator", "author"), services=("list_notices",))
    caller = caller_of_token(make(anna, wanted), NOW)
    assert list_notices(caller) == []
    for refused in (list_registries, list_actions):
        with pytest.raises(NotGranted, match="other services"):
            refused(caller)


def test_a_token_gets_at_nothing_of_its_users_account(anna: int) -> None:
    caller = caller_of_token(make(anna), NOW)
    with pytest.raises(NotGranted, match="no token may touch"):
        add_token(caller, "acme", OPERATOR)
    with pytest.raises(NotGranted, match="no token may touch"):
        note_log_in(caller, "web")
    for refused in (list_tokens, list_sessions):
        with pytest.raises(NotGranted):
            refused(caller)
    reading = caller_of_token(make(anna, replace(OPERATOR, may_write=False)), NOW)
    with pytest.raises(NotGranted, match="may only read"):
        check_totp_code(reading, "123456")


def test_a_token_is_never_more_than_its_user(anna: int) -> None:
    for wanted in (
        replace(OPERATOR, roles=("releaser",)),
        replace(OPERATOR, roles=("operator", "releaser")),
        replace(OPERATOR, roles=()),
        replace(OPERATOR, roles=("nobody",)),
        replace(OPERATOR, services=("list_trail",)),
        replace(OPERATOR, services=("create_organisation",)),
        replace(OPERATOR, services=("list_tokens",)),
        replace(OPERATOR, services=("nothing",)),
        replace(OPERATOR, services=("add_registry",), may_write=False),
        replace(OPERATOR, days=0),
        replace(OPERATOR, days=367),
        replace(OPERATOR, name=" "),
        replace(OPERATOR, name="a\x00b"),
    ):
        with pytest.raises(UsageError):
            make(anna, wanted)
    with pytest.raises(NoRoleHere):
        add_token(caller_of(anna, None), "nowhere", OPERATOR)
    assert not ApiToken.objects.exists()


def test_a_role_that_ended_is_gone_from_the_token_at_once(anna: int) -> None:
    token = make(anna, replace(OPERATOR, roles=("operator", "author")))
    here = Caller(CONSOLE, Organisation.objects.get().pk, frozenset(), NOW)
    end_role(here, anna, Role.OPERATOR, "moved")
    assert caller_of_token(token, NOW).roles == {Role.AUTHOR}
    end_role(here, anna, Role.AUTHOR, "left")
    with pytest.raises(NoRoleHere):
        caller_of_token(token, NOW)


def test_a_token_expires_to_the_second(anna: int) -> None:
    token = make(anna, replace(OPERATOR, days=1))
    assert caller_of_token(token, NOW + timedelta(days=1, seconds=-1))
    with pytest.raises(ApiTokenRefused):
        caller_of_token(token, NOW + timedelta(days=1))


def test_whoever_revokes_a_token_ends_it_at_once(anna: int) -> None:
    token, other = make(anna), make(anna)
    own = caller_of(anna, None)
    first = list_tokens(own)[-1].token_id
    stranger = caller_of(make_user("otto", Role.OPERATOR), None)
    with pytest.raises(TokenUnknown):
        revoke_token(stranger, first)
    revoke_token(own, first)
    with pytest.raises(ApiTokenRefused):
        caller_of_token(token, NOW)
    with pytest.raises(TokenUnknown):
        revoke_token(own, first)
    end_this_token(caller_of_token(other, NOW))
    with pytest.raises(ApiTokenRefused):
        caller_of_token(other, NOW)
    assert [line.is_open for line in list_tokens(own)] == [False, False]


@pytest.mark.parametrize("how", ["disabled", "reset", "logged out"])
def test_tokens_end_with_what_the_administrator_of_the_machine_does(anna: int, how: str) -> None:
    token = make(anna)
    if how == "disabled":
        disable_user(AT_CONSOLE, anna, "left")
        enable_user(AT_CONSOLE, anna, "back")
    elif how == "reset":
        reset_password(AT_CONSOLE, anna, hash_password(anna, "another walk by the canal"))
    else:
        assert end_all_sessions(AT_CONSOLE, anna, "lost") == 1
    with pytest.raises(ApiTokenRefused):
        caller_of_token(token, NOW)


def test_nonsense_opens_nothing(anna: int) -> None:
    token = make(anna)
    for nonsense in ("", "tocsin_", token[:-1], token + "a", token.upper(), "\0", "ä" * 50):
        with pytest.raises(ApiTokenRefused):
            caller_of_token(nonsense, NOW)


def test_the_last_use_is_noted_once_a_minute(anna: int) -> None:
    token = make(anna)
    for seconds, noted in ((0, 0), (30, 0), (59, 0), (61, 61)):
        caller_of_token(token, NOW + timedelta(seconds=seconds))
        assert ApiToken.objects.get().last_used_at == NOW + timedelta(seconds=noted)


def test_nobody_has_more_tokens_than_they_can_look_through(anna: int) -> None:
    for _ in range(MOST_TOKENS):
        make(anna)
    with pytest.raises(UsageError, match="tokens already"):
        make(anna)


def test_an_administrators_token_lists_users(database: str) -> None:  # noqa: ARG001 - rows in it
    make_organisation()
    admin = make_user("ada", Role.ADMINISTRATOR)
    caller = caller_of_token(make(admin, WantedToken("people", ("administrator",))), NOW)
    assert [line.email for line in list_users(caller)] == ["ada@example.org"]
