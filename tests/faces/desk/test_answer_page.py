"""The page on which a holder answers: looking answers nothing, a post once, and words are safe."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.lib.desk_client import DeskClient
from tests.lib.kept_counts import IS_LONG
from tests.lib.prepared import Prepare
from tests.lib.released_action import letter_of, release_one_pump, release_pumps
from tests.services.kept_actions import make_team
from tests.services.lists import NOW
from tocsin.services.answer_forms import read_recipient_form
from tocsin.services.funnels import read_funnel
from tocsin.services.languages import LANGUAGES, catalogue_of
from tocsin.services.public_notices import PublicNotice
from tocsin.services.samples import case_notices
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.audit.trail import read_rows
from tocsin.store.models import (
    Acknowledgement,
    Complaint,
    ContactRepair,
    Dispatch,
    PassedOn,
    Recipient,
    TriageAnswer,
    WorkItem,
)
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

N_LOOKS = 1_667 if IS_LONG else 6  # of six GET and HEAD each
STEPS = f"<h2>{catalogue_of('en').say('what_to_do')}</h2>"
Letter = tuple[int, str]


@dataclass(frozen=True)
class World:
    """A released action, and the organisation that runs it."""

    acme: int
    action: int


@pytest.fixture
def world(prepared: Prepare) -> World:
    return prepared(arrange, Path)


def arrange(folder: Path) -> World:
    team = make_team()
    return World(team[Role.AUTHOR].organisation_id or 0, release_one_pump(team, folder))


@pytest.fixture
def letter(world: World) -> Letter:
    """Return a recipient whose device cannot be told, and the token of their letter."""
    return letter_of(world.acme, world.action)


def complete(page: str, **changes: str) -> dict[str, str]:
    """Return a form of a page with an answer to each of its questions."""
    names = set(re.findall(r'type="radio" id="[^"]*" name="([^"]*)"', page))
    told = {"outcome": "answers", "first-step": "call", "confirm": "yes"}
    told |= {name: "have" for name in names if name.startswith("device-")}
    told |= {name: "done" for name in names if name.startswith("do-")}
    return told | changes


def look(token: str, language: str = "en") -> str:
    answer = DeskClient().get(f"/{language}/answer/{token}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def post(token: str, told: dict[str, str], language: str = "en") -> Any:
    return DeskClient().post(f"/{language}/answer/{token}", told)


def n_answers(world: World) -> int:
    with acting_for(world.acme):
        return Acknowledgement.objects.count()


def test_scanners_that_open_every_link_answer_nothing(world: World, letter: Letter) -> None:
    client, (_, token) = DeskClient(), letter
    rows = len(list(read_rows()))
    for number in range(N_LOOKS):
        for address in (f"/a/{token}", f"/en/answer/{token}", f"/fr/answer/{token}?x={number}"):
            assert client.get(address).status_code in {200, 302}
            assert client.head(address).status_code in {200, 302}
            for method in (client.put, client.delete, client.options, client.patch):
                assert method(address).status_code == 405
    assert n_answers(world) == 0
    assert len(list(read_rows())) == rows


def test_an_answer_counts_once_and_a_changed_one_is_another(world: World, letter: Letter) -> None:
    _, token = letter
    told = complete(look(token))
    first = post(token, told)
    assert first.status_code == 200
    assert "Your answer has arrived" in first.content.decode()
    for _ in range(3):
        assert "nothing was changed" in post(token, told).content.decode()
    assert n_answers(world) == 1
    assert "You answered on" in look(token)
    assert post(token, told | {"query": "May I swim?"}).status_code == 200
    assert n_answers(world) == 2


def test_a_software_version_changes_the_verdict_at_once(world: World, letter: Letter) -> None:
    _, token = letter
    page = look(token)
    assert 'name="version-0"' in page
    text = post(token, complete(page, **{"version-0": "2.4A"})).content.decode()
    assert "Your device is affected" in text
    assert "MMT-523" in text
    with acting_for(world.acme):
        answer = TriageAnswer.objects.get()
        assert (answer.column, answer.new_value, answer.told_by) == (
            "software_version",
            "2.4A",
            "patient",
        )
    assert 'name="version-0"' not in look(token), "what is known is not asked again"


def test_who_is_not_affected_is_told_no_steps(letter: Letter) -> None:
    told = complete(look(letter[1]))
    assert STEPS in post(letter[1], told).content.decode(), "nobody has looked at the version yet"
    text = post(letter[1], told | {"version-0": "2.5B"}).content.decode()
    assert str(catalogue_of("en").say("title_not_affected")) in text
    assert STEPS not in text


@pytest.mark.parametrize(
    ("lot", "verdict", "told"),
    [
        ("b201575 ", "Your device is affected", "B201575"),
        ("B999999", "Your device is not affected", "B999999"),
    ],
)
def test_a_lot_is_asked_where_the_scope_depends_on_it(
    database: str,  # noqa: ARG001 - rows in it
    tmp_path: Path,
    lot: str,
    verdict: str,
    told: str,
) -> None:
    team = make_team()
    columns = ("device_id", "holder_id", "manufacturer", "catalogue_no", "shipped_on", "lot")
    boxes = [("D1", "H1", "Animas", "AC-200-INV", "2010-12-10", "")]
    action = release_pumps(team, tmp_path, boxes, [], case="b", columns=columns)
    _, token = letter_of(team[Role.AUTHOR].organisation_id, action)
    page = look(token)
    assert 'name="version-0"' not in page
    assert "Look for the word LOT" in page
    assert "more than one lot number" in page
    assert "aria-describedby" in page
    wrong = post(token, complete(page, **{"lot-0": "???"}))
    assert wrong.status_code == 400
    assert 'id="lot-0-fault"' in wrong.content.decode()
    text = post(token, complete(page, **{"lot-0": lot})).content.decode()
    assert verdict in text
    with acting_for(team[Role.AUTHOR].organisation_id):
        answer = TriageAnswer.objects.get()
        assert (answer.column, answer.new_value.upper().strip()) == ("lot", told)
    assert 'name="lot-0"' not in look(token), "what is known is not asked again"


MODEL = ("device_id", "holder_id", "manufacturer", "product", "model", "software_version")


def release_one(folder: Path, *texts: str) -> tuple[int, str]:
    """Release letters about one device, a row of `MODEL`; return organisation and token."""
    team = make_team()
    action = release_pumps(team, folder, [("D1", "H1", *texts)], [], columns=MODEL)
    acme = team[Role.AUTHOR].organisation_id or 0
    return acme, letter_of(acme, action)[1]


@pytest.mark.usefixtures("database")
def test_the_model_is_asked_and_what_it_leads_to_is_asked_next(tmp_path: Path) -> None:
    acme, token = release_one(tmp_path, "Medtronic", "MiniMed Paradigm", "5xx", "")
    page = look(token)
    for words in ('value="model: 523"', 'value="other"', "I cannot find it", "Device: Mini"):
        assert words in page
    assert "Model number: 5xx. This does not settle it" in page, "what is on record is shown"
    vain = complete(page, **{"model-0": "unknown", "version-0": ""})
    assert "look for it with you" in post(token, vain).content.decode()
    wrong = complete(page, **{"model-0": "other", "model-0-model": "98765"})
    text = post(token, wrong).content.decode()
    assert "not affected" not in text, "a number that nobody knows clears nothing"
    assert "We will look at what you told us" in text
    with acting_for(acme):
        kinds = list(WorkItem.objects.order_by("kind").values_list("kind", flat=True))
        assert kinds == ["call", "version"]
        assert not TriageAnswer.objects.exists()
    told = complete(page, **{"model-0": "model: 523", "version-0": "2.4A"})
    assert "Your device is affected" in post(token, told).content.decode()
    assert "nothing was changed" in post(token, told).content.decode()
    with acting_for(acme):
        kept = TriageAnswer.objects.order_by("pk").values_list("column", "old_value", "new_value")
        assert list(kept) == [("model", "5xx", "523"), ("software_version", "", "2.4A")]
    assert 'name="model-0"' not in look(token)


@pytest.mark.usefixtures("database")
def test_who_names_a_product_is_asked_what_matters_for_it(tmp_path: Path) -> None:
    _, token = release_one(tmp_path, "Medtronic", "", "", "")
    page = look(token)
    assert 'name="version-0"' not in page, "nobody knows yet whether it has one"
    told = complete(page, **{"model-0": "model: 523", "problem": "It was wet."})
    text = post(token, told).content.decode()
    assert "One more question" in text
    carried = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', text))
    assert "problem" not in carried, "one complaint is enough"
    again = post(token, carried).content.decode()
    assert 'name="version-0"' in again
    assert 'value="have" checked' in again
    carried.pop("again")
    known = post(token, carried | {"version-0": "2.4A"}).content.decode()
    assert "Your device is affected" in known


@pytest.mark.usefixtures("database")
def test_a_version_on_record_that_cannot_be_read_is_shown_and_asked_again(tmp_path: Path) -> None:
    _, token = release_one(tmp_path, "Medtronic", "", "MMT-523", "two point four")
    page = look(token)
    assert "Software version: two point four. This does not settle it" in page
    assert 'name="model-0"' not in page
    told = complete(page, **{"version-0": "2.5B"})
    assert "Your device is not affected" in post(token, told).content.decode()


@pytest.mark.usefixtures("database")
def test_a_clinic_is_asked_what_its_letter_asks(tmp_path: Path) -> None:
    team = make_team()
    columns = ("device_id", "holder_id", "clinic_id", "manufacturer", "model")
    pumps = [("D1", "H1", "C1", "Medtronic", "MMT-508")]
    clinic = ("C1", "clinician", "Dr Zwetschge", "zoe@clinic.example", "1 Street", "en")
    action = release_pumps(
        team, tmp_path, pumps, [clinic], columns=columns, has_letters_of_case=True
    )
    acme = team[Role.AUTHOR].organisation_id or 0
    with acting_for(acme):
        row = Recipient.objects.get(release__action=action, audience="clinician")
        token = read_answer_tokens([row])[row.pk]
    page = look(token)
    for words in ("I have informed all patients concerned.", "I have no", "answer for your clinic"):
        assert words in page
    for words in ("do not know this person", "very unwell", "first-step"):
        assert words not in page, "these are words for patients"
    form = read_recipient_form(team[Role.OPERATOR], row.pk)
    lines = {line.means: f"do-{line.key}" for line in form.lines}
    told = {"outcome": "answers", "confirm": "yes", lines["understood"]: "done"}
    told |= {lines["none"]: "not_for_me", lines["call"]: "done"}
    refused = post(token, told)
    assert refused.status_code == 400
    assert f'href="#{lines["done"]}">' in refused.content.decode()
    shown = []
    for done in ("not_yet", "done"):
        assert post(token, told | {lines["done"]: done}).status_code == 200
        whole = read_funnel(team[Role.AUDITOR], action).splits["audience"]
        shown.append(next(each.amounts[3:] for each in whole if each.value == "clinician"))
    assert shown == [(1, 1, 0), (1, 1, 1)], "who has not told the patients has not acted"
    with acting_for(acme):
        assert list(WorkItem.objects.values_list("kind", flat=True)) == ["call"]


def test_what_follows_from_an_answer_is_opened(world: World, letter: Letter) -> None:
    recipient_id, token = letter
    told = complete(
        look(token),
        **{
            "device-0": "passed_on",
            "passed-on-0": "Zoe Zwetschge, 555-0199",
            "problem": "The inside was wet.",
            "query": "Who pays?",
            "first-step": "wait",
        },
    )
    text = post(token, told).content.decode()
    for words in ("told us about a problem", "has the device now", "answer your question"):
        assert words in text
    assert "call the emergency number first" in text, "who chose wrongly is told what is right"
    with acting_for(world.acme):
        assert Complaint.objects.count() == PassedOn.objects.count() == 1
        assert set(WorkItem.objects.values_list("kind", flat=True)) == {"help", "query"}
        answer = Acknowledgement.objects.get()
        assert (answer.has_understood, answer.has_acted) == (False, True)
        assert b"wet" not in bytes(answer.body)
        states = set(
            Dispatch.objects.filter(recipient_id=recipient_id).values_list("state", flat=True)
        )
        assert states <= {"acknowledged", "withdrawn"}
    trail = b"".join(row.body for row in read_rows())
    assert b"wet" not in trail
    assert b"Zoe" not in trail


@pytest.mark.parametrize("outcome", ["moved", "wrong_person", "deceased", "refuses"])
def test_who_is_not_the_addressee_need_not_answer_more(
    world: World, letter: Letter, outcome: str
) -> None:
    with acting_for(world.acme):  # the task that the release has opened
        ContactRepair.objects.update(closed_at=NOW, outcome="found")
    answer = post(letter[1], {"outcome": outcome, "confirm": "yes"})
    assert answer.status_code == 200
    assert (STEPS in answer.content.decode()) is (outcome == "refuses"), "no steps for the dead"
    with acting_for(world.acme):
        kept = Acknowledgement.objects.get()
        assert (kept.outcome, kept.has_understood, kept.has_acted) == (outcome, False, False)
        astray = outcome in {"moved", "wrong_person"}
        assert ContactRepair.objects.filter(closed_at=None).exists() is astray


def test_what_is_missing_is_named_and_what_was_typed_stays(letter: Letter) -> None:
    _, token = letter
    told = complete(look(token), **{"problem": "<b>wet</b>", "device-0": "passed_on"})
    del told["confirm"]
    answer = post(token, told)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert 'href="#confirm"' in text
    assert 'href="#passed-on-0"' in text
    assert "&lt;b&gt;wet&lt;/b&gt;" in text
    nothing = post(token, {})
    assert nothing.status_code == 400
    assert 'href="#outcome"' in nothing.content.decode()
    unread = post(token, complete(look(token), **{"version-0": "\u0007?"}))
    assert "or leave it empty." in unread.content.decode()
    assert unread.status_code == 400


def test_a_code_from_paper_opens_its_letter(letter: Letter) -> None:
    _, token = letter
    typed = " ".join(token.lower()[at : at + 5] for at in range(0, 26, 5))
    answer = DeskClient().post("/en/answer", {"code": typed})
    assert answer.status_code == 302
    assert answer["Location"] == f"/en/answer/{token}"
    for wrong in ("", "x", token[:-1], "é" * 26, "0" * 5000):
        refused = DeskClient().post("/en/answer", {"code": wrong})
        assert refused.status_code == 404
        assert "opens no letter" in refused.content.decode()
    assert "opens no letter" in DeskClient().get("/a/AAAA", follow=True).content.decode()
    assert DeskClient().get("/en/answer/AAAA").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_each_language(letter: Letter, language: str) -> None:
    text = look(letter[1], language)
    catalogue = catalogue_of(language)
    assert f'<html lang="{language}"' in text
    assert str(catalogue.say("answer_button")) in text
    public = PublicNotice(case_notices("a")[0])
    for told in public.notice.instructions["patient"]:
        assert f"<legend>{escape(public.text_in(language, told).text)}</legend>" in text
    assert 'lang="en">' not in re.findall("<main.*</main>", text, re.DOTALL)[0]
    assert (str(catalogue.say("machine_part")) in text) == (language != "en")
    assert str(catalogue.say("english_only")) not in text
    answer = DeskClient().get(f"/{language}/answer/{letter[1]}")
    assert "no-store" in answer["Cache-Control"]
    assert "script-src" not in answer["Content-Security-Policy"]


def test_no_form_of_others_is_taken(letter: Letter) -> None:
    client = DeskClient(checks_forms=True)
    body = urlencode(complete(look(letter[1])))
    answer = client.post(
        f"/en/answer/{letter[1]}", body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 403
