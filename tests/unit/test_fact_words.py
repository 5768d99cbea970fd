"""What only the holder can see is asked in the notice's translation, else marked as English."""

from datetime import UTC, datetime

from django.template.loader import render_to_string

from tests.unit.test_notice import notice
from tocsin.api.check import Device, check_one
from tocsin.notice.translation import said_in, words_in
from tocsin.services.asked_devices import AskedDevice, AskedFact
from tocsin.services.languages import catalogue_of
from tocsin.services.public_notices import PublicNotice, ReleasedNotices
from tocsin.web.answer_asked import DeviceQuestions
from tocsin.web.scope_words import scope_rows

FACTS = {
    "o_ring": {"any_of": ["clear"], "values": ["clear", "black"], "ask": "Is it clear?"},
    "mended": {"any_of": ["no"], "values": ["yes", "no"]},
}
SAID = {"Is it clear?": "Est-il transparent ?", "clear": "transparent", "o ring": "joint"}
TOLD = notice(
    scope=[{"entry": "one", "affects": {"models": ["MMT-522"]}, "facts": FACTS}],
    translations=[{"language": "fr", "prepared_by": "machine", "texts": SAID}],
)
RELEASED = ReleasedNotices((PublicNotice(TOLD),), datetime.now(tz=UTC))


def asked_in(language: str) -> str:
    """Return the questions about a device as the answer page shows them."""
    facts = (
        AskedFact("fact.o_ring", ("fact.o_ring",), (("fact.o_ring", "grey"),), (),
                  ("clear", "black"), "Is it clear?"),
        AskedFact("fact.mended", ("fact.mended",), (), (), ("yes", "no")),
    )  # fmt: skip
    device = AskedDevice("1/D1", 1, "list", "D1", "MMT-522", "", "cannot_tell", facts)
    catalogue, said = catalogue_of(language), said_in(TOLD.translations, language)
    questions = DeviceQuestions(catalogue, lambda text: words_in(said, text), str, {}, {})
    context = {"language": language, "catalogue": catalogue, "own_words": str}
    return "".join(
        render_to_string("web/answer/fact.html", context | {"told": each})
        for each in questions.of_device(0, device)
    )


def test_the_answer_page_asks_in_its_language_and_marks_what_is_english() -> None:
    page = asked_in("fr")
    for words in (
        ">Est-il transparent ?<",
        ">transparent<",
        ">Oui<",
        ">Non<",
        "joint : <span lang",
    ):
        assert words in page
    for english in ("black", "grey"):
        assert f'<span lang="en">{english}</span>' in page
    assert '<legend id="fact.mended-0-question" lang="en">mended<' in page
    for value in ("clear", "black", "yes", "no"):
        assert f'value="{value}"' in page, "what is sent stays as the notice has it"
    assert 'lang="en"' not in asked_in("en")


def test_other_software_is_told_each_question_and_answer_with_its_language() -> None:
    device = Device(manufacturer="Medtronic", model="MMT-522", language="fr")
    asked = {each.field: each for each in check_one(device, RELEASED, RELEASED.as_of).questions}
    ring, mended = asked["facts.o_ring"], asked["facts.mended"]
    assert (ring.ask.text, ring.ask.language, ring.ask.is_machine) == (
        SAID["Is it clear?"],
        "fr",
        True,
    )
    shown = [(each.value, each.shown.text, each.shown.language) for each in ring.choices]
    assert shown == [("clear", "transparent", "fr"), ("black", "black", "en")]
    shown = [(each.value, each.shown.text, each.shown.language) for each in mended.choices]
    assert (mended.ask, shown) == (None, [("yes", "Oui", "fr"), ("no", "Non", "fr")])


def test_the_public_statement_says_facts_in_its_language() -> None:
    (row,) = scope_rows(PublicNotice(TOLD), catalogue_of("fr"))
    assert list(row.lines) == ["joint: transparent", '<span lang="en">mended</span>: Non']
