"""A letter's text: one line per text, fields that are filled or named as missing."""

import pytest
from pydantic import ValidationError

from tests.lib.letter_sheets import letter_text
from tocsin.formats.letter_file import letter_of_text, write_letter_file
from tocsin.notice.model import Notice
from tocsin.outreach.contacts import ContactLine
from tocsin.outreach.letter import LetterText, letter_bytes, letter_lines, letter_sha256
from tocsin.outreach.letter_choice import (
    LanguageNotKnown,
    NoLetterText,
    choose_letter,
    letters_by_key,
)
from tocsin.outreach.letter_fields import (
    FieldsMissing,
    ValueUnfit,
    fill_letter,
    letter_fields,
    notice_values,
)
from tocsin.services.letter_files import case_texts, general_texts
from tocsin.services.samples import case_notices

ALL = [*general_texts(), *(text for case in "abc" for text in case_texts(case))]


def blocks(*trees: dict[str, object]) -> LetterText:
    return letter_text("x", blocks=list(trees))


@pytest.mark.parametrize("text", ALL, ids=lambda text: f"{text.name} {text.subject[:20]}")
def test_our_letters_name_only_fields_that_there_are(text: LetterText) -> None:
    assert text.fields() <= set(letter_fields())


@pytest.mark.parametrize("text", ALL, ids=lambda text: f"{text.name} {text.subject[:20]}")
def test_a_letter_read_from_its_own_file_is_the_same(text: LetterText, tmp_path: "object") -> None:
    from pathlib import Path

    again = letter_of_text(write_letter_file(text), Path("letter.yaml"))
    assert (again, letter_sha256(again)) == (text, letter_sha256(text))
    assert tmp_path


def test_a_changed_letter_has_another_hash() -> None:
    one, other = letter_text("Stop."), letter_text("Stop now.")
    assert letter_sha256(one) != letter_sha256(other)
    assert letter_bytes(one) == letter_bytes(letter_text("Stop."))


@pytest.mark.parametrize("said", ["a\nb", "a\u202eb", "a\x00b", "a { b", "{Name}", "a\u2028b", ""])
def test_a_text_is_one_plain_line(said: str) -> None:
    with pytest.raises(ValidationError):
        letter_text(said)


def test_a_table_has_full_rows() -> None:
    table = {"kind": "table", "caption": "Lots", "columns": ["a", "b"], "rows": [["1"]]}
    with pytest.raises(ValidationError, match="1 cells for 2 columns"):
        blocks(table)


def test_a_letter_is_for_the_audience_of_its_kind() -> None:
    with pytest.raises(ValidationError, match="for the audience clinician"):
        letter_text("x", audience="patient")
    with pytest.raises(ValidationError, match="there is no letter"):
        letter_text("x", letter="postcard")


def test_fields_are_filled_once_and_lines_become_points() -> None:
    steps = {"kind": "steps", "items": ["First {maker}.", "{instructions}"]}
    values = {"maker": "{hazard}", "instructions": ("Stop.", "Call {maker}.")}
    filled = fill_letter(blocks(steps), values)
    assert letter_lines(filled)[1:] == ["1. First {hazard}.", "1. Stop.", "1. Call {maker}."]


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FieldsMissing, match="hazard, hotline"):
        fill_letter(letter_text("{hotline} {maker} {hazard}"), {"maker": "Animas"})


def test_a_value_with_a_direction_mark_is_refused() -> None:
    with pytest.raises(ValueUnfit, match=r"U\+202E") as refused:
        fill_letter(letter_text("{maker}"), {"maker": "Ani\u202emas"})
    assert "Ani" not in refused.value.sentence


def notice() -> Notice:
    return case_notices("a")[0]


def test_a_contact_of_another_country_is_named_with_it() -> None:
    assert notice_values(notice(), "patient", "US")["hotline"] == "1-866-222-2584"
    assert notice_values(notice(), "clinician", "FR")["hotline"] == "1-866-222-2584 (US)"


def line(why: str = "affected", **more: str) -> ContactLine:
    told = {"audience": "patient", "language": "en", "country": "US", **more}
    return ContactLine(
        told["audience"], "H1", "H1", "Jane", why, 1, "letter", "", "", told["country"],
        told["language"], True,
    )  # fmt: skip


def test_who_gets_which_letter() -> None:
    letters = letters_by_key(case_texts("a"))
    assert choose_letter(line(), letters).letter == "patient-affected"
    assert choose_letter(line("cannot_tell"), letters).letter == "patient-check-version"
    carer = line("looks after persons concerned", audience="clinician")
    assert choose_letter(carer, letters).letter == "clinician"
    clinic = line("looks after persons concerned", audience="facility")
    assert choose_letter(clinic, letters).letter == "clinician"
    with pytest.raises(LanguageNotKnown, match="H1"):
        choose_letter(line(language=""), letters)
    with pytest.raises(NoLetterText, match="language eo"):
        choose_letter(line(language="eo"), letters)
    assert choose_letter(line(language="eo"), letters, "en").language == "en"


def test_a_text_of_the_country_comes_first() -> None:
    for_all, for_us = letter_text("all"), letter_text("US", country="US")
    letters = letters_by_key([for_us, for_all])
    carer = {"why": "looks after", "audience": "clinician"}
    assert choose_letter(line(**carer), letters) == for_us
    assert choose_letter(line(**carer, country="FR"), letters) == for_all
