"""Version expressions of advisories: hand-checked readings, and the whole corpus."""

import json
from pathlib import Path

import pytest

from tocsin.identify.version_expression import ExpressionReading, parse_version_expression
from tocsin.notice.scope import VersionRange

ALL = "all"
UNREAD = "unread"
IN_DOUBT = "unread, and the product is in doubt"


def below(text: str) -> dict[str, str]:
    return {"below": text}


def at_most(text: str) -> dict[str, str]:
    return {"at_most": text}


def equal(*texts: str) -> list[dict[str, str]]:
    return [{"equal": text} for text in texts]


def between(first: str, last: str) -> dict[str, str]:
    return {"at_least": first, "at_most": last}


Expected = str | dict[str, str] | list[dict[str, str]]

# What stands in `product_version_range` branches.
RANGES: dict[str, Expected] = {
    "vers:all/*": ALL,
    "All versions": ALL,
    "<= 2.6A": at_most("2.6A"),
    "<V1.2": below("V1.2"),
    "≤ 1.2": at_most("1.2"),
    ">= 1.0 | <= 1.3": between("1.0", "1.3"),
    ">= 1.0.0  | <= 1.3.1": between("1.0.0", "1.3.1"),
    "=> 5.0 | <= 5.0.5.31": between("5.0", "5.0.5.31"),
    ">= V34.0.252 < V34.0.254": {"at_least": "V34.0.252", "below": "V34.0.254"},
    "> V2.5 < V21.9": {"above": "V2.5", "below": "V21.9"},
    ">= V8.7.0 and < V8.7.1.3": {"at_least": "V8.7.0", "below": "V8.7.1.3"},
    "All versions < V4.35": below("V4.35"),
    "All versions < V 4.03": below("4.03"),
    "All Versions >= V2.1 and < V2.1.3": {"at_least": "V2.1", "below": "V2.1.3"},
    "vers:all/<V4.3.8": below("V4.3.8"),
    "vers:all/>=V7.80<V9.40": {"at_least": "V7.80", "below": "V9.40"},
    "vers:intdot/>=1|<2": {"at_least": "1", "below": "2"},
    "vers:intdot/<=1.3|>=2.0|<2.4": [at_most("1.3"), {"at_least": "2.0", "below": "2.4"}],
    "vers:generic/<=2.6A": at_most("2.6A"),
    "vers:pypi/<=1.3.0|3.0.0": [at_most("1.3.0"), *equal("3.0.0")],
    "vers:pypi/0.0.2|0.0.6|0.0.1": equal("0.0.2", "0.0.6", "0.0.1"),
    "vers:npm/>=1.0.0|<2.0.0|": UNREAD,
    "vers:pypi/>=1.0rc1": UNREAD,
    "vers:pypi/>=3.0.0|!=2.0.3": UNREAD,
    "vers:intdot/>=2|<1": UNREAD,
    "vers:all/*_installed_on_CP200_devices": IN_DOUBT,
    "< 8.2.2": below("8.2.2"),
    "<= R8.0.3": at_most("R8.0.3"),
    "<= U61 |<= L81": [at_most("U61"), at_most("L81")],
    "<= 012U000061": at_most("012U000061"),
    "<= N": at_most("N"),
    # Quoted as `vers` wants it, unless what is quoted would separate.
    "<1.8.4%20SP%201": below("1.8.4 SP 1"),
    "<1.0%7C2.0": IN_DOUBT,
    "<1.0%0A": IN_DOUBT,
    "<= 3.0 D15": at_most("3.0 D15"),
    "<=2023.3_Build_9342": at_most("2023.3_Build_9342"),
    "< 1.8.4 Service Pack 01": below("1.8.4 Service Pack 01"),
    "< V4.5 SP6 HF2": below("V4.5 SP6 HF2"),
    "< V13 SP2 Update 2": below("V13 SP2 Update 2"),
    "<= 3.3.4 Build 16102416": at_most("3.3.4 Build 16102416"),
    "< 3.x": below("3.x"),
    ">=v5.0.x|<=5.16.x": between("v5.0.x", "5.16.x"),
    ">= 2.0": {"at_least": "2.0"},
    "1.5.x | 1.6.x | 1.7.x": equal("1.5.x", "1.6.x", "1.7.x"),
    "2.96 | 3.00 | >= 3.08 | <= 3.10 | >= 4.00 | <= 4.03": [
        *equal("2.96", "3.00"),
        between("3.08", "3.10"),
        between("4.00", "4.03"),
    ],
    # A plain version in a range branch has lost its operator ("Vuforia Studio: < 9.9").
    "9.9": UNREAD,
    "< 1.99 | 2.20 | 2.40": UNREAD,
    "<= 3.14.25 | 3.15.18": UNREAD,
    ">=13.0.0 | <= 13.0.2 | 13.1.0": UNREAD,
    "<= 4.2.21 | <= 5.0.27 | <= 5.1.19": UNREAD,
    ">= 1.0 | >= 2.4": UNREAD,
    "<=8.1 | >= 8.1.10": UNREAD,
    ">= 2.0 | <= 1.0": UNREAD,
    ">= A1.5.3 | <= B1.2.4": UNREAD,
    ">= <= 2.2 | 2.5.1": UNREAD,
    "3.0 and <": UNREAD,
    "A10 < A11": IN_DOUBT,
    "<= S4 A.07.107": IN_DOUBT,
    "< V3.X.14": UNREAD,
    "<= R7x": UNREAD,
    "< august 28": UNREAD,
    "<8/30/2024": UNREAD,
    "<April/5/2023": UNREAD,
    "< June 30 2015": UNREAD,
    "< 20210302": UNREAD,
    "<= 2019-09-21": UNREAD,
    "<= 2.01 (end-of-life Nov 2017)": UNREAD,
    "<= 1.54 (integrated into GE MobileLink)": IN_DOUBT,
    "< WinCC 7.2 Upd 15": IN_DOUBT,
    "<= first 2  digits of serial number are 04": IN_DOUBT,
    "All versions with OIS running on Debian 9 or earlier": IN_DOUBT,
    "<= 15.2(7)E3": IN_DOUBT,
    "": UNREAD,
    "   ": UNREAD,
}

# What stands in `product_version` branches and in prose.
VERSIONS: dict[str, Expected] = {
    "*": ALL,
    "9.7": equal("9.7"),
    "v1.2": equal("v1.2"),
    "2.X": equal("2.X"),
    "4.X | 5.X": equal("4.X", "5.X"),
    "12.4.*": equal("12.4.*"),
    "1.10 | 1.11 | 1.13": equal("1.10", "1.11", "1.13"),
    "6.3V1L10": equal("6.3V1L10"),
    "1.3.1 Build 13": equal("1.3.1 Build 13"),
    "5.17.1-754993421": equal("5.17.1-754993421"),
    "1.4.2.0-9d9eff4": equal("1.4.2.0-9d9eff4"),
    "J.3": equal("J.3"),
    "2.3.6 and  below": at_most("2.3.6"),
    "prior to 1.7": below("1.7"),
    "versions prior to Version 8.2.2": below("8.2.2"),
    "prior to and including 1.2": at_most("1.2"),
    "Version 9.5 and prior versions": at_most("9.5"),
    "v3.3.0 or earlier": at_most("v3.3.0"),
    "3.1.4 (and earlier)": at_most("3.1.4"),
    "All Versions 2.0 and later": {"at_least": "2.0"},
    "later than 2.0": {"above": "2.0"},
    "R1.01 through R1.03": between("R1.01", "R1.03"),
    "2.8.2 and 2.8.19": equal("2.8.2", "2.8.19"),
    "Versions V8.0, V8.1": equal("V8.0", "V8.1"),
    "prior to 1.99 2.20 or 2.40": UNREAD,
    "up to 7.0": IN_DOUBT,
    "All versions 2.0": IN_DOUBT,
    "Version A, Firmware A.03.09": UNREAD,
    "All firmware versions prior to version 1.7": below("1.7"),
    "software versions 1.0 and version 1.1": equal("1.0", "1.1"),
    "1.10 1.11": UNREAD,
    "6.0.0-3": UNREAD,
    "12.6.1-12.6.7": UNREAD,
    "* | 1.5.0": UNREAD,
    "1.2 *": UNREAD,
    "F.0.G.0 | J.3": UNREAD,
    "2nd Edition": UNREAD,
    "Rev J-M": UNREAD,
    "* (end-of-life 2011)": UNREAD,
    "(Release 1.3.2 1.4.0 1.4.1)": UNREAD,
    "No version": UNREAD,
    "3120": IN_DOUBT,
    "620 | 650 | 650c": IN_DOUBT,
    "7100 | 7900 MRI": IN_DOUBT,
    "A51200": IN_DOUBT,
    "A10 | A11": IN_DOUBT,
    "2017": IN_DOUBT,
    "2020 R2": IN_DOUBT,
    "1783-SAD4T0SBK9": IN_DOUBT,
    "CoaguChek Pro II": IN_DOUBT,
    "882300 Gemini 16 Slice": IN_DOUBT,
    "v8.x model 35700BAX2": IN_DOUBT,
    "LPI 3.5.12.P30": IN_DOUBT,
    "Rev J-M | (X3/MX100 for Rev M only)": IN_DOUBT,
    "with wireless option (shipped between 2016-August 2018)": IN_DOUBT,
}


def _said(reading: ExpressionReading) -> Expected:
    if reading.unread is not None:
        assert not reading.parts
        assert not reading.all_versions
        return IN_DOUBT if reading.doubts_product else UNREAD
    if reading.all_versions:
        assert not reading.parts
        return ALL
    return [part.bounds() for part in reading.parts]


def _listed(expected: Expected) -> Expected:
    return [expected] if isinstance(expected, dict) else expected


@pytest.mark.parametrize(("text", "expected"), RANGES.items())
def test_a_range_branch_is_read(text: str, expected: Expected) -> None:
    assert _said(parse_version_expression(text, ranged=True)) == _listed(expected)


@pytest.mark.parametrize(("text", "expected"), VERSIONS.items())
def test_a_version_branch_is_read(text: str, expected: Expected) -> None:
    assert _said(parse_version_expression(text, ranged=False)) == _listed(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", equal("7")),
        ("A10 | A11", equal("A10", "A11")),
        ("N", equal("N")),
        ("3120", IN_DOUBT),  # "MyCareLink Monitor: Versions 24950 and 24952" are models
        ("24950 | 24952", IN_DOUBT),
        ("A51200", IN_DOUBT),
        ("2017", IN_DOUBT),
    ],
)
def test_a_short_number_is_a_version_only_where_it_is_called_one(
    text: str, expected: Expected
) -> None:
    assert _said(parse_version_expression(text, ranged=False)) == IN_DOUBT
    assert _said(parse_version_expression(text, ranged=False, called_version=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Versions 1.10 1.11 1.13 1.14", equal("1.10", "1.11", "1.13", "1.14")),
        ("Versions 9.13 9.19 9.33 and 12.1", equal("9.13", "9.19", "9.33", "12.1")),
        (
            "software Versions U61 and earlier L81 and earlier",
            [at_most("U61"), at_most("L81")],
        ),
        ("Versions 4.2.21 5.0.27 5.1.19 6.0.16 and prior", UNREAD),
        ("1.0 and below 2.0", UNREAD),
    ],
)
def test_prose_may_list_without_joints(text: str, expected: Expected) -> None:
    assert _said(parse_version_expression(text, ranged=False, spaced_lists=True)) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<= 2.6A", "V2.6A and lower", True),
        ("1.1 | 1.2", "1.2 and 1.1", True),
        ("2.2", "2.20", False),
        ("<= 3.01.1744", "3.02.1744 and prior", False),
        ("< 2.0", "<= 2.0", False),
        ("vers:all/*", "All versions", True),
        ("vers:all/*", "< 2.0", False),
        ("no version at all", "no version at all", False),
    ],
)
def test_two_readings_are_compared_by_what_they_mean(one: str, other: str, same: bool) -> None:
    first, second = (parse_version_expression(text, ranged=False) for text in (one, other))
    assert first.same_as(second) is same


def test_every_part_is_a_range_of_a_notice() -> None:
    for text in (*RANGES, *VERSIONS):
        for ranged in (True, False):
            for part in parse_version_expression(text, ranged=ranged).parts:
                read = VersionRange.model_validate(part.bounds())
                assert read.model_dump(exclude_defaults=True) == part.bounds()


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name", ["icsma_version_expressions.json", "ics_unique_version_expressions.json"]
)
def test_every_expression_of_the_corpus_is_read_or_unreadable(name: str, corpus: Path) -> None:
    """Never an exception, never a range that a notice refuses, never half a reading."""
    listed = json.loads((corpus / "csaf" / name).read_text(encoding="utf-8"))
    assert listed
    for each in listed:
        ranged = each["category"] == "product_version_range"
        for called in (False, True):
            reading = parse_version_expression(each["name"], ranged=ranged, called_version=called)
            assert _said(reading) is not None
            assert reading.all_versions or reading.parts or reading.unread
            for part in reading.parts:
                VersionRange.model_validate(part.bounds())


@pytest.mark.corpus
def test_most_of_the_corpus_is_read(corpus: Path) -> None:
    """A guard against a reading that gives up: three quarters of the distinct expressions."""
    path = corpus / "csaf" / "ics_unique_version_expressions.json"
    listed = json.loads(path.read_text(encoding="utf-8"))
    read = [
        each
        for each in listed
        if parse_version_expression(
            each["name"], ranged=each["category"] == "product_version_range"
        ).unread
        is None
    ]
    assert len(read) > 0.7 * len(listed)
