"""Values that cannot be read: listed with how many records have them."""

import pytest

from tocsin.registry.findings import find_unreadable, is_quantity

VALUES = {
    "shipped_on": [("2011-01-04", 5), ("31/02/2020", 2), ("unknown", 9), ("2011", 1)],
    "software_version": [("2.4A", 3), ("newest", 4)],
    "country": [("US", 1), ("Deutschland", 7)],
    "quantity": [("10", 1), ("-3", 2), ("ten", 1)],
    "model": [("anything at all", 1), ("7.22E+02", 6)],
}


def test_each_unreadable_value_is_a_finding() -> None:
    found = find_unreadable(lambda column: VALUES[column], list(VALUES))
    assert [(f.column, f.value, f.records) for f in found] == [
        ("country", "Deutschland", 7),
        ("model", "7.22E+02", 6),
        ("quantity", "-3", 2),
        ("quantity", "ten", 1),
        ("shipped_on", "31/02/2020", 2),
        ("software_version", "newest", 4),
    ]


@pytest.mark.parametrize(
    ("text", "expected"), [("0", True), ("12", True), ("-1", False), ("nan", False), ("", False)]
)
def test_a_quantity_is_a_number_of_units(text: str, expected: bool) -> None:
    assert is_quantity(text) is expected


@pytest.mark.parametrize("code", ["UK", "el"])
def test_codes_that_are_no_iso_codes_are_unknown_and_listed(code: str) -> None:
    found = find_unreadable(lambda _: [(code, 1)], ["country"])
    assert [finding.value for finding in found] == [code]
