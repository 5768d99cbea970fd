"""What stands against a letter: wording, reading grade, the emergency first, open items."""

from itertools import product

import pytest

from tests.lib.letter_sheets import letter_text
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_checklists import checklists, items_for, open_items
from tocsin.outreach.letter_faults import find_faults
from tocsin.outreach.letter_wording import find_forbidden, forbidden_wording
from tocsin.outreach.readability import count_syllables, count_text, index_rules, read_hardness
from tocsin.services.letter_files import case_texts, general_texts

ALL = [*general_texts(), *(text for case in "abc" for text in case_texts(case))]
HARD = (
    "Notwithstanding the aforementioned considerations, discontinuation of intraperitoneal "
    "administration necessitates comprehensive interdisciplinary reconsideration of individual "
    "therapeutic alternatives, including subcutaneous continuous infusion technologies."
)


def patient(said: str, language: str = "en", *, emergency: bool = True) -> LetterText:
    first = {"kind": "callout", "urgency": "emergency", "lines": ["Call now."]}
    blocks = [first] * emergency + [{"kind": "paragraph", "text": said}]
    return letter_text("x", language, letter="patient-affected", audience="patient", blocks=blocks)


def shape(text: LetterText) -> list[tuple[str, int]]:
    """Return the kind of each block and how many items or rows it has."""
    return [
        (block.kind, len(getattr(block, "items", getattr(block, "rows", ()))))
        for block in text.blocks
    ]


@pytest.mark.parametrize("text", ALL, ids=lambda text: f"{text.name} {text.subject[:20]}")
def test_our_letters_lack_nothing_but_a_persons_ticks(text: LetterText) -> None:
    assert find_faults(text, items_for(text)) == []
    (fault,) = find_faults(text, ())
    assert fault.startswith("Not ticked")


@pytest.mark.parametrize("text", ALL, ids=lambda text: f"{text.name} {text.subject[:20]}")
def test_every_letter_but_english_ones_is_marked_as_machine_prepared(text: LetterText) -> None:
    assert (text.prepared_by == "machine") == (text.language != "en")
    assert ("machine-prepared.native-speaker" in items_for(text)) == (text.language != "en")


@pytest.mark.parametrize(
    ("case", "letters", "languages"),
    [
        ("a", "patient-affected patient-check-version clinician bulletin", "en fr nl sv de es"),
        ("b", "patient-affected clinician", "en fr nl sv de es"),
        ("c", "dhpc dhpc-plan patient-affected", "en fr nl sv de"),
    ],
)
def test_every_case_letter_comes_in_every_language(case: str, letters: str, languages: str) -> None:
    found = [(text.letter, text.language) for text in case_texts(case)]
    asked = product(letters.split(), languages.split())
    assert sorted(found) == sorted(asked)


@pytest.mark.parametrize("case", "abc")
def test_a_translation_has_the_blocks_and_the_rows_of_its_source(case: str) -> None:
    texts = case_texts(case)
    sources = {text.letter: shape(text) for text in texts if text.language == "en"}
    assert {text.name for text in texts if shape(text) != sources[text.letter]} == set()


def test_a_hard_letter_to_patients_is_stopped_in_every_language() -> None:
    for language in index_rules():
        faults = find_faults(patient(HARD, language), items_for(patient(HARD, language)))
        assert any("Too hard to read" in fault for fault in faults), language


def test_the_same_words_to_clinicians_are_only_measured() -> None:
    text = letter_text(HARD)
    assert find_faults(text, items_for(text)) == []
    assert all(reading.bound is None for reading in read_hardness(text))
    assert all(reading.value > 20 for reading in read_hardness(text))


def test_a_letter_to_patients_begins_with_the_emergency() -> None:
    text = patient("Stop.", emergency=False)
    assert any("emergency" in fault for fault in find_faults(text, items_for(text)))


def test_forbidden_words_are_found_whole_and_in_any_case() -> None:
    text = letter_text("We do this out of an ABUNDANCE OF CAUTION. It is involuntary.")
    assert [each.words for each in find_forbidden(text)] == ["abundance of caution"]
    assert set(forbidden_wording()) == {"en", "fr", "nl", "de", "sv", "es"}


def test_a_field_that_nothing_fills_is_a_fault() -> None:
    text = letter_text("Call {hotlin}.")
    assert any("hotlin" in fault for fault in find_faults(text, items_for(text)))


@pytest.mark.parametrize(
    ("word", "language", "n"),
    [("insulin", "en", 3), ("pompe", "fr", 1), ("Insulinpumpe", "de", 5), ("å", "sv", 1)],
)
def test_syllables(word: str, language: str, n: int) -> None:
    assert count_syllables(word, language) == n


def test_known_figures_of_a_known_text() -> None:
    """13 words, 1 sentence, 17 syllables: 0.39 * 13 + 11.8 * 17 / 13 - 15.59 = 4.91."""
    said = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    counts = count_text([said], "en")
    assert (counts.sentences, counts.words) == (1, 13)
    (reading, _) = read_hardness(letter_text(said))
    by_hand = 0.39 * 13 + 11.8 * counts.syllables / 13 - 15.59
    assert reading.value == pytest.approx(by_hand, abs=0.06)


def test_lists_follow_audience_letter_and_country() -> None:
    american, french = (letter_text("x", country=country) for country in ("US", "FR"))
    assert "us-recall.sub-recall" in items_for(american)
    assert "us-recall.sub-recall" not in items_for(french)
    assert "eu-fsn.udi-and-srn" in items_for(french)
    assert "patient.tonight" not in items_for(french)
    assert open_items(french, items_for(french)) == []
    assert all(each.items for each in checklists().values())
