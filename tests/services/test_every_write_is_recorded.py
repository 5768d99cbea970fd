"""What holds for every service of the store, tried with one sample call each.

Each row that it adds, changes or removes is told in the audit trail, truly and without a person's
name or address; refused, it changes nothing; and called from another organisation it neither
changes nor returns anything of the first. How to add a service: tests/services/sample_calls.py.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from copy import copy
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from tests.lib.authenticator_app import Clock, clock
from tests.lib.prepared import Preparations, Prepare, Prepared
from tests.services.sample_calls import OF_ACME, PRIVATE, Call, Stage, World, load_samples
from tests.services.snapshots import (
    Snapshot,
    find_changes,
    find_untold,
    read_bodies,
    take_snapshot,
)
from tocsin.base.errors import TocsinError
from tocsin.services.rights import NotAllowed, rights_table
from tocsin.services.work import Caller
from tocsin.store.audit.trail import read_head
from tocsin.store.models import Membership, User
from tocsin.store.tenancy import acting_for

__all__ = ["clock"]
SAMPLES = load_samples()
NAMELESS = frozenset(
    {
        "begin_totp",
        "list_acknowledgements",
        "list_answer_files",
        "list_by_hand",
        "list_checks",
        "list_dispatches",
        "list_hand_overs",
        "list_print_batches",
        "list_recipients",
        "list_sessions",
        "preview_letter",
        "preview_letter_text",
        "read_conservation",
        "read_dispatch_preview",
        "read_history",
        "read_print_batch",
        "read_sending",
        "read_sending_stop",
        "read_trail_end",
        "read_health",
        "read_installation_facts",
        "read_urgent_findings",
        "verify_run",
    }
)
"""Services that only read, and whose answers name nothing and nobody."""

WRITING = sorted(name for name in SAMPLES if rights_table()[name].events)
READING = sorted(set(SAMPLES) - set(WRITING))
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(
    clock: Clock, database: str, prepared: Prepare, preparations: Preparations
) -> Iterator[World]:
    """Return a world whose first stage is where it was reached before."""
    with ExitStack() as undone:

        def prepare(world: World, stage: Stage) -> Any:
            """Take the world to a stage; nothing was done in it yet."""
            assert _n_changed() == n_changed, "a sample begins with its stage"
            found = _prepared_stage(database, preparations, stage)
            undone.enter_context(found.used())
            reached, value = found.value
            vars(world).update(vars(reached), clock=clock, prepare=None, reached=None)
            return value

        made = prepared(_begin_world)
        made.clock, made.prepare = clock, prepare
        n_changed = _n_changed()
        yield made


def _n_changed() -> int:
    """Return how many rows were changed since the database was opened; PostgreSQL cannot tell."""
    return int(getattr(connection.connection, "total_changes", 0))


def _begin_world() -> World:
    return World(Clock())


def _prepared_stage(kind: str, preparations: Preparations, stage: Stage) -> Prepared:
    """Return a database in which a stage is reached; what it returned has its world before it."""
    on = stage.on and _prepared_stage(kind, preparations, stage.on)

    def reach() -> tuple[World, Any]:
        world = World(Clock()) if on is None else copy(on.value[0])
        world.reached = on and (stage.on, on.value[1])
        return world, stage.make(world)

    return preparations.find(kind, stage, reach, on)


def test_every_service_has_a_sample_call() -> None:
    assert set(SAMPLES) == set(rights_table())


@pytest.mark.parametrize("name", WRITING)
def test_a_call_is_refused_kept_apart_and_recorded(name: str, world: World) -> None:
    _check_all(name, world)


@pytest.mark.sqlite_is_enough
@pytest.mark.parametrize("name", READING)
def test_a_look_is_refused_kept_apart_and_leaves_nothing(name: str, world: World) -> None:
    _check_all(name, world)


def _check_all(name: str, world: World) -> None:
    """Check all three with one sample, which takes longer to arrange than to call."""
    call = SAMPLES[name](world)
    mine = call.by or world.rightful(name, world.acme)
    others = world.rightful(name, world.other)
    before, head = take_snapshot(), read_head()
    _check_that_who_is_refused_changes_nothing(name, call, world)
    assert find_changes(before, take_snapshot()) == []
    assert read_head() == head
    with _undone():
        _check_that_another_organisation_gets_at_nothing(name, call, world, others, before)
    _check_that_every_write_is_recorded(name, call, mine, before)


def _check_that_every_write_is_recorded(
    name: str, call: Call, caller: Caller, before: Snapshot
) -> None:
    head = read_head()
    answer = call(caller)
    changes = find_changes(before, take_snapshot())
    bodies = read_bodies(head.seq if head else 0)
    assert list(find_untold(changes, bodies)) == []
    assert PRIVATE not in str(read_bodies(0)).lower()
    events = rights_table()[name].events
    assert {body["event"] for body in bodies} <= events
    assert bool(bodies) == bool(events), "a sample call must do what its service is for"
    if not events:
        assert changes == []
        assert name in NAMELESS or any(word in _tell(answer) for word in (PRIVATE, OF_ACME))


def _check_that_who_is_refused_changes_nothing(name: str, call: Call, world: World) -> None:
    callers = world.wrongful(name)
    assert callers
    for caller in callers:
        with pytest.raises(NotAllowed):
            call(caller)


def _check_that_another_organisation_gets_at_nothing(
    name: str, call: Call, world: World, caller: Caller, before: Snapshot
) -> None:
    """Its caller has every right, and knows the ids."""
    right = rights_table()[name]
    if not right.roles and not right.own and right.events and call.by:
        return  # the installation itself, which belongs to no organisation, calls it
    said = ""
    try:
        with transaction.atomic():
            said = _tell(call(caller))
    except TocsinError as error:
        said = _without_echo(error.sentence, call).lower()
    changes = find_changes(before, take_snapshot())
    with_users = bool(right.roles or right.own)
    assert [change for change in changes if change.is_of_acme(world, with_users=with_users)] == []
    if right.roles or right.own:
        assert PRIVATE not in said
        assert OF_ACME not in said


class _Undo(Exception):
    """Leaves a block so that nothing of it stays."""


@contextmanager
def _undone() -> Iterator[None]:
    """Take back what the block has written."""
    with suppress(_Undo), transaction.atomic():
        yield
        raise _Undo


def _tell(answer: Any) -> str:
    """Return an answer in words, rows with all their columns."""
    told = answer if isinstance(answer, list) else [answer]
    return repr([vars(each) if isinstance(each, Model) else each for each in told]).lower()


def _without_echo(sentence: str, call: Call) -> str:
    """Return what a refusal tells beyond what the caller has said themselves."""
    lists = [arg if isinstance(arg, list) else [arg] for arg in call.args]
    said = [getattr(each, "notice", each) for some in lists for each in some]
    for text in said:
        if isinstance(text, str):
            sentence = sentence.replace(text, "")
    return sentence


def test_what_is_not_told_or_told_wrongly_is_found(world: World) -> None:
    before = take_snapshot()
    User.objects.filter(pk=world.anna).update(name="Another", is_active=False)
    with acting_for(world.acme):
        Membership.objects.filter(user_id=world.anna).delete()
    changes = find_changes(before, take_snapshot())
    assert {change.table for change in changes} == {"user", "membership"}
    assert all(change.is_of_acme(world, with_users=True) for change in changes)
    told = {"subject": f"user:{world.anna}", "old": {"is_active": True}, "new": {}}
    assert list(find_untold(changes, [told])) == []
    (lie,) = find_untold(changes, [{**told, "new": {"is_active": True}}])
    assert "is told as True" in lie
    assert len(list(find_untold(changes, [{**told, "subject": "user:0"}]))) == 2
