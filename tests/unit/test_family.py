"""The data files of model families say what they mean, and plainly."""

import re

import pytest
from pydantic import ValidationError

from tocsin.identify.family import Family, known_families
from tocsin.identify.manufacturer import known_manufacturers
from tocsin.identify.product_name import known_words

FAMILIES = sorted(known_families())


@pytest.mark.parametrize("name", FAMILIES)
def test_the_maker_is_known_and_the_source_dated(name: str) -> None:
    family = known_families()[name]
    assert family.manufacturer in known_manufacturers().by_id
    assert family.source.next_review is not None
    assert family.source.next_review > family.source.checked_on


@pytest.mark.parametrize("name", FAMILIES)
def test_a_number_belongs_to_one_member(name: str) -> None:
    family = known_families()[name]
    for number, model in family.numbers.items():
        assert family.members_of_code(number) == {family.key_of(model)}


@pytest.mark.parametrize("name", FAMILIES)
def test_questions_are_short_and_ours(name: str) -> None:
    """Sentences of at most 20 words, and few long words: about a reading grade of 8."""
    for question in known_families()[name].questions:
        assert question.own_words
        for sentence in re.split(r"(?<=[.?!])\s", question.text):
            words = re.findall(r"[A-Za-z]+", sentence)
            assert len(words) <= 20
            assert sum(len(word) > 9 for word in words) <= 1


def test_a_name_cannot_mean_a_model_that_is_no_member() -> None:
    tree = known_families()["minimed-508"].model_dump()
    tree["names"] = [{"name": "MiniMed 508", "members": ["509"]}]
    with pytest.raises(ValidationError, match="no members: 509"):
        Family.model_validate(tree)


def test_generic_words_name_nothing() -> None:
    words = known_words()
    assert {"PUMP", "INSULIN", "SPECIFIED"} <= words.generic
    assert "SET" in words.generic - words.beside_number
