"""Translations of a notice: part of the revision, bound to the English text, silent never."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_notice import notice
from tocsin.base.errors import NoticeInvalid
from tocsin.formats.notice_file import parse_tree, read_notice_tree, write_notice
from tocsin.notice.revision import compare_scopes, tells_differently
from tocsin.notice.sections import changed_sections
from tocsin.notice.translation import (
    Words,
    describe_translations,
    public_texts,
    said_in,
    texts_for,
    words_in,
)
from tocsin.notice.working import open_points, with_head, working_of
from tocsin.services.languages import catalogue_of
from tocsin.services.public_notices import PublicNotice
from tocsin.store.notice_rows import notice_bytes
from tocsin.web.templatetags.say import marked, translation_note

WITHOUT = "6bda43dea303c6b238f84b041f2ea8334944ecf1d88d6b23bc762467c575e309"
"""SHA-256 of the notice of these tests, kept before there were translations."""
PATH = Path("notice.yaml")
STOP = {"patient": ["Stop using it."]}


def french(**changes: Any) -> dict[str, Any]:
    told = {"language": "fr", "prepared_by": "machine", "texts": {"A test": "Un essai"}}
    return told | changes


def test_a_notice_without_translations_keeps_its_hash() -> None:
    assert sha256(notice_bytes(notice())).hexdigest() == WITHOUT
    assert sha256(notice_bytes(notice(translations=[]))).hexdigest() == WITHOUT
    assert sha256(notice_bytes(notice(translations=[french()]))).hexdigest() != WITHOUT


def test_translations_are_read_and_written_back_equal() -> None:
    long = "A pump, " * 300 + "all of it."
    told = notice(
        instructions={"patient": [long]},
        translations=[
            french(texts={"A test": "Un essai : « deux »", long: "Une pompe"}),
            french(
                language="de",
                prepared_by="person",
                translator="Erika Muster",
                reviewed_by="Max Muster",
                reviewed_on="2026-11-30",
                texts={"A test": "Ein Versuch"},
            ),
        ],
    )
    text = write_notice(told)
    assert read_notice_tree(parse_tree(text, PATH), PATH) == told
    assert told.model_validate_json(notice_bytes(told)) == told


@pytest.mark.parametrize(
    ("translations", "fault"),
    [
        ([french(language="xx")], "'xx' is no code of a language"),
        ([french(language="french")], "'french' is no code of a language"),
        ([french(language="en")], "the notice's own texts are the English ones"),
        ([french(texts={"Stop now.": "Arrêtez."})], "'Stop now.' fits no text of the notice"),
        ([french(), french()], "'A test' is translated twice into `fr`"),
        ([french(texts={})], "at least 1 item"),
        ([french(texts={"A test": " "})], "at least 1 character"),
        ([french(prepared_by="person")], "name them under `translator`"),
        ([french(reviewed_on="2026-11-30")], "not by whom"),
        ([french(by="me")], "this key is not known"),
    ],
)
def test_faults_of_translations_are_told(translations: Any, fault: str) -> None:
    with pytest.raises(NoticeInvalid, match=fault):
        notice(translations=translations)


def test_who_answers_for_a_text_is_told_text_by_text() -> None:
    told = notice(
        instructions=STOP,
        translations=[
            french(reviewed_by="Anne Martin"),
            french(texts={"Stop using it.": "Ne l’utilisez plus."}),
        ],
    )
    said = said_in(told.translations, "fr")
    assert [words_in(said, text).is_machine for text in texts_for(told, "patient")] == [False, True]
    lines = list(describe_translations(told))
    assert lines == [
        (
            "In fr: 2 of 2 texts for the public are translated, 1 of them machine-prepared: "
            "no person has reviewed these."
        )
    ]
    assert list(describe_translations(notice(languages=["en", "nl"]))) == [
        "In nl: 0 of 1 texts for the public are translated.",
        "  Pages show in English: 'A test'.",
    ]


def test_pages_get_what_is_translated_and_else_english() -> None:
    public = PublicNotice(notice(instructions=STOP, translations=[french()]))
    shown = public.text_in("fr", "A test")
    assert (shown.text, shown.language, shown.is_machine) == ("Un essai", "fr", True)
    rest = public.text_in("fr", "Stop using it.")
    assert (rest.text, rest.language, rest.is_machine) == ("Stop using it.", "en", False)
    assert public.text_in("nl", "A test").language == "en"
    note, what = notes("fr", shown, rest)
    assert note.count("<p") == 2
    assert str(catalogue_of("fr").say("english_only")) in note
    assert str(catalogue_of("fr").say("machine_part")) in note
    assert what == ["Un essai", '<span lang="en">Stop using it.</span>']
    assert notes("en", rest)[0] == ""


def notes(language: str, *told: Words) -> tuple[str, list[str]]:
    """Return what a page in a language says of texts, and how it marks each."""
    context = {"language": language, "catalogue": catalogue_of(language)}
    return translation_note(context, told), [str(marked(context, each)) for each in told]


def test_a_translation_moves_no_verdict_and_is_shown_as_a_change() -> None:
    old, new = notice(), notice(translations=[french()])
    assert compare_scopes(old, new) == []
    assert not tells_differently(old, new)
    assert changed_sections(old, new) == {"translations"}


def test_a_draft_keeps_an_old_translation_apart_until_somebody_settles_it() -> None:
    draft = working_of(notice(translations=[french()]))
    changed = with_head(draft, {"title": "Another test"})
    assert changed.translations() == draft.translations()
    assert [told.texts for told in changed.outdated_translations()] == [{"A test": "Un essai"}]
    assert changed.notice_so_far().translations == ()
    (point,) = open_points(changed)
    assert "`fr` of 'A test' fits no text of the notice" in point
    settled = with_head(changed, {"translations": [french(texts={"Another test": "Un autre"})]})
    assert list(open_points(settled)) == []
    assert settled.notice().translations[0].texts == {"Another test": "Un autre"}
    assert with_head(settled, {"translations": []}).notice().translations == ()


def test_every_text_of_the_public_pages_can_be_translated() -> None:
    told = notice(
        hazard={"what": "It stops.", "harms": ["low glucose"], "alarm": "None."},
        precautions={"clinician": ["Watch."]},
        remedies=[{"kind": "exchange", "audience": "patient", "details": "a new one"}],
        scope=[
            {
                "entry": "one",
                "affects": {"models": ["MMT-522"]},
                "facts": {
                    "o_ring": {"any_of": ["clear"], "values": ["clear", "black"], "ask": "Clear?"},
                    "mended": {"any_of": ["no"], "values": ["Yes", "no"]},
                },
            }
        ],
    )
    assert list(public_texts(told)) == [
        "A test",
        "It stops.",
        "low glucose",
        "None.",
        "Watch.",
        "a new one",
        "o ring",
        "Clear?",
        "clear",
        "black",
        "mended",
    ]
    asked = ["o ring", "Clear?", "clear", "black", "mended"]
    assert texts_for(told, "patient") == ["A test", "a new one", *asked]
