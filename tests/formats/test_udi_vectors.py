"""The published vectors of GS1, HIBCC, ICCBBA and FDA, and real identifiers of the US database."""

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tocsin.identify.day import UnreadableDay
from tocsin.identify.udi.column import parse_udi_column
from tocsin.identify.udi.day import MADE, full_day, short_day
from tocsin.identify.udi.di import is_di
from tocsin.identify.udi.gs1_elements import (
    Element,
    split_bracketed,
    split_scan,
    unify_separators,
)
from tocsin.identify.udi.gs1_link import split_link
from tocsin.identify.udi.gs1_table import has_right_check_digit, identifiers
from tocsin.identify.udi.hibc_check import check_character, is_hibc_text
from tocsin.identify.udi.text import Agency, Check, UnreadableUdi, parse_udi

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def gs1(corpus: Path) -> dict[str, list[dict[str, Any]]]:
    return _json(corpus / "udi" / "gs1_syntax_engine_vectors.json")["vectors"]


@pytest.fixture(scope="module")
def hibc(corpus: Path) -> dict[str, list[dict[str, str]]]:
    return _json(corpus / "udi" / "hibc_worked_examples.json")


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _elements(split: Callable[[str], list[Element]], text: str) -> list[Element] | None:
    try:
        elements = split(text)
    except UnreadableUdi:
        return None
    return elements if all(element.fits for element in elements) else None


def _carets(elements: Sequence[Element]) -> str:
    """Return elements as the vectors write them, with a caret for FNC1."""
    text, fixed = "^", True
    for identifier, value, _ in elements:
        text += ("" if fixed else "^") + identifier + value
        fixed = identifier in identifiers().fixed
    return text


def test_bracketed_elements(gs1: dict[str, list[dict[str, Any]]]) -> None:
    for vector in gs1["parse_bracketed_ai"]:
        elements = _elements(split_bracketed, vector["input"])
        assert (elements is not None) == vector["should_succeed"], vector
        if elements:
            assert _carets(elements) == vector["expect_fnc1_caret"]


def test_scan_elements(gs1: dict[str, list[dict[str, Any]]]) -> None:
    for vector in gs1["process_unbracketed_caret"]:
        text, expected = vector["input"], vector["should_succeed"]
        if vector["note"] and "check digit" in vector["note"].lower():
            expected = True  # a wrong check digit is flagged and kept
        if not text.startswith("^"):
            continue  # a registry's text lacks the leading FNC1: 01 must then be in it
        assert (_elements(split_scan, unify_separators(text)) is not None) == expected, vector


def test_scanner_messages(gs1: dict[str, list[dict[str, Any]]]) -> None:
    read = 0
    for vector in gs1["process_scan_data"]:
        try:
            udi = parse_udi(vector["scan_data"])
        except UnreadableUdi:
            assert "01123" not in vector["expect"]
            continue
        assert vector["should_succeed"], vector
        assert udi.di is not None
        assert udi.check is Check.RIGHT
        assert udi.di in vector["expect"] or udi.di.lstrip("0") in vector["expect"]
        read += 1
    assert read == 11


def test_said_twice_and_differently_is_never_sure(gs1: dict[str, list[dict[str, Any]]]) -> None:
    vectors = [
        vector
        for vector in gs1["validate_ai_combinations"]
        # 89 is no identifier of GS1's: what stands there is part of the value before.
        if vector["validation"] == "validateAIrepeats" and "(89)" not in vector["input"]
    ]
    for vector in vectors:
        udi = parse_udi(f"(01)12345678901231{vector['input']}(10)LOT")
        assert (udi.without_doubts().lot == "LOT") == vector["should_succeed"], vector


def test_digital_links(gs1: dict[str, list[dict[str, Any]]]) -> None:
    vectors = gs1["parse_digital_link"]
    # Some addresses stand twice: with and without leave for a GTIN of fewer than 14 digits.
    allowed = {vector["uri"] for vector in vectors if vector["should_succeed"]}
    for vector in vectors:
        elements = _elements(split_link, vector["uri"])
        if vector["should_succeed"]:
            assert elements is not None, vector
            assert _carets(elements) == vector["expect"]
        elif vector["uri"] not in allowed and elements is not None:
            short = [element for element in elements if element.identifier == "01"]
            assert any(
                f"={element.value.lstrip('0')}" in vector["uri"]
                or f"=0{element.value.lstrip('0')}" in vector["uri"]
                for element in short
            ), vector


def test_check_digits_and_dates(corpus: Path) -> None:
    linters = _json(corpus / "udi" / "gs1" / "gs1_syntax_dictionary_linter_vectors.json")["linters"]
    for vector in linters["csum"]:
        if vector["value"].isdigit():
            assert has_right_check_digit(vector["value"]) == vector["valid"], vector
    readers = {"yymmd0": lambda text: short_day(text, MADE), "yyyymmd0": full_day}
    for linter, read in readers.items():
        for vector in linters[linter]:
            try:
                read(vector["value"])
            except UnreadableDay:
                far = linter == "yyyymmd0" and vector["value"][:4] > "2199"
                assert not vector["valid"] or far, vector
            else:
                assert vector["valid"], vector


def test_the_identifiers_are_those_of_the_dictionary(corpus: Path) -> None:
    lines = (corpus / "udi" / "gs1" / "gs1-syntax-dictionary.txt").read_text("utf-8").splitlines()
    fixed, all_ = set(), set()
    for line in lines:
        if not line or not line[0].isdigit():
            continue
        codes, rest = line.split(None, 1)
        first, _, last = codes.partition("-")
        names = {str(n).zfill(len(first)) for n in range(int(first), int(last or first) + 1)}
        all_ |= names
        if rest.startswith("*"):
            fixed |= names
    assert set(identifiers().formats) == all_
    assert set(identifiers().fixed) == fixed


def test_hibc_worked_examples(hibc: dict[str, list[dict[str, str]]]) -> None:
    for vector in hibc["with_check"]:
        text = vector["body"] + vector["check"]
        assert check_character(vector["body"]) == vector["check"]
        if vector["body"].startswith("+/"):
            with pytest.raises(UnreadableUdi):
                parse_udi(text)
            continue
        udi = parse_udi(text)
        assert (udi.agency, udi.check) == (Agency.HIBCC, Check.RIGHT)
        named = not vector["body"].startswith("+$")
        assert udi.di == (vector["body"][1:].split("/")[0] if named else None)
    dated = parse_udi("+A99912345/$$52001510X3/16D20111212/S77DEFG457")
    assert (dated.lot, dated.serial, dated.made_on, dated.expires_on) == (
        "10X3", "77DEFG45", "2011-12-12", "2020-01-15",
    )  # fmt: skip


def test_hibc_secondary_forms(hibc: dict[str, list[dict[str, str]]]) -> None:
    for vector in hibc["secondary_formats"]:
        body = vector["body_with_link_L"]
        udi = parse_udi(body + check_character(body))
        expected = "2005-09" if vector["format"].endswith("MMYY") else "2005-09-28"
        assert udi.expires_on == expected, vector
        number = udi.serial if vector["format"].startswith("serial") else udi.lot
        assert number in {"3C001", "0001", None}, vector
        assert udi.check is Check.RIGHT


def test_hibc_texts_that_are_none(hibc: dict[str, list[dict[str, str]]]) -> None:
    for vector in hibc["invalid"]:
        text = vector["input"]
        written = text + (check_character(text) if is_hibc_text(text) else "0")
        with pytest.raises(UnreadableUdi):
            parse_udi(written)


def test_examples_of_iccbba_and_fda(corpus: Path) -> None:
    names = {
        "di": "di", "lot": "lot", "serial": "serial", "donation_id": "donation_id",
        "expiration": "expires_on", "manufactured": "made_on",
    }  # fmt: skip
    examples = _json(corpus / "udi" / "iccbba_and_fda_udi_examples.json")
    for example in examples["iccbba"] + examples["fda_examples"]:
        udi = parse_udi(example["udi"])
        for key, name in names.items():
            if key in example:
                assert getattr(udi, name) == example[key].removesuffix("T16"), (example, name)
        assert udi.di is not None
        assert is_di(udi.di)


def test_the_answer_of_the_us_database(corpus: Path) -> None:
    folder = corpus / "udi" / "accessgudid_api"
    told = _json(folder / "json_devices_lookup_by_unique_device_identifier_code.json")["udi"]
    udi = parse_udi(told["udi"])
    assert (udi.agency, udi.di, udi.lot, udi.serial, udi.donation_id) == (
        told["issuingAgency"], told["di"], told["lotNumber"], told["serialNumber"],
        told["donationId"],
    )  # fmt: skip
    assert (udi.made_on, udi.expires_on) == (told["manufacturingDate"], told["expirationDate"])
    assert not udi.can_refute  # a DI of another length than ICCBBA's


def test_real_identifiers_of_the_us_database(corpus: Path) -> None:
    """All are read; nearly all have the right check digit, the others are kept all the same."""
    with gzip.open(corpus / "udi" / "gudid_2016.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    dis = [row["primary_di"] for row in rows if row["agency"] == "GS1"]
    dis += [
        other.rsplit(":", 1)[1]
        for row in rows
        for other in row["other_dis"].split("|")
        if ":GS1:" in other
    ]
    table = parse_udi_column(dis)
    assert table["di"].to_pylist() == dis
    checks = table["check"].to_pylist()
    assert len(dis) > 24_000
    assert checks.count("wrong") <= 12
    assert set(checks) <= {"right", "wrong"}
