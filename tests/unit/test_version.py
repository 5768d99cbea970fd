"""Versions: what can be read, and every sentence of the rules about their order.

The sentences are those of `docs/adr/0002-partial-version-order-and-its-keys.md` and of the
rule of version order in the reference manual.
"""

import pytest

from tocsin.base.truth import Truth
from tocsin.identify.version import (
    MAX_TOKENS,
    UnreadableVersion,
    compare,
    parse_version,
    satisfies,
    truth_of_relation,
)

T, U, F = Truth.TRUE, Truth.UNKNOWN, Truth.FALSE


def relation(version: str, bound: str) -> str:
    return compare(parse_version(version), parse_version(bound)).name


def tokens(text: str) -> list[str]:
    return [token.text for token in parse_version(text).tokens]


# --- reading -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "read"),
    [
        ("2.6A", "", ["2", "6", "A"]),
        ("v2.6A", "", ["2", "6", "A"]),
        ("V 2.6a", "", ["2", "6", "A"]),
        ("Version 2.6A", "", ["2", "6", "A"]),
        ("software version 2.6", "", ["2", "6"]),
        ("Firmware v. 2.6", "", ["2", "6"]),
        (" 1.05.06.00 ", "", ["1", "5", "6", "0"]),
        ("3120", "", ["3120"]),
        ("L81", "L", ["81"]),
        ("R8.0.3", "R", ["8", "0", "3"]),
        ("C.00.04", "C", ["0", "4"]),
        ("012U000061", "012U", ["61"]),
        ("N", "letter", ["N"]),
        ("Rev M", "letter", ["M"]),
        ("6.3V1L10", "", ["6", "3", "V", "1", "L", "10"]),
        ("22D28", "", ["22", "D", "28"]),
        ("3.0 D15", "", ["3", "0", "D", "15"]),
        ("1.3.1 Build 13", "", ["1", "3", "1", "BUILD", "13"]),
        ("2023.3_Build_9342", "", ["2023", "3", "BUILD", "9342"]),
        ("1.8.4 Service Pack 01", "", ["1", "8", "4", "SERVICE", "PACK", "1"]),
        ("V4.4 SP3 HF5", "", ["4", "4", "SP", "3", "HF", "5"]),
        ("8.0 SP2 Patch 1", "", ["8", "0", "SP", "2", "PATCH", "1"]),
        ("12.2SE", "", ["12", "2", "SE"]),
        ("5.17.1-754993421", "", ["5", "17", "1", "-754993421"]),
        ("4.0-9d9eff4", "", ["4", "-9D9EFF4"]),
        ("1_2_3", "", ["1", "2", "3"]),
    ],
)
def test_what_is_a_version(text: str, line: str, read: list[str]) -> None:
    assert (parse_version(text).line, tokens(text)) == (line, read)


@pytest.mark.parametrize(
    ("text", "wildcard"),
    [("4.XX", "open"), ("12.2.x.x", "open"), ("4.*", "open"), ("4.x.2", "unclear"), ("4", "none")],
)
def test_wildcards(text: str, wildcard: str) -> None:
    assert parse_version(text).wildcard == wildcard


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x", "*", "v", "version", "all", "see label", "unknown"),
        *("2.4 or 2.6", "2.4/2.6", "2.4, 2.6", "2,6", "2.2 2.2.0.1", "2016 3.9", "2.6\t2.7"),
        *("< 2.6", "<=2.6", "2.6 and below", "4.1to4.5", "FW18_up_to_and_including_FW26"),
        *("2.", "2..6", "2_._6", "2.6.", ".2", "-1", "2.6 (build 7)"),
        *("2011-02-03", "03/02/2011", "June 30 2015"),
        *("4X", "RLC-5XX", "4.xA", "4*", "v6.x model 35700"),
        *("2nd Edition", "882300 Gemini 16 Slice", "8.3.2 on Windows 2008 Rs SP1"),
        *("V10.3.3.3 only if web components are used", "Ver.2.41_affected_only_by"),
        *("ABCDE1", "2.6Ä", "²", "1" * 15, ".".join("1" * (MAX_TOKENS + 1))),
    ],
)
def test_what_is_not_surely_a_version(text: str) -> None:
    with pytest.raises(UnreadableVersion):
        parse_version(text)


def test_a_very_long_number_of_zeros_is_read() -> None:
    assert tokens("0" * 30 + "7") == ["7"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("6.0.0 RC1", ["6", "RC", "1"]),
        ("6.0.0-rc1", ["6", "-RC1"]),
        ("6.0 beta 2", ["6", "BETA", "2"]),
        ("6.0 SP1", ["6", "0", "SP", "1"]),
        ("6.0-7", ["6", "0", "-7"]),
        ("0.0 RC1", ["0", "RC", "1"]),
    ],
)
def test_zeros_before_a_word_go_unless_it_surely_follows_the_release(
    text: str, read: list[str]
) -> None:
    assert tokens(text) == read


# --- order, sentence by sentence ------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "operator", "bound", "truth"),
    [
        # numbers as numbers
        ("6.10", ">", "6.4.1", T),
        ("9.0", "<", "10.0", T),
        # no letter before any letter: 2.6 < 2.6A < 2.6B < 2.7 < 2.10
        ("2.6", "<", "2.6A", T),
        ("2.6A", "<", "2.6B", T),
        ("2.6B", "<", "2.7", T),
        ("2.7", "<", "2.10", T),
        # trailing zero parts equal
        ("v6", "=", "6.0.0", T),
        ("6.0.0", "=", "6", T),
        ("6.0.0", "<=", "6", T),
        ("6.0.0", "<", "6", F),
        # case ignored
        ("2.6a", "=", "2.6A", T),
        # wildcards
        ("4.17", "=", "4.XX", T),
        ("4", "=", "4.XX", T),
        ("5.0", "=", "4.XX", F),
        ("12.2.7.1", "=", "12.2.x.x", T),
        ("4.9", "<=", "4.x", T),
        ("5", "<=", "4.x", F),
        ("3.9", "<", "4.x", T),
        ("4.1", "<", "4.x", F),
        ("4.1.2", "=", "4.x.2", U),
        ("5.1.2", "=", "4.x.2", F),
        ("3.9", "<", "4.x.2", T),
        ("4.x", "<=", "4.5", U),
        ("4.x", "<", "5", T),
        ("4.x", ">=", "4", T),
        ("4.x", "=", "4.x", T),
        ("4.x.2", "=", "4.x", U),
        # fewer parts than the bound: padded; FALSE only if no completion could
        ("v6", "<", "6.0.0", F),
        ("v6", "<=", "6.0.0", T),
        ("v6", ">", "6.0.0", U),
        ("6.3", "=", "6.3.0.1", U),
        ("6.3", "<=", "6.3.0.1", T),
        ("6.3", ">=", "6.3.0.1", U),
        ("6.2", ">=", "6.3.0.1", F),
        ("6.2", "=", "6.3.0.1", F),
        # more parts than an inclusive bound or a listed value that agrees
        ("3.1.5", "<=", "3.1", U),
        ("3.1.5", "=", "3.1", U),
        ("3.1.5", "<", "3.1", F),
        ("3.1.5", ">=", "3.1", T),
        ("3.1.5", ">", "3.1", U),
        ("2.6A", "<=", "2.6", U),
        # words compare only with the same word
        ("4.0 SP1", "<", "4.0 SP2", T),
        ("4.0 SP3", "<=", "4.0 SP2", F),
        ("4.0 SP1", "<", "4.0 HF2", U),
        ("4.0 SP1", "<=", "4.0", U),
        ("4.0", "<=", "4.0 SP1", U),
        ("4.0 Update 2", "<", "4.0 Update 10", T),
        ("4.0 SP1", "<", "4.1", T),
        # a release candidate comes before its release
        ("6.0.0 RC1", "<", "6", U),
        ("6.0.0 RC1", "<", "6.0", U),
        ("6.0.0-rc1", "<", "6.0.0", U),
        ("6.0.0 RC1", "<", "7", T),
        # partial: a letter against a number, other alphabets
        ("2.6A", "<=", "2.6.1", U),
        ("2.6.1", "<=", "2.6A", U),
        ("2.6.0.1", "<=", "2.6A", U),
        ("L81", "<=", "U61", U),
        ("L80", "<=", "L81", T),
        ("81", "<=", "L81", U),
        # a letter-only revision
        ("M", "<=", "N", T),
        ("O", "<=", "N", F),
        ("N", "<=", "N", T),
        ("2.0", "<=", "N", U),
        # inclusive, exclusive
        ("3.1", "<=", "3.1", T),
        ("3.1", "<", "3.1", F),
        ("3.1", ">=", "3.1", T),
        ("3.1", ">", "3.1", F),
    ],
)
def test_order(version: str, operator: str, bound: str, truth: Truth) -> None:
    assert satisfies(parse_version(version), operator, parse_version(bound)) is truth


def test_a_list_is_a_set_and_no_range() -> None:
    listed = [parse_version(text) for text in ("7.4.1", "7.4.3")]
    assert {satisfies(parse_version("7.4.2"), "=", each) for each in listed} == {F}


@pytest.mark.parametrize(
    ("version", "bound", "name"),
    [
        ("2.6.0", "2.6A", "PREFIX"),
        ("2.6A", "2.6.0", "EXTENDS"),
        ("2.6", "2.6.0", "EQUAL_SHORT"),
        ("2.6.0", "2.6", "EQUAL"),
        ("2.6", "2.6 SP1", "INCOMPARABLE"),
    ],
)
def test_relations(version: str, bound: str, name: str) -> None:
    assert relation(version, bound) == name


def test_every_relation_answers_every_operator() -> None:
    first = parse_version("2.6")
    for bound in ("2.7", "2.6", "2.6.0", "2.5", "2", "2.6.1", "2.6 SP1"):
        found = compare(first, parse_version(bound))
        for operator in ("<=", "<", ">=", ">", "="):
            assert truth_of_relation(found, operator) in {T, U, F}
