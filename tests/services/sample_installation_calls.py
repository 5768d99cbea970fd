"""Sample calls of the services of the installation itself: backup, restore, arming the sender."""

from uuid import UUID

from tests.services.sample_calls import NOW, Call, World, sample
from tests.services.sample_person_calls import keep_one
from tests.services.sample_registry_calls import queue
from tocsin.services import arming, backups, callers, example, restored
from tocsin.store.models import JobState

OTHER = UUID("00000000-0000-4000-8000-000000000000")


def register(world: World) -> None:
    arming.register_installation(world.installation(None))


@sample
def register_installation(world: World) -> Call:
    return Call(arming.register_installation, by=world.installation(None))


@sample
def raise_epoch(world: World) -> Call:
    register(world)
    return Call(arming.raise_epoch, "sender_armed", "moved here", by=world.installation(None))


@sample
def note_backup(world: World) -> Call:
    facts = {"head": 7, "made_at": NOW.isoformat()}
    return Call(backups.note_backup, "backup_made", "0" * 64, facts, by=world.installation(None))


@sample
def settle_restore(world: World) -> Call:
    register(world)
    queue(world, JobState.CLAIMED)
    callers.open_terminal_session(world.of_anna)
    erased = {keep_one(world): NOW.isoformat()}
    return Call(
        restored.settle_restore, OTHER, erased, {}, "the disk died", by=world.installation(None)
    )


@sample
def add_example(_: World) -> Call:
    return Call(example.add_example)
