"""Pages of notices and drafts, with Django's client on both databases."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.page_forms import (
    counts_of_page,
    faulty_fields,
    fields_of_page,
    text_of_page,
)
from tests.lib.prepared import Prepare
from tests.services.lists import DEVICE_COLUMNS, import_list, write_list
from tests.services.sample_calls import NOW
from tocsin.notice.translation_fields import text_field
from tocsin.services.actions import open_action
from tocsin.services.callers import user_caller
from tocsin.services.list_imports import add_registry
from tocsin.services.samples import case_notices, notice_texts
from tocsin.store.roles import Role

CASE_A = "medtronic-minimed-508-paradigm-2019"


@pytest.fixture
def team(prepared: Prepare) -> dict[Role, DeskClient]:
    return prepared(team_at_desk)


def send(client: DeskClient, name: str, content: bytes) -> Any:
    """Send a file to be read; return the last page."""
    return client.post(
        "/desk/notices/upload/", {"file": SimpleUploadedFile(name, content)}, follow=True
    )


def draft_of_case_a(client: DeskClient) -> str:
    """Begin a draft of case A's notice from our YAML; return its address."""
    answer = send(client, "case_a.yaml", notice_texts("a")["case_a.yaml"].encode())
    assert answer.status_code == 200
    address: str = answer.request["PATH_INFO"]
    return address


def fields_on(answer: Any) -> dict[str, str]:
    """Return what the entry's form would send."""
    assert answer.status_code < 500
    return fields_of_page(answer, "entry-form")


def test_a_file_becomes_a_draft_is_edited_kept_and_exported(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    draft = draft_of_case_a(author)
    page = author.get(f"{draft}entries/p523-723/")
    sent = fields_on(page) | {"software": "2.5A or lower", "is_confirmed": "on"}
    answer = author.post(f"{draft}entries/p523-723/", sent, follow=True)
    assert "Entry p523-723 is saved in the draft." in text_of_page(answer)
    assert "software 2.5A or lower" in text_of_page(answer)
    assert "Confirmed by you" in text_of_page(answer)
    keep = author.get(f"{draft}keep/")
    assert "It becomes the first kept revision" in text_of_page(keep)
    answer = author.post(f"{draft}keep/", {"seen": "2", "over": "0"}, follow=True)
    assert f"Revision 1 of {CASE_A} is kept." in text_of_page(answer)
    assert "not released" in text_of_page(answer)
    for kind in ("yaml", "csaf", "csaf-2.1", "csaf-vex", "fhir"):
        export = author.get(f"/desk/notices/of/{CASE_A}/1/export/{kind}/")
        assert export.status_code == 200
        assert export["Content-Disposition"].startswith("attachment;")
    assert author.get(f"/desk/notices/of/{CASE_A}/1/export/docx/").status_code == 404
    again = send(author, "mine.yaml", author.get(
        f"/desk/notices/of/{CASE_A}/1/export/yaml/").content)  # fmt: skip
    assert "after revision 1" in text_of_page(again)


def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    team: dict[Role, DeskClient],
) -> None:
    author = team[Role.AUTHOR]
    address = f"{draft_of_case_a(author)}entries/p523-723/"
    sent = fields_on(author.get(address))
    sent |= {"software": "the newest one", "made_on": "last spring", "countries": "Franse"}
    answer = author.post(address, sent)
    assert answer.status_code == 400
    assert set(faulty_fields(answer)) == {"software", "made_on", "country_sense"}
    assert "says no software versions that can be ordered" in text_of_page(answer)
    for typed in ("the newest one", "last spring", "Franse"):
        assert typed in answer.content.decode()
    assert fields_on(author.get(address))["software"] == "2.4A or lower"


def test_two_editors_of_one_entry_get_a_clear_sentence(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    draft = draft_of_case_a(author)
    first = fields_on(author.get(f"{draft}entries/p523-723/"))
    other = fields_on(author.get(f"{draft}entries/p508/"))
    author.post(f"{draft}entries/p523-723/", first | {"software": "2.5A or lower"})
    assert author.post(f"{draft}entries/p508/", other | {"lots": "A17"}).status_code == 302
    answer = author.post(f"{draft}entries/p523-723/", first | {"software": "2.3 or lower"})
    assert answer.status_code == 409
    assert "was changed after you opened it" in text_of_page(answer)
    assert "software 2.5A or lower" in text_of_page(answer)
    assert fields_on(answer)["software"] == "2.3 or lower"
    again = fields_on(answer) | {"software": "2.3 or lower"}
    assert author.post(f"{draft}entries/p523-723/", again).status_code == 302
    assert "software 2.3 or lower" in text_of_page(author.get(draft))
    assert "lot A17" in text_of_page(author.get(draft))


def test_undo_takes_back_edit_after_edit(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    draft = draft_of_case_a(author)
    author.post(f"{draft}entries/p508/remove/", {"seen": "1"})
    author.post(f"{draft}entries/p511/remove/", {"seen": "2"})
    assert "Edit entry p511" not in text_of_page(author.get(draft))
    author.post(f"{draft}undo/", {"seen": "3"})
    author.post(f"{draft}undo/", {"seen": "4"})
    page = author.get(draft)
    assert "Edit entry p508" in text_of_page(page)
    assert "Edit entry p511" in text_of_page(page)
    assert "Undo:" not in text_of_page(page)
    assert author.post(f"{draft}undo/", {"seen": "5"}).status_code == 400


def test_parts_are_edited_and_faults_shown_beside_them(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    draft = draft_of_case_a(author)
    page = author.get(f"{draft}parts/contacts/")
    sent = fields_of_page(page)
    last = max(int(name.split("-")[1]) for name in sent if name.startswith("contacts-"))
    sent |= {f"contacts-{last}-audience": "clinician", f"contacts-{last}-phone": "+1 555 0100"}
    assert author.post(f"{draft}parts/contacts/", sent).status_code == 302
    assert "clinician: +1 555 0100" in text_of_page(author.get(draft))
    sent = {"seen": "2", "milestones-0-what": "pumps collected", "milestones-0-on": "soon"}
    answer = author.post(f"{draft}parts/milestones/", sent)
    assert answer.status_code == 400
    assert faulty_fields(answer) == ["milestones-0-on"]
    assert author.get(f"{draft}parts/nothing/").status_code == 404


LETTER = b"""Firm: Tandem
Product: X2 insulin pump, model X2

We are recalling X2 insulin pumps with software version 2.0 or lower, lot numbers A17 and A18.
Please call us on 555 0100.
"""


def test_a_letter_is_drafted_with_its_words_and_confirmed_one_by_one(
    team: dict[Role, DeskClient],
) -> None:
    author, reviewer = team[Role.AUTHOR], team[Role.REVIEWER]
    answer = send(author, "letter.txt", LETTER)
    draft, page = answer.request["PATH_INFO"], text_of_page(answer)
    assert "not reviewed" in page
    assert "Where it was read" in page
    assert "2.0 or lower" in page
    names = re.findall(r"/entries/([^/]+)/confirm/", answer.content.decode())
    assert names
    done = reviewer.post(f"{draft}entries/{names[0]}/confirm/", {"seen": "1"}, follow=True)
    assert f"Entry {names[0]} is confirmed." in text_of_page(done)
    assert "Confirmed by you" in text_of_page(done)
    page = author.get(draft).content.decode()
    assert re.findall(r"/entries/([^/]+)/confirm/", page) == names[1:]


def test_counts_and_flips_of_what_is_typed_and_kept(
    team: dict[Role, DeskClient], tmp_path: Path
) -> None:
    author = team[Role.AUTHOR]
    operator = user_caller(int(team[Role.OPERATOR].session["_auth_user_id"]), "acme", NOW)
    add_registry(operator, "clinic")
    rows = [
        (f"D{place}", f"H{place}", "Medtronic", "MMT-723", f"S{place}", version)
        for place, version in enumerate(["2.4A", "2.5A", "", "2.3A"])
    ]
    import_list(operator, "clinic", write_list(tmp_path / "a.csv", DEVICE_COLUMNS, rows))
    draft = draft_of_case_a(author)
    told = author.get(f"{draft}counts/", HTTP_HX_REQUEST="true")
    assert counts_of_page(told)["p523-723"] == (2, 1, 1)
    assert counts_of_page(told)["All 4 records"] == (2, 1, 1)
    sent = fields_on(author.get(f"{draft}entries/p523-723/"))
    typed = author.post(
        f"{draft}counts/", sent | {"software": "2.5A or lower"}, HTTP_HX_REQUEST="true"
    )
    assert counts_of_page(typed)["p523-723"] == (3, 1, 0)
    refused = author.post(
        f"{draft}counts/", sent | {"software": "whatever"}, HTTP_HX_REQUEST="true"
    )
    assert "says no software versions" in text_of_page(refused)
    without = author.post(
        f"{draft}entries/p523-723/", sent | {"go": "count", "software": "2.3 or lower"}
    )
    assert counts_of_page(without)["p523-723"] == (0, 2, 2)
    author.post(f"{draft}keep/", {"seen": "1", "over": "0"})
    caller = user_caller(int(author.session["_auth_user_id"]), "acme", NOW)
    action = open_action(caller, "Pumps", [CASE_A], ["clinic"])
    begun = author.post(f"/desk/notices/of/{CASE_A}/draft/", follow=True)
    draft = begun.request["PATH_INFO"]
    author.post(
        f"{draft}entries/p523-723/",
        sent | {"seen": "1", "software": "2.3A or lower", "is_confirmed": "on"},
    )
    page = author.get(f"{draft}flips/")
    assert "1 record gets a lesser verdict" in text_of_page(page)
    assert f'href="/desk/actions/{action}/release/"' in page.content.decode()
    assert "D0 clinic affected by p523-723 not affected" in text_of_page(page)
    listed = author.get(f"{draft}flips/?as=csv")
    assert listed.content.decode().splitlines()[1].startswith("clinic,D0,affected,not_affected")
    compared = author.get(f"{draft}keep/")
    assert "software 2.4A or lower" in text_of_page(compared)
    assert "software 2.3A or lower" in text_of_page(compared)
    author.post(f"{draft}keep/", {"seen": "2", "over": "1"})
    assert "Review and release its scope" in text_of_page(author.get(f"/desk/notices/of/{CASE_A}/"))
    compared = author.get(f"/desk/notices/of/{CASE_A}/compare/")
    assert "Revision 1 and revision 2" in text_of_page(compared)
    assert "software 2.3A or lower" in text_of_page(compared)


def test_another_revision_kept_meanwhile_is_told(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    draft = draft_of_case_a(author)
    author.post(f"{draft}keep/", {"seen": "1", "over": "0"})
    drafts = [
        author.post(f"/desk/notices/of/{CASE_A}/draft/", follow=True).request["PATH_INFO"]
        for _ in range(2)
    ]
    assert author.post(f"{drafts[0]}keep/", {"seen": "1", "over": "1"}).status_code == 302
    answer = author.post(f"{drafts[1]}keep/", {"seen": "1", "over": "1"})
    assert answer.status_code == 409
    assert "Revision 2 of" in text_of_page(answer)
    closed = author.post(f"{drafts[0]}undo/", {"seen": "1"})
    assert closed.status_code == 409
    gone = author.post(f"{drafts[1]}discard/", {"seen": "1"}, follow=True)
    assert "was given up" in text_of_page(gone)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.yaml", b""),
        ("bomb.yaml", b"a: &a [1]\nb: [*a, *a]"),
        ("deep.json", b"[" * 50_000),
        ("nul.txt", b"Product: X2\x00"),
        ("not.pdf", b"%PDF-1.7 nothing"),
        ("list.csv", b"device_id,model\nD1,X2"),
        ("../../etc/passwd", b"root"),
        ("bundle.json", b'{"resourceType": "Bundle", "entry": []}'),
        ("records.zip", b"PK\x03\x04 not really"),
        ("<b>x</b>.yaml", b"notice: [1"),
        ("latin.yaml", b"notice: \xff\xfa"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(
    team: dict[Role, DeskClient], name: str, content: bytes
) -> None:
    answer = send(team[Role.AUTHOR], name, content)
    assert answer.status_code == 400
    text = text_of_page(answer)
    assert "There is a problem" in text
    assert "tmp" not in text
    assert "Traceback" not in text
    assert "<b>x</b>" not in answer.content.decode()
    assert "Begun from" not in text_of_page(team[Role.AUTHOR].get("/desk/notices/"))


def test_what_a_notice_says_is_shown_as_text(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    evil = "<script>alert(1)</script>"
    title = case_notices("a")[0].title
    text = notice_texts("a")["case_a.yaml"].replace(title, evil)
    answer = send(author, "case_a.yaml", text.encode())
    assert answer.status_code == 200
    assert evil not in answer.content.decode()
    assert html.escape(evil) in answer.content.decode()


def test_a_draft_is_begun_from_a_few_facts(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    facts = {
        "notice": "acme pump",
        "title": "Pumps stop",
        "kind": "recall",
        "manufacturer": "Acme",
        "document": "letter of 1 December",
        "entry": "pump",
        "models": "X1\nX2",
    }
    answer = author.post("/desk/notices/new/", facts)
    assert faulty_fields(answer) == ["notice"]
    answer = author.post("/desk/notices/new/", facts | {"notice": "acme-pump"}, follow=True)
    assert "model X1 or X2" in text_of_page(answer)
    assert "Not reviewed: 1 of 1" in text_of_page(answer)


@pytest.mark.sqlite_is_enough
def test_translations_are_written_and_settled_at_the_desk(team: dict[Role, DeskClient]) -> None:
    author = team[Role.AUTHOR]
    draft = draft_of_case_a(author)
    notice = case_notices("a")[0]
    french = notice.translations[0].texts
    title, advice = text_field(notice.title), text_field(notice.instructions["patient"][1])
    page = author.get(f"{draft}translations/fr/")
    assert html.escape(french[notice.title]) in page.content.decode()
    assert "machine-prepared, not reviewed" in text_of_page(page).lower()
    sent = fields_of_page(page) | {advice: "Parlez-en.", "prepared_by": "person"}
    refused = author.post(f"{draft}translations/fr/", sent)
    assert refused.status_code == 400
    assert "name them under" in text_of_page(refused)
    sent |= {"translator": "Anne Martin", "reviewed_by": "Luc Petit"}
    kept = author.post(f"{draft}translations/fr/", sent, follow=True)
    assert "The translations into fr are saved in the draft." in text_of_page(kept)
    assert "In fr: 16 of 16 texts for the public are translated, 15 of them" in text_of_page(kept)

    head = fields_of_page(author.get(f"{draft}parts/identity/"))
    answer = author.post(
        f"{draft}parts/identity/", head | {"identity-one-title": "Other"}, follow=True
    )
    assert "Made from texts that were changed since: fr, nl, sv, de, es" in text_of_page(answer)
    assert "fits no text of the notice" in text_of_page(author.get(f"{draft}keep/"))
    late = author.post(f"{draft}translations/fr/", sent)
    assert "An English text was changed meanwhile" in text_of_page(late)
    for language in ("fr", "nl", "sv", "de", "es"):
        page = author.get(f"{draft}translations/{language}/")
        assert html.escape(notice.title) in page.content.decode()
        sent = fields_of_page(page) | {text_field("Other"): f"Autre {language}"}
        sent |= {"prepared_by": "machine"}
        assert author.post(f"{draft}translations/{language}/", sent).status_code == 302
    assert title not in author.get(f"{draft}translations/fr/").content.decode()
    assert "It becomes the first kept revision" in text_of_page(author.get(f"{draft}keep/"))
    assert author.get(f"{draft}translations/xx/").status_code == 404
    assert team[Role.AUDITOR].get(f"{draft}translations/fr/").status_code == 403
