"""What callers say: the whole letter once, what is urgent first; our own words in each language."""

from collections import Counter
from string import Formatter

import pytest

from tocsin.outreach.call_outcomes import CallOutcome, call_ends
from tocsin.outreach.call_words import CallWords, call_words_tree, shipped_call_words
from tocsin.outreach.letter_blocks import (
    Block,
    Callout,
    Contact,
    Devices,
    Heading,
    Reply,
    Table,
    texts_of,
)
from tocsin.outreach.readability import count_text, index_rules, split_sentences
from tocsin.render.letter_plain import device_rows, table_rows
from tocsin.render.letter_spoken import speak_letter
from tocsin.services.languages import LANGUAGES
from tocsin.services.letter_files import case_texts, general_texts

LETTERS = [*general_texts(), *(text for case in "abc" for text in case_texts(case))]
TO_ANYBODY = ("greet", "ask_for", "other_private", "other_when", "call_back", "voicemail",
              "voicemail_back", "voicemail_again")  # fmt: skip
"""What is heard before the right person is at the telephone, or by a machine."""
DEVICES = ({"model": "M1"},)


def words_of(language: str) -> dict[str, str]:
    return shipped_call_words().languages[language].model_dump(exclude={"prepared_by"})


def places_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_sentence_of_a_letter_is_said_once_and_no_other() -> None:
    assert len(LETTERS) > 40
    for letter in LETTERS:
        said = speak_letter(letter, DEVICES, lead="About:")
        found = Counter([*said.emergency, *said.urgent, *said.rest])
        headings = {block.text for block in letter.blocks if isinstance(block, Heading)}
        assert not headings & {text for text, n in found.items() if n > 1}, letter.name
        lines = [line for block in letter.blocks for line in lines_of(block)]
        if not any(isinstance(block, Devices) for block in letter.blocks):
            lines += ["About:", "M1"]
        expected = [letter.subject, *(part for line in lines for part in split_sentences(line))]
        found.subtract(expected)
        assert {text for text, n in found.items() if n} <= headings, letter.name


def lines_of(block: Block) -> list[str]:
    match block:
        case Heading() | Contact() | Reply():
            return []
        case Table():
            return [block.caption, *table_rows(block)]
        case Devices():
            return [block.caption, *device_rows(block, DEVICES)]
    return list(texts_of(block))


def test_an_emergency_and_the_steps_come_before_why() -> None:
    letter = next(each for each in LETTERS if each.name == "patient-affected en")
    said = speak_letter(letter, [], hotline="0800 1")
    (callout,) = (block for block in letter.blocks if isinstance(block, Callout))
    assert [*said.emergency] == [part for line in callout.lines for part in split_sentences(line)]
    assert "What to do tonight" in said.urgent
    assert "What can go wrong" in said.rest
    assert "Please answer" not in [*said.urgent, *said.rest]
    assert said.phone == "{hotline}"


def test_each_language_has_the_same_words() -> None:
    shipped = shipped_call_words()
    assert tuple(shipped.languages) == LANGUAGES
    english = words_of("en")
    for language in LANGUAGES[1:]:
        words = words_of(language)
        assert shipped.languages[language].prepared_by == "machine"
        assert {k: places_of(v) for k, v in words.items()} == {
            k: places_of(v) for k, v in english.items()
        }
        assert [key for key in words if words[key] == english[key]] == []
    assert set(call_words_tree(["fr-BE", "ar"])["languages"]) == {"en", "fr"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_not_the_person_hears_only_a_name_and_a_number(language: str) -> None:
    words = words_of(language)
    assert set().union(*(places_of(words[key]) for key in TO_ANYBODY)) == {"name", "phone"}
    assert "organisation" in places_of(words["for_whom"])
    assert list(CallWords.model_fields).index("is_it") < list(CallWords.model_fields).index(
        "for_whom"
    )


def test_our_own_words_are_easy() -> None:
    english = [text.replace("{name}", "Ann") for text in words_of("en").values()]
    counts = count_text(english, "en")
    grade = 0.39 * counts.words_per_sentence + 11.8 * counts.syllables_per_word - 15.59
    assert "flesch_kincaid" in {rule.index for rule in index_rules()["en"]}
    assert grade <= 8


def test_every_end_of_a_call_has_its_code() -> None:
    assert [end.outcome for end in call_ends()] == list(CallOutcome)
    assert all(end.means and end.follows for end in call_ends())
