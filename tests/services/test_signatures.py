"""Signatures are bound to bytes, never change, and one person alone releases nothing."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.lib.authenticator_app import App, Clock, clock
from tests.lib.people import caller_of, give_app, make_organisation, make_user
from tests.lib.signing import LETTER, signed
from tocsin.services.rights import SIGNED, Right
from tocsin.services.signatures import (
    SecondPersonMissing,
    UnprovenSignature,
    add_signature,
    check_second_person,
    list_signatures,
)
from tocsin.services.step_up import prove_by_totp
from tocsin.services.work import Caller, Work, guard_with
from tocsin.store.models import User
from tocsin.store.roles import Role
from tocsin.store.tables.signature import Meaning
from tocsin.store.tenancy import acting_for

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def rita() -> Caller:
    make_organisation()
    return caller_of(make_user("rita", Role.RELEASER))


def id_of(caller: Caller) -> int:
    assert caller.user_id is not None
    return caller.user_id


def sign_as(caller: Caller, meaning: Meaning, clock: Clock, content: bytes = LETTER) -> None:
    clock.next_code()
    apps[id_of(caller)] = app = apps.get(id_of(caller)) or give_app(id_of(caller), clock)
    signed(meaning, content)(prove_by_totp(caller, app.code()))


apps: dict[int, App] = {}


@pytest.fixture(autouse=True)
def _no_apps_of_other_tests() -> None:
    apps.clear()


def agree(caller: Caller, author_id: int | None, content: bytes = LETTER) -> None:
    with acting_for(caller.organisation_id):
        check_second_person("letter:7", content, author_id)


def test_the_author_alone_releases_nothing(rita: Caller, clock: Clock) -> None:
    sign_as(rita, Meaning.AUTHORED, clock)
    sign_as(rita, Meaning.RELEASED, clock)
    for author_id in (id_of(rita), None):
        with pytest.raises(SecondPersonMissing, match="two people"):
            agree(rita, author_id)


def test_an_author_who_did_not_sign_is_the_author_all_the_same(rita: Caller, clock: Clock) -> None:
    sign_as(rita, Meaning.RELEASED, clock)
    with pytest.raises(SecondPersonMissing):
        agree(rita, id_of(rita))


def test_one_person_is_not_two_by_two_signatures(rita: Caller, clock: Clock) -> None:
    sign_as(rita, Meaning.REVIEWED, clock)
    sign_as(rita, Meaning.RELEASED, clock)
    with pytest.raises(SecondPersonMissing):
        agree(rita, None)


def test_author_and_another_release(rita: Caller, clock: Clock) -> None:
    anna = caller_of(make_user("anna", Role.AUTHOR))
    sign_as(anna, Meaning.AUTHORED, clock)
    with pytest.raises(SecondPersonMissing):
        agree(rita, id_of(anna))
    sign_as(rita, Meaning.RELEASED, clock)
    agree(rita, id_of(anna))


def test_two_authors_are_no_reviewer(rita: Caller, clock: Clock) -> None:
    anna = caller_of(make_user("anna", Role.AUTHOR))
    sign_as(anna, Meaning.AUTHORED, clock)
    sign_as(rita, Meaning.AUTHORED, clock)
    with pytest.raises(SecondPersonMissing):
        agree(rita, id_of(anna))


def test_signatures_over_other_bytes_do_not_count(rita: Caller, clock: Clock) -> None:
    anna = caller_of(make_user("anna", Role.AUTHOR))
    sign_as(anna, Meaning.AUTHORED, clock)
    sign_as(rita, Meaning.REVIEWED, clock, b"Dear holder, the version of before")
    with pytest.raises(SecondPersonMissing):
        agree(rita, None)


def test_signatures_of_another_organisation_do_not_count(rita: Caller, clock: Clock) -> None:
    make_organisation("other")
    olga = caller_of(make_user("olga", Role.RELEASER, organisation="other"), "other")
    sign_as(olga, Meaning.RELEASED, clock)
    sign_as(rita, Meaning.RELEASED, clock)
    with pytest.raises(SecondPersonMissing):
        agree(rita, None)
    assert len(list_signatures(rita, "letter:7")) == 1


def test_a_signature_is_never_changed_or_deleted(rita: Caller, clock: Clock) -> None:
    sign_as(rita, Meaning.RELEASED, clock)
    for statement in (
        "UPDATE store_signature SET printed_name = 'Other'",
        "DELETE FROM store_signature",
    ):
        refused = pytest.raises(DatabaseError, match="never changed or deleted")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    User.objects.filter(pk=rita.user_id).update(name="Rita Married")
    assert [line.printed_name for line in list_signatures(rita, "letter:7")] == ["Rita"]


def test_a_service_that_asks_for_no_proof_cannot_sign(rita: Caller) -> None:
    right = Right(roles=frozenset({Role.RELEASER}), events=frozenset({SIGNED}))

    def sign_freely(work: Work) -> int:
        return add_signature(work, "letter:7", LETTER, Meaning.RELEASED)

    with pytest.raises(UnprovenSignature):
        guard_with(right, sign_freely)(rita)
