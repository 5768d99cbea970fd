"""Signing asks anew who one is: a code or a key's answer counts once, for one act, soon."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.lib.authenticator_app import Clock, clock
from tests.lib.people import NOW, caller_of, give_app, make_organisation, make_user
from tests.lib.security_key import SecurityKey
from tests.lib.signing import SIGNING, signed
from tocsin.services.authenticators import (
    AuthenticatorThere,
    CodeWrong,
    begin_totp,
    confirm_totp,
    make_recovery_codes,
)
from tocsin.services.organisations import disable_user
from tocsin.services.rights import SIGNED, NotAllowed, Right
from tocsin.services.signatures import (
    list_signatures,
)
from tocsin.services.step_up import (
    NoAuthenticator,
    ProofRefused,
    TooManyAttempts,
    begin_key_proof,
    prove_by_key,
    prove_by_totp,
)
from tocsin.services.work import (
    CONSOLE,
    Caller,
    StepUpNeeded,
    Work,
    WorkUnrecorded,
    guard_with,
)
from tocsin.store.audit.trail import read_rows
from tocsin.store.models import ProofAttempt, Signature
from tocsin.store.roles import Role
from tocsin.store.tables.signature import Meaning

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database")
release = signed(Meaning.RELEASED)


@pytest.fixture
def rita() -> Caller:
    make_organisation()
    return caller_of(make_user("rita", Role.RELEASER))


def id_of(caller: Caller) -> int:
    assert caller.user_id is not None
    return caller.user_id


def events() -> list[str]:
    return [json.loads(row.body)["event"] for row in read_rows()]


def test_a_service_that_signs_is_refused_without_a_proof(rita: Caller) -> None:
    with pytest.raises(StepUpNeeded, match="Nothing was changed"):
        release(rita)
    with pytest.raises(StepUpNeeded):
        release(replace(rita, proof="invented"))
    with pytest.raises(NotAllowed):
        release(Caller(CONSOLE, rita.organisation_id, frozenset(), NOW))
    assert not Signature.everywhere.exists()


def test_a_code_lets_its_user_sign_once(rita: Caller, clock: Clock) -> None:
    app = give_app(id_of(rita), clock)
    proven = prove_by_totp(rita, app.code())
    made = release(proven)
    with pytest.raises(StepUpNeeded):
        release(proven)
    [line] = list_signatures(rita, "letter:7")
    assert (line.signature_id, line.printed_name, line.method) == (made, "Rita", "totp")
    assert line.signed_at.isoformat() == NOW.isoformat() == "2026-11-21T09:00:00+01:00"
    assert str(line).startswith("released by Rita on 2026-11-21 09:00:00+01:00 (SHA-256 ")
    assert events()[-2:] == ["step_up_succeeded", SIGNED]


def test_a_code_is_taken_once_only(rita: Caller, clock: Clock) -> None:
    app = give_app(id_of(rita), clock)
    prove_by_totp(rita, app.code())
    with pytest.raises(ProofRefused, match="used already"):
        prove_by_totp(rita, app.code())
    clock.next_code()
    prove_by_totp(rita, app.code())


def test_the_code_that_confirmed_an_app_signs_nothing(rita: Caller, clock: Clock) -> None:
    app = give_app(id_of(rita), clock)
    clock.now_s -= 30
    with pytest.raises(ProofRefused):
        prove_by_totp(rita, app.code())


def test_a_code_of_before_is_too_old(rita: Caller, clock: Clock) -> None:
    app = give_app(id_of(rita), clock)
    old = app.code()
    clock.next_code()
    with pytest.raises(ProofRefused):
        prove_by_totp(rita, old)


def test_guessing_codes_is_stopped(rita: Caller, clock: Clock) -> None:
    app = give_app(id_of(rita), clock)
    for _ in range(5):
        with pytest.raises(ProofRefused):
            prove_by_totp(rita, "wrong")
    with pytest.raises(TooManyAttempts, match="not looked at"):
        prove_by_totp(rita, app.code())
    assert events().count("step_up_failed") == 5
    later = replace(rita, now=NOW + timedelta(minutes=6))
    prove_by_totp(later, app.code())


def test_a_proof_is_its_users_alone_and_for_their_organisation(rita: Caller, clock: Clock) -> None:
    proof = prove_by_totp(rita, give_app(id_of(rita), clock).code()).proof
    other = caller_of(make_user("otto", Role.RELEASER))
    with pytest.raises(StepUpNeeded):
        release(replace(other, proof=proof))
    make_organisation("other")
    with pytest.raises(StepUpNeeded):
        release(replace(rita, organisation_id=make_organisation("third"), proof=proof))
    release(replace(rita, proof=proof))


def test_a_proof_expires(rita: Caller, clock: Clock) -> None:
    proven = prove_by_totp(rita, give_app(id_of(rita), clock).code())
    with pytest.raises(StepUpNeeded):
        release(replace(proven, now=NOW + timedelta(minutes=5)))
    release(replace(proven, now=NOW + timedelta(minutes=4)))


def test_a_disabled_user_signs_nothing(rita: Caller, clock: Clock) -> None:
    proven = prove_by_totp(rita, give_app(id_of(rita), clock).code())
    disable_user(Caller(CONSOLE, None, frozenset(), NOW), id_of(rita), "left the firm")
    with pytest.raises(StepUpNeeded):
        release(proven)


def test_what_fails_after_the_proof_leaves_it_unused(rita: Caller, clock: Clock) -> None:
    proven = prove_by_totp(rita, give_app(id_of(rita), clock).code())

    def release_letter(work: Work) -> None:
        work.record("letter_released", "letter:7")

    with pytest.raises(WorkUnrecorded, match="signed nothing"):
        guard_with(SIGNING, release_letter)(proven)
    assert "letter_released" not in events()
    release(proven)


def test_a_recovery_code_signs_nothing(rita: Caller, clock: Clock) -> None:
    give_app(id_of(rita), clock)
    own = caller_of(id_of(rita), None)
    codes = make_recovery_codes(own)
    assert len(set(codes)) == 10
    with pytest.raises(ProofRefused):
        prove_by_totp(rita, codes[0])


def test_who_has_no_app_is_told(rita: Caller) -> None:
    with pytest.raises(NoAuthenticator, match="tocsin user totp"):
        prove_by_totp(rita, "123456")
    with pytest.raises(NoAuthenticator, match="security key"):
        begin_key_proof(rita)


def test_an_app_counts_only_after_a_code_of_it(rita: Caller, clock: Clock) -> None:
    own = caller_of(id_of(rita), None)
    offer = begin_totp(own)
    with pytest.raises(CodeWrong):
        confirm_totp(own, offer.secret, "000000")
    with pytest.raises(NoAuthenticator):
        prove_by_totp(rita, "000000")
    give_app(id_of(rita), clock)
    with pytest.raises(AuthenticatorThere):
        begin_totp(own)


def test_secrets_of_apps_lie_sealed_in_the_database(rita: Caller, clock: Clock) -> None:
    from allauth.mfa.models import Authenticator

    app = give_app(id_of(rita), clock)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert app.secret not in kept
    token = prove_by_totp(rita, app.code()).proof
    assert not ProofAttempt.objects.filter(token_sha256=token).exists()


# --- security keys ---


def give_key(user_id: int) -> SecurityKey:
    """Give a user a security key as allauth's page keeps it."""
    from allauth.mfa.models import Authenticator
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity

    key = SecurityKey("localhost")
    server = Fido2Server(PublicKeyCredentialRpEntity(name="Tocsin", id="localhost"))
    who = PublicKeyCredentialUserEntity(name="rita", id=b"rita", display_name="Rita")
    options, state = server.register_begin(who)
    answer = key.register(dict(options))
    server.register_complete(state, answer)
    Authenticator.objects.create(
        user_id=user_id, type="webauthn", data={"name": "key", "credential": answer}
    )
    return key


def test_a_security_key_lets_its_user_sign(rita: Caller) -> None:
    key = give_key(id_of(rita))
    options, handed = begin_key_proof(rita)
    answer = key.sign(options)
    release(prove_by_key(rita, handed, answer))
    assert [line.method for line in list_signatures(rita, "letter:7")] == ["webauthn"]
    with pytest.raises(ProofRefused):  # the very same answer again
        prove_by_key(rita, handed, answer)


@pytest.mark.parametrize("spoil", ["other key", "other origin", "other question", "rubbish"])
def test_an_answer_that_does_not_fit_is_refused(rita: Caller, spoil: str) -> None:
    key = give_key(id_of(rita))
    options, handed = begin_key_proof(rita)
    asked: dict[str, Any] = options
    if spoil == "other key":
        key = SecurityKey("localhost", credential_id=key.credential_id)
    elif spoil == "other origin":
        key.origin = "https://evil.example"
    elif spoil == "other question":
        asked, _ = begin_key_proof(rita)
    answer = {"id": "x"} if spoil == "rubbish" else key.sign(asked)
    with pytest.raises(ProofRefused):
        prove_by_key(rita, handed, answer)
    assert events()[-1] == "step_up_failed"


def test_a_question_is_its_users_alone(rita: Caller) -> None:
    key = give_key(id_of(rita))
    otto = caller_of(make_user("otto", Role.RELEASER))
    options, handed = begin_key_proof(rita)
    with pytest.raises(ProofRefused):
        prove_by_key(otto, handed, key.sign(options))
    with pytest.raises(ProofRefused):
        prove_by_key(rita, handed + "x", key.sign(options))


@pytest.mark.parametrize(
    "fields",
    [
        {"roles": [], "step_up": True, "events": [SIGNED]},
        {"roles": ["releaser"], "with_console": True, "step_up": True, "events": [SIGNED]},
        {"roles": ["releaser", "administrator"], "step_up": True, "events": [SIGNED]},
        {"roles": ["releaser"], "step_up": True, "events": ["letter_released"]},
        {"own": True, "step_up": True, "events": [SIGNED]},
        {"own": True, "roles": ["author"]},
    ],
)
def test_the_table_of_rights_lets_nobody_sign_who_must_not(fields: dict[str, Any]) -> None:
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        Right.model_validate(fields)
