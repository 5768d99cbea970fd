"""Plans: the chain of case C as it was in 2020, what a shift moves, who is late, and clocks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.outreach.clocks import clock_events, find_clocks, known_clocks
from tocsin.outreach.plan import (
    Milestone,
    MilestoneReached,
    MilestoneUnknown,
    Shift,
    find_late,
    followers,
    known_chains,
    lay_out,
    patients_told_first,
    shift,
)
from tocsin.outreach.working_days import WorkingDays

COUNTRIES = ["BE", "FR", "NL", "SE"]
DAYS_2020 = {
    "translations_submitted": date(2020, 6, 22),
    "translations_agreed": date(2020, 7, 6),
    "disseminated": date(2020, 7, 20),
}


def case_c() -> list[Milestone]:
    return lay_out("dhpc", date(2020, 6, 2), COUNTRIES, DAYS_2020)


def day_of(plan: list[Milestone], key: str) -> date | None:
    return next(each.due_on for each in plan if each.key == key)


def test_case_c_is_the_timetable_of_2020() -> None:
    plan = case_c()
    assert len(plan) == 1 + 4 * 4
    assert plan[0] == Milestone(
        "dhpc/agreed_in_english",
        "Text and plan agreed in English",
        "",
        "authority",
        "",
        date(2020, 6, 2),
    )
    for country in COUNTRIES:
        assert day_of(plan, f"dhpc/{country}/translations_submitted") == date(2020, 6, 22)
        assert day_of(plan, f"dhpc/{country}/translations_agreed") == date(2020, 7, 6)
        for audience in ("clinician", "patient"):
            assert day_of(plan, f"dhpc/{country}/disseminated/{audience}") == date(2020, 7, 20)


def test_a_shift_moves_what_follows_in_its_country_by_working_days() -> None:
    plan, shifts = shift(case_c(), "dhpc/BE/translations_agreed", date(2020, 7, 8))
    assert shifts == [
        Shift("dhpc/BE/translations_agreed", date(2020, 7, 6), date(2020, 7, 8)),
        # Two working days after the 20th: the 21st is Belgium's national day.
        Shift("dhpc/BE/disseminated/clinician", date(2020, 7, 20), date(2020, 7, 23)),
        Shift("dhpc/BE/disseminated/patient", date(2020, 7, 20), date(2020, 7, 23)),
    ]
    assert day_of(plan, "dhpc/FR/disseminated/patient") == date(2020, 7, 20)


def test_a_common_step_moves_every_country_but_what_is_reached() -> None:
    plan = case_c()
    reached = "dhpc/FR/translations_submitted"
    plan = [
        Milestone(**{**vars(each), "reached_on": date(2020, 6, 19)})
        if each.key == reached
        else each
        for each in plan
    ]
    moved, shifts = shift(plan, "dhpc/agreed_in_english", date(2020, 6, 4))
    keys = {each.key for each in shifts}
    assert len(keys) == len(plan) - 1
    assert reached not in keys
    assert day_of(moved, reached) == date(2020, 6, 22)
    with pytest.raises(MilestoneReached, match="2020-06-19"):
        shift(plan, reached, date(2020, 7, 1))
    with pytest.raises(MilestoneUnknown, match="dhpc/agreed_in_english"):
        shift(plan, "dhpc/XX", date(2020, 7, 1))


def test_who_is_late_is_told_with_what_waits() -> None:
    late = find_late(case_c(), date(2020, 6, 24))
    assert [(each.milestone.key, each.n_days) for each in late[:2]] == [
        ("dhpc/agreed_in_english", 22),
        ("dhpc/BE/translations_submitted", 2),
    ]
    assert late[0].milestone.by == "authority"
    assert len(late[0].holds_up) == 16
    assert late[1].holds_up == (
        "dhpc/BE/translations_agreed",
        "dhpc/BE/disseminated/clinician",
        "dhpc/BE/disseminated/patient",
    )
    assert find_late(case_c(), date(2020, 6, 2)) == []


def test_patients_before_their_clinicians_are_found() -> None:
    plan = case_c()
    assert patients_told_first(plan) == []
    plan, _ = shift(plan, "dhpc/SE/disseminated/clinician", date(2020, 7, 22))
    assert patients_told_first(plan) == ["SE"]
    without = [each for each in plan if each.audience != "clinician"]
    assert patients_told_first(without) == COUNTRIES


@given(
    start=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    n=st.integers(1, 60),
    country=st.sampled_from([*COUNTRIES, "US", "", "AQ", "ZZ"]),
)
def test_working_days_add_up(start: date, n: int, country: str) -> None:
    days = WorkingDays(country)
    end = days.add(start, n)
    assert days.is_working(end)
    assert days.between(start, end) == n
    assert days.between(end, start) == -n
    assert days.add(start, 0) >= start


def test_a_country_without_known_holidays_is_rather_early() -> None:
    unknown = WorkingDays("ZZ")
    assert not unknown.knows_holidays
    assert unknown.add(date(2026, 12, 23), 3) <= WorkingDays("DE").add(date(2026, 12, 23), 3)


@pytest.mark.parametrize(
    ("key", "country", "kind", "event", "due"),
    [
        ("us-report", "US", "recall", date(2019, 6, 27), date(2019, 7, 12)),  # 4 July between
        ("us-warning", "US", "recall", date(2026, 11, 27), date(2026, 11, 30)),  # over a weekend
        ("eu-serious", "FR", "recall", date(2026, 2, 27), date(2026, 3, 14)),
        ("eu-threat", "TR", "recall", date(2026, 2, 27), date(2026, 3, 1)),
        ("eu-comments", "DE", "recall", date(2026, 11, 27), date(2026, 12, 1)),
        ("eu-supply", "SE", "discontinuation", date(2020, 12, 31), date(2020, 6, 30)),
        ("au-interim", "AU", "recall", date(2026, 1, 5), date(2026, 2, 16)),
    ],
)
def test_clocks_end_when_the_law_says(
    key: str, country: str, kind: str, event: date, due: date
) -> None:
    starts = known_clocks()[key].starts
    found = {each.key: each for each in find_clocks(kind, country, {starts: event})}
    assert found[key].due_on == due
    without = {each.key: each for each in find_clocks(kind, country, {})}
    assert without.keys() == found.keys()
    assert without[key].due_on is None


def test_tables_hold_no_dead_names() -> None:
    used = {clock.starts for clock in known_clocks().values()}
    assert used == set(clock_events())
    assert list(find_clocks("recall", "XX", {})) == []
    for chain in known_chains().values():
        assert chain.steps[0].is_common
        assert len({step.step for step in chain.steps}) == len(chain.steps)


def test_moving_all_dates_moves_nothing_else() -> None:
    """A plan laid out 364 days later, in a country without holidays, is the same plan later."""
    plan = lay_out("notice", date(2026, 1, 5), [""], {})
    later = lay_out("notice", date(2026, 1, 5) + timedelta(days=364), [""], {})
    assert [each.key for each in plan] == [each.key for each in later]
    for one, other in zip(plan, later, strict=True):
        assert one.due_on is not None
        assert other.due_on == one.due_on + timedelta(days=364)
    assert followers(plan, plan[0].key) == [each.key for each in plan[1:]]
