"""Sample calls of the services of print batches."""

from tests.services.sample_calls import NOW, OF_ACME, Call, World, sample, stage_on
from tests.services.sample_dispatch_calls import run_action
from tocsin.services import (
    letter_check,
    print_batches,
    print_handover,
    print_rendering,
    print_reports,
)
from tocsin.services.job_runs import run_next
from tocsin.services.work import WORKER
from tocsin.store.home import find_home
from tocsin.store.issued_letters import open_code, shown
from tocsin.store.models import IssuedLetter, PrintBatch
from tocsin.store.person_keys import person_keys
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

DIGEST = "0" * 64


@stage_on(run_action)
def begun(world: World) -> int:
    """Begin a batch of the one printed letter of an action, and return its id."""
    return print_batches.make_print_batch(world.having(Role.OPERATOR), run_action(world))


@stage_on(begun)
def made(world: World) -> int:
    """Make a batch of the one printed letter of an action, and return its id."""
    batch: int = begun(world)
    while run_next(lambda _: None) is not None:
        pass
    return batch


@stage_on(made)
def handed_over(world: World) -> int:
    """Hand a batch over, and return its id."""
    batch: int = made(world)
    print_handover.hand_over_print_batch(world.having(Role.OPERATOR), batch, DIGEST)
    return batch


def report(world: World, outcome: str) -> bytes:
    """Return what a print house says of the one letter."""
    with acting_for(world.acme):
        letter_id = shown(IssuedLetter.objects.get().letter_id)
    return f"letter_id,outcome,date\n{letter_id},{outcome},2026-11-21\n".encode()


@sample
def make_print_batch(world: World) -> Call:
    return Call(print_batches.make_print_batch, run_action(world))


@sample
def settle_print_batch(world: World) -> Call:
    batch = begun(world)
    worker = world.installation(world.acme, WORKER)
    return Call(print_rendering.settle_print_batch, batch, by=worker)


@sample
def list_print_batches(world: World) -> Call:
    batch = made(world)
    with acting_for(world.acme):
        action = PrintBatch.objects.get(pk=batch).action_id
    return Call(print_batches.list_print_batches, action)


@sample
def read_print_batch(world: World) -> Call:
    return Call(print_batches.read_print_batch, made(world))


@sample
def access_batch_letters(world: World) -> Call:
    return Call(print_handover.access_batch_letters, made(world))


@sample
def hand_over_print_batch(world: World) -> Call:
    return Call(print_handover.hand_over_print_batch, made(world), DIGEST)


@sample
def repeat_print_batch(world: World) -> Call:
    return Call(print_handover.repeat_print_batch, handed_over(world), DIGEST, OF_ACME)


@sample
def discard_print_batch(world: World) -> Call:
    return Call(print_batches.discard_print_batch, made(world), OF_ACME)


@sample
def keep_print_report(world: World) -> Call:
    batch = handed_over(world)
    return Call(print_reports.keep_print_report, batch, report(world, "posted"))


@sample
def close_print_batch(world: World) -> Call:
    return Call(print_batches.close_print_batch, handed_over(world), OF_ACME)


@sample
def read_issued_letter(world: World) -> Call:
    batch = handed_over(world)
    with acting_for(world.acme):
        letter = IssuedLetter.objects.select_related("dispatch").get(batch_id=batch)
        addressee = letter.dispatch.addressee_id
        vault, keys = Vault(find_home().persons_key), person_keys([addressee])
        code = open_code(vault, letter, addressee, keys[addressee])
    caller = letter_check.letter_caller(letter.letter_id, code, NOW)
    return Call(letter_check.read_issued_letter, letter.letter_id, code, by=caller)
