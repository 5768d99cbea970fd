"""What a release would be for is counted once; who signs is told when it may no longer hold."""

from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import TestCase

from tests.lib.desk_client import DeskClient
from tests.lib.machine_steps import steps_of
from tests.lib.prepared import Prepare
from tests.lib.released_action import HOLDER_COLUMNS, relay
from tests.services.kept_actions import proven
from tests.services.lists import import_list, write_list
from tests.services.test_release_preview import PEOPLE, Arranged, arrange
from tocsin.services.letter_release import (
    LetterPreview,
    LettersNotSeen,
    read_letter_preview,
    review_letters,
)
from tocsin.services.release_counts import HARMLESS, MOST_AT_ONCE
from tocsin.services.release_preview import (
    DispatchPreview,
    access_sample_letter,
    read_dispatch_preview,
)
from tocsin.services.rights import rights_table
from tocsin.services.work import Caller
from tocsin.store.models import MatchRun, Verdict
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

__all__ = ["relay"]
pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("relay")]
_WARNING = "may no longer hold"


@pytest.fixture
def arranged(database: str, prepared: Prepare) -> Arranged:
    if database != "sqlite":
        pytest.skip("these are the steps of SQLite's machine")
    return prepared(arrange, Path)


def look(caller: Caller, action: int, *, may_be_old: bool = True) -> DispatchPreview:
    """Return the numbers, and keep them as after a commit: no test commits."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return read_dispatch_preview(caller, action, may_be_old=may_be_old)


def look_at_letters(caller: Caller, action: int) -> LetterPreview:
    return read_letter_preview(caller, action, may_be_old=True)


def page_of(client: DeskClient, place: str) -> str:
    with TestCase.captureOnCommitCallbacks(execute=True):
        return str(client.get(place).content.decode())


def grow(caller: Caller, action: int, n: int) -> None:
    """Put so many more holders on the list, of whom nothing is known."""
    with acting_for(caller.organisation_id):
        run = MatchRun.objects.get(action=action)
        Verdict.objects.bulk_create(
            Verdict(
                run=run, place=0, registry_id=1, row_no=1_000 + row, device_id=f"X{row:06}",
                holder_id=f"X{row}", truth=1, reason_code="R1",
            )
            for row in range(n)
        )  # fmt: skip


def import_people(caller: Caller, folder: Path, *people: tuple[str, ...]) -> None:
    import_list(caller, "list", write_list(folder / "h.csv", HOLDER_COLUMNS, people), "holders")


def test_a_look_costs_the_same_however_long_the_list_is(arranged: Arranged) -> None:
    _, team, action = arranged
    caller = team[Role.REVIEWER]

    def steps() -> tuple[int, int, int, int]:
        cache.clear()
        counted = steps_of(lambda: look(caller, action))
        seen = steps_of(lambda: look(caller, action))
        signed = steps_of(lambda: look_at_letters(caller, action))
        person = look(caller, action).samples[0].person
        return counted, seen, signed, steps_of(lambda: access_sample_letter(caller, action, person))

    few = steps()
    grow(caller, action, 500)
    many = steps()
    assert many[0] > 5 * few[0], "nobody has counted"
    for n_few, n_many in zip(few[1:], many[1:], strict=True):
        assert n_many < 1.2 * n_few, f"{few}, then {many}"


def test_who_signs_a_large_list_is_told_that_it_may_have_changed(
    arranged: Arranged, tmp_path: Path
) -> None:
    clients, team, action = arranged
    caller, client = team[Role.REVIEWER], clients[Role.REVIEWER]
    grow(caller, action, MOST_AT_ONCE)
    before, seen = look(caller, action), look_at_letters(caller, action)
    assert (before.since, before.other_language) == ({}, 1)
    assert "recipients" not in seen.manifest["dispatch"]
    place = f"/desk/actions/{action}/release/"
    assert _WARNING not in page_of(client, f"{place}letters/")

    no_more_french = [(*person[:-1], "en") for person in PEOPLE]
    import_people(team[Role.OPERATOR], tmp_path, *no_more_french)
    old = look(caller, action)
    assert (old.since["holders_kept"], old.other_language) == (1, 1)
    assert old.counted_at == before.counted_at
    for page in ("letters/", "review-letters/"):
        told = page_of(client, place + page)
        assert _WARNING in told
        assert "holders kept" in told
    with pytest.raises(LettersNotSeen):
        review_letters(proven(caller), action, look_at_letters(caller, action).sha256)

    assert "0 get a letter in another language" in page_of(client, f"{place}letters/?count=again")
    assert _WARNING not in page_of(client, f"{place}review-letters/")
    assert review_letters(proven(caller), action, look_at_letters(caller, action).sha256)
    assert look(caller, action).since == {}, "a review changes nothing of it"


def test_a_small_list_is_counted_again_at_once(arranged: Arranged, tmp_path: Path) -> None:
    _, team, action = arranged
    caller = team[Role.AUDITOR]
    assert look(caller, action).unreachable == 1
    seen = look_at_letters(caller, action).sha256
    assert seen == read_letter_preview(caller, action).sha256, "kept, and made of the whole list"
    import_people(team[Role.OPERATOR], tmp_path, (*PEOPLE[2][:3], "x@x.example", "", "en"))
    now = look(caller, action)
    assert (now.unreachable, now.since) == (0, {})


def test_what_cannot_change_a_count_is_an_event_of_ours() -> None:
    events = {event for right in rights_table().values() for event in right.events}
    assert sorted(HARMLESS - events) == []
