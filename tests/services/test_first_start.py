"""The first start: a link that works once, for one browser, and for nobody after it."""

from datetime import UTC, datetime

import pytest

from tests.lib.people import PASSWORD, make_organisation, make_user
from tocsin.services.accounts import PasswordWeak
from tocsin.services.callers import sign_in, user_caller
from tocsin.services.example import ADD_EXAMPLE, ROLES, is_example_wanted, want_example
from tocsin.services.first_start import (
    FirstStartOver,
    begin_installation,
    check_first_start,
    open_first_start,
)
from tocsin.services.organisations import NameUnfit
from tocsin.store.home import find_home
from tocsin.store.models import Job
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ACME, ANNA = ("acme", "Acme Pumps"), ("anna@example.org", "Anna")


def begin(token: str, **other: tuple[str, str]) -> None:
    begin_installation(
        token, other.get("organisation", ACME), other.get("who", ANNA), PASSWORD, NOW
    )


def token_of_first_start() -> str:
    token = open_first_start()
    assert token is not None
    return token


def test_the_link_makes_an_administrator_who_can_sign_in() -> None:
    begin(token_of_first_start())
    user_id = sign_in("anna@example.org", PASSWORD, lambda: "", NOW)
    assert user_caller(user_id, "acme", NOW).roles == {Role.ADMINISTRATOR}


def test_the_first_administrator_brings_the_example_that_the_console_wants() -> None:
    want_example(wanted=True)
    begin(token_of_first_start())
    user_id = sign_in("anna@example.org", PASSWORD, lambda: "", NOW)
    assert user_caller(user_id, "example", NOW).roles == set(ROLES)
    assert Job.objects.get().kind == ADD_EXAMPLE
    assert not is_example_wanted()


def test_the_link_works_once() -> None:
    token = token_of_first_start()
    begin(token)
    with pytest.raises(FirstStartOver):
        begin(token, organisation=("other", "Other"), who=("eve@example.org", "Eve"))
    assert open_first_start() is None


def test_a_newer_link_ends_the_older_one_and_a_wrong_one_opens_nothing() -> None:
    older, newer = token_of_first_start(), token_of_first_start()
    for token in (older, "", newer[:-1]):
        with pytest.raises(FirstStartOver):
            check_first_start(token)
    check_first_start(newer)


def test_what_is_refused_leaves_the_link_as_it_was() -> None:
    token = token_of_first_start()
    with pytest.raises(NameUnfit):
        begin(token, organisation=("no short name", "Acme"))
    with pytest.raises(PasswordWeak):
        begin_installation(token, ACME, ANNA, "short", NOW)
    begin(token)


def test_the_token_itself_is_kept_nowhere() -> None:
    token = token_of_first_start()
    kept = find_home().folder / "first-start.sha256"
    assert token not in kept.read_text("ascii")
    assert kept.stat().st_mode & 0o077 == 0


def test_where_there_are_users_there_is_no_first_start() -> None:
    token = token_of_first_start()
    make_organisation()
    make_user("bert", Role.AUTHOR)
    assert open_first_start() is None
    with pytest.raises(FirstStartOver):
        begin(token)
