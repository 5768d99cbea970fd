"""The catalogues: the same texts in each language, every word of an answer, plain English."""

import re
from typing import get_args

import pytest

from tocsin.base.verdict import Verdict
from tocsin.match.rules import How
from tocsin.notice.model import Kind, Remedy
from tocsin.notice.translation import ENGLISH
from tocsin.registry.schema import COLUMNS, DAY_COLUMNS, PRODUCT_COLUMNS
from tocsin.services.languages import LANGUAGES, catalogue_of, preferred_language
from tocsin.web.countries import known_countries

MOST_GRADE = 8.0
OTHERS = [language for language in LANGUAGES if language != ENGLISH]


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_says_the_same_things(language: str) -> None:
    english, other = catalogue_of(ENGLISH), catalogue_of(language)
    assert list(other.texts) == list(english.texts)
    different = [k for k in english.texts if english.places_of(k) != other.places_of(k)]
    assert different == []
    assert other.language == language
    assert other.prepared_by == "machine"


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_was_left_in_english(language: str) -> None:
    english, other = catalogue_of(ENGLISH).texts, catalogue_of(language).texts
    # Some words are the same in two languages.
    same = [key for key in english if english[key] == other[key] and " " in english[key]]
    assert [key for key in same if key != "revision"] == []


def test_every_word_that_an_answer_needs_is_there() -> None:
    texts = catalogue_of(ENGLISH).texts
    hows = {how.name.lower() for how in How}
    needed = {f"reason_{name}" for name in hows | {"in_scope", "other_product", "excluded"}}
    needed |= {f"{part}_{verdict}" for verdict in Verdict for part in ("verdict", "title", "lead")}
    needed |= {f"kind_{kind}" for kind in get_args(Kind)}
    remedies = set(get_args(Remedy.model_fields["kind"].annotation)) - {"none"}
    needed |= {f"offer_{kind}" for kind in remedies}
    asked = {"software_version", "lot", "serial", "country", *DAY_COLUMNS}
    needed |= {f"{part}_{column}" for column in asked for part in ("q", "row")}
    needed |= {f"row_{column}" for column in PRODUCT_COLUMNS}
    assert needed - set(texts) == set()
    assert {key.removeprefix("row_") for key in texts if key.startswith("row_")} <= {
        *COLUMNS, "country_now",
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_name(language: str) -> None:
    assert [code for code, each in known_countries().items() if not each.names.get(language)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_demonstration_speaks_every_language(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.services.public_notices import DEMO_VARIABLE, released_notices

    monkeypatch.setenv(DEMO_VARIABLE, "1")
    for public in released_notices().notices:
        for told in (public.notice.precautions, public.notice.instructions):
            for text in (text for texts in told.values() for text in texts):
                found = public.text_in(language, text)
                assert (found.language, found.is_machine) == (language, True), text


def test_the_english_can_be_read_after_eight_years_of_school() -> None:
    texts = [
        re.sub(r"\{\w+\}", "Anna", text)
        for text in catalogue_of(ENGLISH).texts.values()
        if text.endswith((".", "?"))
    ]
    assert _grade(" ".join(texts)) <= MOST_GRADE
    hard = {text: _grade(text) for text in texts if len(text.split()) >= 12}
    assert {text: grade for text, grade in hard.items() if grade > 12} == {}


def _grade(text: str) -> float:
    """Return the Flesch-Kincaid grade; syllables are runs of vowels, a silent e left out."""
    sentences = max(1, len(re.findall(r"[.?!:](?:\s|$)", text)))
    words = re.findall(r"[A-Za-z’]+", text)
    syllables = sum(
        max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words
    )
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("da", "en"), ("sv-SE,en;q=0.5", "sv"), ("en;q=0.1,es", "es"), ("x;q=y,de", "de")],
)
def test_the_browser_chooses_the_first_language(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language
