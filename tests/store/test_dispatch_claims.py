"""Claiming and beginning dispatches: only what may leave is claimed, and only it is begun."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from tests.lib.sending import PAST, Arranged, arrange, make_home
from tocsin.outreach.channels import Channel
from tocsin.outreach.sending_rules import Rate
from tocsin.services.restored import _doubt_what_waits
from tocsin.store import sending_statements
from tocsin.store.dispatch_claims import ClaimedDispatch, claim_dispatches
from tocsin.store.dispatch_tries import accept_and_begin, begin_dispatch, record_outcome
from tocsin.store.left_dispatches import settle_left
from tocsin.store.models import Action, Dispatch, DispatchAttempt, SendingStop
from tocsin.store.sending_buckets import Limits
from tocsin.store.tenancy import acting_for

LEASE = timedelta(minutes=2)
QUARANTINE = timedelta(minutes=20)
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def arranged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Arranged:
    home = make_home(tmp_path / "home", 25)
    monkeypatch.setenv("TOCSIN_HOME", str(home.folder))
    return arrange(5)


def claim(n: int = 1, limits: Limits | None = None) -> list[ClaimedDispatch]:
    return claim_dispatches("me:1:1:0", (Channel.EMAIL, None), n, LEASE, limits or Limits())


def change(**told: object) -> Callable[[Arranged], None]:
    return lambda _: Dispatch.everywhere.update(**told) and None


def pause(arranged: Arranged) -> None:
    Action.everywhere.filter(pk=arranged.action_id).update(state="paused")


def rehearse(arranged: Arranged) -> None:
    Action.everywhere.filter(pk=arranged.action_id).update(is_exercise=True)


def stop(arranged: Arranged) -> None:
    with acting_for(arranged.organisation_id):
        SendingStop.objects.create(stopped_at=datetime.now(tz=UTC))


HINDRANCES = {
    "the action is paused": pause,
    "it is an exercise": rehearse,
    "the organisation has stopped": stop,
    "its time is over": change(not_after=Now() - timedelta(seconds=1)),
    "its time has not come": change(not_before=Now() + timedelta(seconds=60)),
}


@pytest.mark.parametrize("hindrance", HINDRANCES.values(), ids=HINDRANCES.keys())
def test_what_must_not_leave_is_neither_claimed_nor_begun(
    arranged: Arranged, hindrance: Callable[[Arranged], None]
) -> None:
    (held,) = claim()
    hindrance(arranged)
    assert not begin_dispatch(held, "me", QUARANTINE)
    assert claim(5) == []


def test_who_lost_the_lease_or_the_fence_begins_nothing(arranged: Arranged) -> None:
    assert arranged
    first, second, third = claim(3)
    Dispatch.everywhere.filter(pk=first.dispatch_id).update(lease_until=Now() - LEASE)
    assert not begin_dispatch(first, "me", QUARANTINE)
    assert settle_left([]) == (1, 0)
    (again,) = [each for each in claim(5) if each.dispatch_id == first.dispatch_id]
    assert again.fence == first.fence + 1
    assert not begin_dispatch(first, "me", QUARANTINE)
    assert begin_dispatch(again, "me", QUARANTINE)
    assert begin_dispatch(second, "me", QUARANTINE)
    assert not begin_dispatch(second, "me", QUARANTINE)
    held = Dispatch.everywhere.get(pk=second.dispatch_id)
    left = (held.lease_until or held.state_at) - held.state_at
    assert abs(left - QUARANTINE) < timedelta(seconds=1)
    assert settle_left(["me:1:1:0"]) == (3, 0)
    assert not begin_dispatch(third, "me", QUARANTINE)


def test_begun_and_left_is_unknown_and_a_late_answer_still_counts(arranged: Arranged) -> None:
    assert arranged
    first, second = claim(2)
    for each in (first, second):
        assert begin_dispatch(each, "gone", QUARANTINE)
    assert settle_left([]) == (0, 0)
    assert settle_left(["gone"]) == (0, 2)
    assert claim(1)[0].dispatch_id not in {first.dispatch_id, second.dispatch_id}
    for _ in range(2):
        record_outcome(first, "gone", "accept", (250, "2.0.0 taken"))
        record_outcome(second, "gone", "refuse_for_now", (451, "later"), LEASE)
    states = dict(Dispatch.everywhere.values_list("pk", "state"))
    assert states[first.dispatch_id] == "accepted"
    assert states[second.dispatch_id] == "unknown"
    tried = DispatchAttempt.everywhere.filter(dispatch_id=first.dispatch_id)
    assert sorted(tried.values_list("outcome", flat=True)) == ["accept", "lose_sight"]


def both(done: ClaimedDispatch, claim: ClaimedDispatch) -> tuple[bool, bool]:
    return accept_and_begin(done, "me", (250, "taken"), claim, ("me", QUARANTINE))


def states() -> list[str]:
    return list(Dispatch.everywhere.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("hindrance", HINDRANCES.values(), ids=HINDRANCES.keys())
def test_a_hindrance_between_two_mails_records_one_and_begins_none(
    arranged: Arranged, hindrance: Callable[[Arranged], None]
) -> None:
    first, second, third = claim(3)
    assert begin_dispatch(first, "me", QUARANTINE)
    assert both(first, second) == (True, True)
    assert states()[:3] == ["accepted", "handing_over", "claimed"]
    hindrance(arranged)
    assert both(second, third) == (True, False)
    assert states()[:3] == ["accepted", "accepted", "claimed"]
    tried = DispatchAttempt.everywhere.order_by("pk").values_list("dispatch_id", "outcome")
    assert list(tried) == [(each.dispatch_id, "accept") for each in (first, second)]


def test_who_lost_the_fence_of_the_next_still_records_the_one_before(arranged: Arranged) -> None:
    assert arranged
    first, second = claim(2)
    assert begin_dispatch(first, "me", QUARANTINE)
    Dispatch.everywhere.filter(pk=second.dispatch_id).update(fence=second.fence + 1)
    assert both(first, second) == (True, False)
    assert both(first, second) == (False, False), "recorded already: nothing may begin by that"
    assert states()[:2] == ["accepted", "claimed"]


def test_what_somebody_has_decided_meanwhile_begins_nothing_with_it(arranged: Arranged) -> None:
    assert arranged
    first, second = claim(2)
    assert begin_dispatch(first, "me", QUARANTINE)
    Dispatch.everywhere.filter(pk=first.dispatch_id).update(state="unknown")
    assert both(first, second) == (False, False)
    assert states()[:2] == ["unknown", "claimed"]
    assert DispatchAttempt.everywhere.get().outcome == "accept"
    record_outcome(first, "me", "accept", (250, "taken"))
    assert begin_dispatch(second, "me", QUARANTINE)
    assert states()[:2] == ["accepted", "handing_over"]
    assert DispatchAttempt.everywhere.count() == 1


def test_a_pooler_that_forgets_what_is_prepared_is_seen_once(
    arranged: Arranged, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert arranged
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL prepares")
    monkeypatch.setattr(sending_statements, "_may_prepare", True)
    first, second, third = claim(3)
    assert begin_dispatch(first, "me", QUARANTINE)
    assert both(first, second) == (True, True)
    # In a block, so that the driver does not see it: as a pooler does.
    connection.cursor().execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
    with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
        both(second, third)
    assert both(second, third) == (True, True)


def test_the_throttle_is_shared_and_holds(arranged: Arranged) -> None:
    assert arranged
    slow = Limits(relay=Rate(per_s=0.01, burst=2))
    assert len(claim(5, slow)) == 2
    assert claim(5, slow) == []
    destination = Dispatch.everywhere.values_list("destination", flat=True).first() or ""
    narrow = Limits(destinations={destination: Rate(per_s=0.01)})
    assert len(claim(5, narrow)) == 1
    assert claim(5, narrow) == []


def test_what_waits_in_a_restored_backup_is_unknown(arranged: Arranged) -> None:
    """It may have left after the backup was made, so nobody may send it by itself."""
    assert arranged
    (held,) = claim(1)
    assert _doubt_what_waits(PAST) == 5
    assert set(Dispatch.everywhere.values_list("state", flat=True)) == {"unknown"}
    assert not begin_dispatch(held, "me", QUARANTINE)
    assert claim(5) == []
