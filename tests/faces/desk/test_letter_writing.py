"""Writing letters at the desk: begun, edited block by block, checked, saved, never overwritten."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.faces.desk.test_letter_pages import Team, callers, letter, said, team
from tests.lib.desk_client import DeskClient
from tests.lib.page_forms import faulty_fields, fields_of_page, text_of_page
from tocsin.formats.letter_file import write_letter_file
from tocsin.outreach.typed_letter import BLOCKS
from tocsin.services.letter_templates import letter_templates
from tocsin.services.letters import list_letter_sources, read_letter
from tocsin.services.work import Caller
from tocsin.store.roles import Role

__all__ = ["callers", "letter", "team"]
pytestmark = pytest.mark.sqlite_is_enough
Typed = dict[str, str]


def press(author: DeskClient, address: str, fields: Typed, do: str, **changes: str) -> Any:
    return author.post(address, {**fields, **changes, "do": do}, follow=True)


def typed_on(answer: Any) -> Typed:
    return fields_of_page(answer, "letter")


def test_every_letter_of_ours_goes_through_the_form_unchanged(
    team: Team, callers: dict[Role, Caller], letter: tuple[int, int]
) -> None:
    action, author = letter[0], team[Role.AUTHOR]
    for name in ("a/patient-affected/en", "c/dhpc-plan/en", "general/facility/en"):
        begun = {"letter": "bulletin", "language": "en", "start": "own", "template": name}
        page = author.post(f"/desk/actions/{action}/letters/new/", begun)
        text = letter_templates()[name]
        address = f"/desk/actions/{action}/letters/{text.letter}/source/"
        assert "kept as revision 1" in said(press(author, address, typed_on(page), "save"))
        assert text in [each for _, each in list_letter_sources(callers[Role.AUTHOR], action)]


def test_buttons_add_move_and_remove_blocks_and_keep_what_was_typed(
    team: Team, letter: tuple[int, int]
) -> None:
    action, author = letter[0], team[Role.AUTHOR]
    address = f"/desk/actions/{action}/letters/clinician/source/"
    empty = {"letter": "clinician", "language": "en", "start": "empty"}
    page = author.post(f"/desk/actions/{action}/letters/new/", empty)
    page = press(author, address, typed_on(page), "add", subject="Your <pumps>")
    page = press(author, address, typed_on(page), "add", add_kind="table", **{"b0-text": "Stop."})
    typed = {"b1-caption": "Lots", "b1-columns": "Lot\nPlace", "b1-rows": "B2\\|3 | Belgium"}
    page = press(author, address, typed_on(page), "down:0", **typed)
    assert "Moved down" in text_of_page(page)
    page = press(author, address, typed_on(page), "add", add_kind="heading", add_before="0")
    page = press(author, address, typed_on(page), "save")
    assert page.status_code == 400
    assert faulty_fields(page) == ["b0-text"]
    before = typed_on(page)
    page = press(author, address, before, "remove:1")
    page = press(author, address, typed_on(page), "down:0")
    page = press(author, address, typed_on(page), "up:1")
    assert f"A block was removed: {BLOCKS['table'][0]}" in text_of_page(page)
    page = press(author, address, typed_on(page), "restore")
    assert typed_on(page) == before, "a block comes back with all that was typed into it"
    page = press(author, address, typed_on(page), "remove:0")
    page = press(author, address, typed_on(page), "check")
    assert "What stands here is not kept yet" in text_of_page(page)
    assert "flesch_kincaid" in said(page)
    page = press(author, address, typed_on(page), "pdf")
    assert page.content.startswith(b"%PDF-")


def test_a_version_is_written_beside_its_source_and_not_over_what_somebody_saved(
    team: Team, callers: dict[Role, Caller], letter: tuple[int, int]
) -> None:
    action, author = letter[0], team[Role.AUTHOR]
    begin = f"/desk/actions/{action}/letters/patient-check-version/new/"
    page = author.post(begin, {"language": "nl", "country": "BE", "start": "source"})
    assert "The same words as the source" in text_of_page(page)
    address = f"/desk/actions/{action}/letters/patient-check-version/nl/BE/"
    fields = typed_on(page)
    first = press(author, address, fields, "save", subject="Uw pomp", prepared_by="machine")
    assert "The text is kept: version 1, a draft" in text_of_page(first)
    late = press(author, address, fields, "save", subject="Kijk naar uw pomp")
    assert late.status_code == 409
    told = text_of_page(late)
    assert "Somebody else has saved this letter" in told
    assert "<del># Uw pomp</del>" in said(late)
    assert "<ins># Kijk naar uw pomp</ins>" in said(late)
    assert typed_on(late)["subject"] == "Kijk naar uw pomp"
    assert "version 1, a draft" in text_of_page(press(author, address, typed_on(late), "save"))
    # The source moves on while somebody translates.
    source = f"/desk/actions/{action}/letters/patient-check-version/source/"
    changed = press(author, source, typed_on(author.get(source)), "save", subject="Check it now")
    assert "Drafts again: patient-check-version fr BE, patient-check-version nl BE" in said(changed)
    beside = press(author, address, typed_on(first), "save", subject="Uw pomp, nu")
    assert beside.status_code == 409
    assert "the source of this letter" in text_of_page(beside)
    assert "Check it now" in text_of_page(beside)
    shown = read_letter(callers[Role.AUTHOR], letter[1])
    assert "The source has changed" in shown.line.why_reopened


def test_a_file_begins_a_letter_and_a_bad_one_is_told(team: Team, letter: tuple[int, int]) -> None:
    action, author = letter[0], team[Role.AUTHOR]
    begin = f"/desk/actions/{action}/letters/new/"

    def send(name: str, content: bytes) -> Any:
        told = {"letter": "bulletin", "language": "en", "start": "file"}
        return author.post(begin, {**told, "file": SimpleUploadedFile(name, content)})

    text = letter_templates()["b/clinician/de"]
    page = send("letter.yaml", write_letter_file(text).encode())
    assert typed_on(page)["subject"] == text.subject
    assert typed_on(page)["language"] == "de"
    plain = send("letter.txt", b"Stop {hotline}\n\nCall us.\nNow.\n\n- One\n- Two\n")
    assert typed_on(plain)["b0-text"] == "Call us. Now."
    assert typed_on(plain)["b1-items"] == "One\nTwo"
    for name, content in (("a.docx", b"PK"), ("a.txt", b"\xff\xfe"), ("a.yaml", b"- 1"),
                          ("a.txt", b"x" * 100_001)):  # fmt: skip
        refused = send(name, content)
        assert refused.status_code == 400
        assert "Nothing was" in text_of_page(refused)


def test_who_does_not_write_is_offered_nothing_and_refused(
    team: Team, letter: tuple[int, int]
) -> None:
    action, number = letter
    listed = f"/desk/actions/{action}/letters/"
    assert "Begin a letter" in said(team[Role.AUTHOR].get(listed))
    assert "Begin a letter" not in said(team[Role.AUDITOR].get(listed))
    assert "Write this text" in said(team[Role.AUTHOR].get(f"/desk/letters/{number}/"))
    assert "Write this text" not in said(team[Role.REVIEWER].get(f"/desk/letters/{number}/"))
    assert team[Role.AUTHOR].get(f"{listed}nonsense/source/").status_code == 404
    assert team[Role.AUTHOR].get(f"{listed}bulletin/new/").status_code == 404
