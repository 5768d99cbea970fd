"""Sample calls of the services of accounts: signing in, second factors, proofs and signatures."""

from tests.lib.authenticator_app import App
from tests.services.sample_calls import HASHED, NOW, PRIVATE, Call, World, sample
from tocsin.services import accounts, authenticators, callers, signatures, step_up
from tocsin.services.work import SIGN_IN
from tocsin.store.models import Signature
from tocsin.store.tables.proof import ProofMethod
from tocsin.store.tables.signature import Meaning
from tocsin.store.tenancy import acting_for


@sample
def note_log_in(world: World) -> Call:
    return Call(accounts.note_log_in, "terminal", by=world.of_anna)


@sample
def note_account_event(world: World) -> Call:
    return Call(accounts.note_account_event, "authenticator_added", "totp", by=world.of_anna)


@sample
def note_failed_sign_in(world: World) -> Call:
    return Call(
        accounts.note_failed_sign_in, world.anna, "password", by=world.installation(None, SIGN_IN)
    )


@sample
def check_second_factor(world: World) -> Call:
    code = world.give_app(world.anna).code()
    machine = world.installation(None, SIGN_IN)
    return Call(callers.check_second_factor, world.anna, code, by=machine)


@sample
def open_terminal_session(world: World) -> Call:
    return Call(callers.open_terminal_session, by=world.of_anna)


@sample
def list_sessions(world: World) -> Call:
    callers.open_terminal_session(world.of_anna)
    return Call(accounts.list_sessions, by=world.of_anna)


@sample
def end_session(world: World) -> Call:
    callers.open_terminal_session(world.of_anna)
    key = accounts.list_sessions(world.of_anna)[0].key
    return Call(accounts.end_session, key, by=world.of_anna)


@sample
def end_all_sessions(world: World) -> Call:
    callers.open_terminal_session(world.of_anna)
    return Call(accounts.end_all_sessions, world.anna, "lost", by=world.installation(None))


@sample
def change_password(world: World) -> Call:
    callers.open_terminal_session(world.of_anna)
    return Call(accounts.change_password, f"{HASHED}-other", by=world.of_anna)


@sample
def reset_password(world: World) -> Call:
    return Call(accounts.reset_password, world.anna, f"{HASHED}-other", by=world.installation(None))


@sample
def begin_totp(world: World) -> Call:
    return Call(authenticators.begin_totp, by=world.of_anna)


@sample
def confirm_totp(world: World) -> Call:
    secret = authenticators.begin_totp(world.of_anna).secret
    code = App(secret, world.clock).code()
    return Call(authenticators.confirm_totp, secret, code, by=world.of_anna)


@sample
def make_recovery_codes(world: World) -> Call:
    world.give_app(world.anna)
    return Call(authenticators.make_recovery_codes, by=world.of_anna)


@sample
def remove_authenticators(world: World) -> Call:
    world.give_app(world.anna)
    return Call(
        authenticators.remove_authenticators, world.anna, "lost", by=world.installation(None)
    )


@sample
def check_totp_code(world: World) -> Call:
    return Call(step_up.check_totp_code, world.give_app(world.anna).code(), by=world.of_anna)


@sample
def check_key_answer(world: World) -> Call:
    state = {"challenge": "c", "host": "localhost"}  # an answer that is none is kept as well
    return Call(step_up.check_key_answer, state, {}, by=world.of_anna)


@sample
def list_signatures(world: World) -> Call:
    with acting_for(world.acme):
        Signature.objects.create(
            user_id=world.anna,
            printed_name=PRIVATE,
            signed_at=NOW,
            utc_offset_min=0,
            meaning=Meaning.REVIEWED,
            subject="letter:7",
            sha256="0" * 64,
            method=ProofMethod.TOTP,
        )
    return Call(signatures.list_signatures, "letter:7")
