"""When another DI surely is another product."""

import pytest

from tocsin.identify.udi.di import is_di, may_refute

OURS, OTHER = "00718175003305", "00763000100018"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OURS, True), ("DVIV572812AN1", True), ("H123PARTNO1234567890120", True),
        ("A9999XYZ100T0944", True), ("1TE123456A", True), ("0718175003305", False),
        ("008500066132625", False), ("0071817500330X", False), ("1234567890", False), ("", False),
        ("MMT-722", False), ("dviv572812an1", False), ("(01)" + OURS, False),
    ],
)  # fmt: skip
def test_bare_identifiers(text: str, expected: bool) -> None:
    assert is_di(text) is expected


@pytest.mark.parametrize(
    ("di", "listed", "expected"),
    [
        (OURS, [OTHER], True),
        (OURS, [], False),
        (OURS[:-1] + "6", [OTHER], False),  # mistyped on the record
        (OURS, [OTHER, OTHER[:-1] + "0"], False),  # mistyped in the notice
        ("10718175003302", [OURS], False),  # a pack of the same product
        (OURS, ["DVIV572812AN1"], False),  # a device can bear a DI of each agency
        (OURS, [OTHER, "DVIV572812AN1"], True),
        ("DVIV572812AN1", [OTHER], False),
        ("DVIV572812AN1", ["DVIV572812AN2"], False),  # another unit of the same product
        ("DVIV572812AN1", ["DVIV999999XX1"], True),
    ],
)
def test_what_refutes(di: str, listed: list[str], expected: bool) -> None:
    assert may_refute(di, listed) is expected
