"""Lots and serial numbers: what is one, and which lists, prefixes and ranges it is in."""

import pytest

from tocsin.base.truth import Truth
from tocsin.identify.numbering import (
    NumberSet,
    RangeInverted,
    UnreadableNumber,
    number_range,
    numbers_with_prefix,
    one_number,
    parse_numbering,
)

T, U, F = Truth.TRUE, Truth.UNKNOWN, Truth.FALSE


def truth(items: list[NumberSet], text: str) -> Truth:
    return max(item.truth_of(parse_numbering(text)) for item in items)


@pytest.mark.parametrize(
    ("text", "prefix", "counter", "width"),
    [
        ("gwx 001", "GWX", "011", 3),
        ("GWX206", "GWX", "03206", 3),
        ("000", "", "00", 3),
        ("SN-77", "SN", "0277", 2),
        ("12-001", "", "0512001", 6),
        ("7A001", "", "x7A001", 0),
        ("GWX001A", "GWX", "x1A", 0),
        ("GWX001ABC", "GWX", "x1ABC", 0),
    ],
)
def test_reading(text: str, prefix: str, counter: str, width: int) -> None:
    read = parse_numbering(text)
    assert (read.prefix, read.counter, read.width) == (prefix, counter, width)


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "A1, A2", "A1;A2", "A1|A2", "A1 & A2", "x1" * 21, "A\x001", "A\u200b1"),
        *("ABC", "illegible", "N/K", "####", "???", "ロット"),
        *("1207.0", "1.23457E+12", "1E+12", "1.e+5"),
    ],
)
def test_what_is_not_one_number(text: str) -> None:
    with pytest.raises(UnreadableNumber):
        parse_numbering(text)


@pytest.mark.parametrize(
    ("first", "second"), [("9", "10"), ("A9", "A10"), ("99", "100"), ("0", "1")]
)
def test_counters_sort_as_numbers(first: str, second: str) -> None:
    assert parse_numbering(first).counter < parse_numbering(second).counter


@pytest.mark.parametrize(
    ("listed", "text", "expected"),
    [
        ("GWX001", "gwx 001", T),
        ("GWX001", "GWX002", F),
        ("GWX001", "GWY001", F),
        ("GWX001", "001", U),
        ("GWX001", "1", U),
        ("GWX001", "GWX1", U),
        ("GWX001", "GWX0001", U),
        ("GWX001", "GWX-001", U),
        ("GWX-001", "GWX001", U),
        ("001", "GWX001", U),
        ("1207", "01207", U),
        ("7A001", "7A001", T),
        ("7A001", "7A002", F),
        ("07A1", "7A1", U),
        ("2E05", "2e05", T),
        ("12-34", "1234", U),
        ("GWX001", "GWX001A", U),
        ("GWX001", "GWX001-A2", U),
        ("GWX001", "GWX001/2", U),
        ("GWX001", "GWX0011", F),
        ("GWX001", "GWX002A", F),
        ("GWX001A", "GWX001", U),
        ("GWX001-2", "GWX001", U),
        ("GWX001A", "GWX001A1", F),
        ("GWX001A", "GWX001B", F),
        ("GWX001A", "GWX00", F),
    ],
)
def test_a_listed_number(listed: str, text: str, expected: Truth) -> None:
    assert truth(one_number(listed), text) is expected


@pytest.mark.parametrize(
    ("prefix", "text", "expected"),
    [
        ("GWX", "GWX1", T),
        ("gw x", "GWX1", T),
        ("GWX2", "GWX2050", T),
        ("GWX2", "GWX1050", F),
        ("GWX2", "GWX-2050", U),
        ("GWX-2", "GWX2050", U),
        ("GWX2", "2050", U),
        ("SN-", "SN-123", T),
        ("SN-", "SN123", U),
        ("SN-", "AB123", F),
        ("23", "2305", T),
        ("23", "2405", F),
        ("23", "02305", U),
        ("23-1", "231440", U),
        ("23-1", "232440", F),
        ("0123", "12345", U),
        ("0123", "13345", F),
        ("GWX00", "GWX1", U),
        ("GWX00", "GWXY1", F),
        ("GWX00", "GWY001", F),
        ("0", "77", U),
        ("0", "A77", F),
        ("7A", "7A001", T),
        ("7A", "7B001", F),
        ("GWX2", "GWX2050A", T),
        ("GWX2", "GWX3050A", F),
    ],
)
def test_a_prefix(prefix: str, text: str, expected: Truth) -> None:
    assert truth(numbers_with_prefix(prefix), text) is expected


@pytest.mark.parametrize(
    ("first", "last", "text", "expected"),
    [
        ("GWX 001", "GWX 206", "GWX001", T),
        ("GWX 001", "GWX 206", "GWX206", T),
        ("GWX 001", "GWX 206", "GWX207", F),
        ("GWX 001", "GWX 206", "GWX000", F),
        ("GWX 001", "GWX 206", "GWY100", F),
        ("GWX 001", "GWX 206", "100", U),
        ("GWX 001", "GWX 206", "GWX99", U),
        ("GWX 001", "GWX 206", "GWX0099", U),
        ("GWX 001", "GWX 206", "GWX-100", U),
        ("GWX 001", "GWX 206", "GWX1-05", U),
        ("GWX 001", "GWX 206", "GWX1A5", F),
        ("GWX 001", "GWX 206", "GWX100-2", U),
        ("GWX 001", "GWX 206", "GWX100B", U),
        ("GWX 001", "GWX 206", "GWX206-C", U),
        ("GWX 001", "GWX 206", "GWX207B", F),
        ("GWX 001", "GWX 206", "GWX0100B", F),
        ("001", "206", "GWX100", U),
        ("SN9", "SN120", "SN9", T),
        ("SN9", "SN120", "SN99", T),
        ("SN9", "SN120", "SN120", T),
        ("SN9", "SN120", "SN8", F),
        ("SN9", "SN120", "SN121", F),
        ("SN9", "SN120", "SN057", U),
        ("SN-9", "SN-120", "SN-57", T),
        ("12-001", "12-206", "12-100", T),
        ("12-001", "12-206", "12100", U),
        ("12-001", "12-206", "13-100", F),
        ("7", "7", "7", T),
    ],
)
def test_a_range(first: str, last: str, text: str, expected: Truth) -> None:
    assert truth(number_range(first, last), text) is expected


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("GWX206", "GWX001"),
        ("GWX001", "GWY206"),
        ("GWX001", "206"),
        ("SN0100", "SN200"),
        ("7A1", "7A9"),
        ("12-001", "12-1000"),
    ],
)
def test_what_is_no_range(first: str, last: str) -> None:
    with pytest.raises(RangeInverted):
        number_range(first, last)


def test_the_end_of_a_range_must_be_one_number() -> None:
    with pytest.raises(UnreadableNumber):
        number_range("A1", "A2, A3")


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_prefix_is_refused(text: str) -> None:
    with pytest.raises(UnreadableNumber):
        numbers_with_prefix(text)
