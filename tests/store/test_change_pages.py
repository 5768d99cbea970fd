"""What a comparison of two runs costs on SQLite, counted in steps of its machine: no clock."""

from collections.abc import Callable, Iterator

import pytest

from tests.lib.machine_steps import steps_of
from tests.lib.sending import PAST, arrange
from tocsin.match.figures import Change
from tocsin.store.change_pages import (
    ChangeKey,
    ComparedRuns,
    compare_notices,
    count_changes_of,
    page_of_changes,
)
from tocsin.store.models import Action, MatchRun, Verdict
from tocsin.store.run_rows import SamePersons
from tocsin.store.tenancy import acting_for

N_DEVICES = 300
_NOBODY_TWICE = SamePersons({})


def run_of(action_id: int, number: int, n_devices: int, gone: int) -> MatchRun:
    """Return a run in which all devices but one are concerned by one notice."""
    run = MatchRun.objects.create(
        action_id=action_id, number=number, matched_at=PAST, software_version="0", key_stamp="0",
        n_records=0, n_verdicts=0, figures=b"{}", figures_sha256="0" * 64,
        verdicts_sha256="0" * 64,
    )  # fmt: skip
    Verdict.objects.bulk_create(
        Verdict(
            run=run, place=0, registry_id=1, row_no=row, device_id=f"D{row:06}",
            holder_id=f"H{row}", truth=1, reason_code="R1",
        )
        for row in range(n_devices)
        if row != gone
    )  # fmt: skip
    return run


@pytest.fixture
def compare(database: str) -> Iterator[Callable[[int], ComparedRuns]]:
    """Return what makes an action's two runs over so many devices, of which one goes, one comes."""
    if database != "sqlite":
        pytest.skip("these are the steps of SQLite's machine")
    arranged = arrange(0)
    with acting_for(arranged.organisation_id):

        def make(n_devices: int) -> ComparedRuns:
            action = Action.objects.create(title="T", state="open", opened_at=PAST).pk
            older, newer = (run_of(action, n, n_devices, gone=n) for n in (1, 2))
            return compare_notices(older, newer, (["N"], ["N"]), [])

        yield make


@pytest.mark.sqlite_is_enough
def test_twice_the_devices_cost_twice_the_steps(compare: Callable[[int], ComparedRuns]) -> None:
    """Each verdict finds the other run's by an index, wherever all of them are walked over."""
    once, twice = compare(N_DEVICES), compare(2 * N_DEVICES)

    def count(runs: ComparedRuns) -> int:
        return steps_of(lambda: count_changes_of(runs, _NOBODY_TWICE))

    def seek_few(runs: ComparedRuns) -> int:
        wanted = [Change.NEWLY_IN, Change.NEWLY_OUT]
        return steps_of(lambda: page_of_changes(runs, _NOBODY_TWICE, wanted, None, 50))

    for steps in (count, seek_few):
        n, n_twice = steps(once), steps(twice)
        assert n > 20 * N_DEVICES, "nobody has walked over the runs"
        assert n_twice < 3 * n, f"{n:,} steps, then {n_twice:,}"


@pytest.mark.sqlite_is_enough
def test_a_page_costs_the_page(compare: Callable[[int], ComparedRuns]) -> None:
    """However many devices there are, and wherever in them it begins."""
    once, twice = compare(N_DEVICES), compare(2 * N_DEVICES)

    def steps(runs: ComparedRuns, n_before: int | None) -> int:
        after = None if n_before is None else ChangeKey(f"D{n_before:06}", 1, 0)
        return steps_of(lambda: page_of_changes(runs, _NOBODY_TWICE, [Change.UNCHANGED], after, 5))

    n = steps(once, 10)
    others = [(once, N_DEVICES - 10), *((twice, at) for at in (None, 10, 2 * N_DEVICES - 10))]
    for runs, n_before in others:
        assert steps(runs, n_before) < 1.5 * n
