"""Days, months and years as they are written."""

from datetime import date

import pytest

from tocsin.identify.day import HIGHEST_DAY, LOWEST_DAY, UnreadableDay, day_number, parse_days


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2011-02-03", date(2011, 2, 3), date(2011, 2, 3)),
        (" 2011-02-03 ", date(2011, 2, 3), date(2011, 2, 3)),
        ("2011-02", date(2011, 2, 1), date(2011, 2, 28)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("2011-12", date(2011, 12, 1), date(2011, 12, 31)),
        ("2011", date(2011, 1, 1), date(2011, 12, 31)),
        ("2012-02-29", date(2012, 2, 29), date(2012, 2, 29)),
        ("2011-02-03T10:30:00Z", date(2011, 2, 3), date(2011, 2, 3)),
        ("2011-02-03 10:30:00.5+01:00", date(2011, 2, 3), date(2011, 2, 3)),
        ("1900", date(1900, 1, 1), date(1900, 12, 31)),
        ("2199-12-31", date(2199, 12, 31), date(2199, 12, 31)),
    ],
)
def test_reading(text: str, first: date, last: date) -> None:
    days = parse_days(text)
    assert (days.first, days.last) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "03/04/2011", "3.4.2011", "20110203", "2011-2-3", "11-02-03"),
        *("2011-02-30", "2011-13", "2011-00", "2011-02-00", "2011-02-29"),
        *("1899-12-31", "2200", "0000", "2011-02-03 to 2011-02-05", "2011-02-03\n2012"),
    ],
)
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(UnreadableDay):
        parse_days(text)


def test_day_numbers_count_days() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(2012, 3, 1)) - day_number(date(2012, 2, 28)) == 2
    assert day_number(date(1969, 12, 31)) == -1


def test_every_day_that_can_be_read_lies_between_the_lowest_and_the_highest() -> None:
    assert day_number(parse_days("1900").first) > LOWEST_DAY
    assert day_number(parse_days("2199").last) + 1 < HIGHEST_DAY
