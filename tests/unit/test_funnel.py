"""The funnel: stages that never rise, splits that add up, days in order."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tocsin.report.funnel import SPLITS, Course, Stage, by_day, funnel, funnel_by

DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 2, 1))
COURSES = st.builds(
    Course,
    st.sampled_from(["FR", "BE", ""]),
    st.sampled_from(["patient", "clinician"]),
    st.sampled_from(["e-mail", "letter", ""]),
    st.booleans(),
    DAYS,
    DAYS,
    st.booleans(),
    st.booleans(),
)


@given(st.lists(COURSES))
def test_stages_never_rise_and_splits_add_up(courses: list[Course]) -> None:
    whole = funnel(courses).amounts
    assert whole[0] == len(courses)
    assert list(whole) == sorted(whole, reverse=True)
    for split in SPLITS:
        rows = funnel_by(courses, split)
        assert [sum(each) for each in zip(*(row.amounts for row in rows), strict=True)] == (
            list(whole) if courses else []
        )
    days = by_day(courses)
    assert [day for day, _, _ in days] == sorted({day for day, _, _ in days})
    if days:
        assert days[-1][2] == whole[Stage.REACHED]
        assert days[-1][1] == whole[Stage.TOLD]


def test_each_person_stands_at_one_stage() -> None:
    told = date(2026, 1, 2)
    stages = [
        Course("FR", "patient", "", is_located=False),
        Course("FR", "patient", "", is_located=True),
        Course("FR", "patient", "letter", True, told),
        Course("FR", "patient", "letter", True, told, told),
        Course("FR", "patient", "letter", True, told, told, has_understood=True),
        Course("FR", "patient", "letter", True, told, told, True, True),
    ]
    assert [each.stage for each in stages] == list(Stage)
    # Done without understanding is not counted as acted: the answer contradicts itself.
    assert Course("", "patient", "", True, told, told, False, True).stage is Stage.REACHED
