"""Printed letters: made of what is stored, handed over once, accounted for to the last one."""

import csv
import io
import json
import subprocess
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from shutil import which
from zipfile import ZipFile

import pytest
import zxingcpp
from PIL import Image

from tests.lib.printed_letters import NAMES, Team, codes_of, ready_batch, wait_to_be_printed
from tests.services.kept_actions import make_team, proven
from tests.services.lists import NOW
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.outreach.print_report import BatchState
from tocsin.render.letters.pdf import check_pdf
from tocsin.services import print_rendering
from tocsin.services.dispatch_upkeep import keep_up
from tocsin.services.job_runs import JobStopped, run_next
from tocsin.services.persons import erase_person
from tocsin.services.print_batches import (
    NothingToPrint,
    close_print_batch,
    discard_print_batch,
    make_print_batch,
    read_print_batch,
)
from tocsin.services.print_handover import BatchBytesChanged, BatchFile, given_out
from tocsin.services.print_rendering import print_again
from tocsin.services.print_reports import keep_print_report
from tocsin.services.print_work import PrintBatchNotNow
from tocsin.services.printed_sheets import AddresseeErased
from tocsin.services.work import Caller, StepUpNeeded
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.audit.anchor_file import last_anchor
from tocsin.store.erasure import destroy_private
from tocsin.store.home import find_home
from tocsin.store.issued_letters import find_issued, shown
from tocsin.store.jobs import Claim
from tocsin.store.models import (
    ContactRepair,
    Dispatch,
    DispatchEvidence,
    IssuedLetter,
    PrintBatch,
)
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

pytestmark = pytest.mark.usefixtures("database")


def arrange(folder: Path) -> tuple[Team, int]:
    team = make_team()
    return team, wait_to_be_printed(team, folder)


def operator(team: Team) -> Caller:
    return team[Role.OPERATOR]


def take(team: Team, batch: int, reason: str = "") -> tuple[BatchFile, bytes]:
    caller = proven(operator(team)) if reason else operator(team)
    with given_out(caller, batch, reason) as (told, file):
        return told, file.read()


def states(team: Team) -> Counter[str]:
    with acting_for(operator(team).organisation_id):
        return Counter(Dispatch.objects.values_list("state", flat=True))


def report(*lines: tuple[str, str, str]) -> bytes:
    return "\n".join(["letter_id,outcome,date", *map(",".join, lines)]).encode()


def test_a_batch_holds_validated_letters_and_sets_aside_what_cannot_be_printed(
    team: Team, action: int
) -> None:
    view = read_print_batch(operator(team), ready_batch(team, action))
    assert (view.line.n_in, view.line.n_ready, view.line.n_set_aside) == (4, 3, 1)
    (aside,) = view.set_aside
    assert aside.problem_code == "glyph_missing"
    assert "U+4F60" in aside.problem
    with acting_for(operator(team).organisation_id):
        assert ContactRepair.objects.get(person_id=aside.person_id).because == "glyph_missing"
    told, content = take(team, view.line.batch_id)
    assert sha256(content).hexdigest() == told.sha256
    with ZipFile(io.BytesIO(content)) as archive:
        seal = json.loads(archive.read("batch.json"))
        manifest = archive.read("manifest.csv")
        assert seal["manifest_sha256"] == sha256(manifest).hexdigest() == view.line.sha256
        rows = list(csv.DictReader(io.StringIO(manifest.decode())))
        assert seal["n_letters"] == len(rows) == 3
        for row in rows:
            pdf = archive.read(row["file"])
            assert sha256(pdf).hexdigest() == row["sha256"]
            assert check_pdf(pdf, row["letter_id"]) == int(row["pages"])
            assert row["country"] == "FR"
    assert not any(name.split()[0] in manifest.decode() for name in NAMES)
    assert states(team) == {"printed": 3, "queued": 1}


def test_a_batch_is_handed_over_once_and_again_only_with_a_signature(
    team: Team, action: int
) -> None:
    batch = ready_batch(team, action)
    first, content = take(team, batch)
    with pytest.raises(PrintBatchNotNow, match="handed over"):
        take(team, batch)
    with pytest.raises(StepUpNeeded), given_out(operator(team), batch, "lost on the way"):
        pass
    again, same = take(team, batch, "lost on the way")
    assert (again, same) == (first, content)
    assert read_print_batch(operator(team), batch).line.n_given_out == 2
    with pytest.raises(PrintBatchNotNow, match="must be rendering or ready"):
        discard_print_batch(operator(team), batch, "wrong")


def test_what_must_not_leave_does_not(team: Team, action: int) -> None:
    batch = ready_batch(team, action)
    make_print_batch(operator(team), action)  # of the letter that was set aside
    with pytest.raises(NothingToPrint):
        make_print_batch(operator(team), action)
    late = replace(operator(team), now=NOW.replace(year=2027))
    with pytest.raises(PrintBatchNotNow, match="past their time"), given_out(late, batch):
        pass
    with acting_for(operator(team).organisation_id):
        Dispatch.objects.filter(state="queued").update(state=str(DispatchState.WITHDRAWN))
    with pytest.raises(PrintBatchNotNow, match="3 of its letters do not wait"):
        take(team, batch)
    discard_print_batch(operator(team), batch, "withdrawn")
    assert read_print_batch(operator(team), batch).line.state is BatchState.DISCARDED


def test_changed_bytes_never_leave(team: Team, action: int) -> None:
    batch = ready_batch(team, action)
    with acting_for(operator(team).organisation_id):
        other = IssuedLetter.objects.filter(batch=batch).order_by("pk").first()
        assert other is not None
        IssuedLetter.objects.filter(pk=other.pk).update(written_on=NOW.date().replace(year=2020))
    with pytest.raises(BatchBytesChanged, match=shown(other.letter_id)):
        take(team, batch)
    assert states(team) == {"queued": 4}


def test_a_report_moves_letters_and_accounts_for_each(team: Team, action: int) -> None:
    batch = ready_batch(team, action)
    take(team, batch)
    one, two, three = (each.letter_id for each in read_print_batch(operator(team), batch).letters)
    one, two, three = map(shown, (one, two, three))
    found = keep_print_report(
        operator(team),
        batch,
        report(
            (one.lower(), "posted", "2026-11-21"),
            (one, "posted", "2026-11-21"),
            (two, "spoiled", "2026-11-21"),
            ("T0000-0000-0000", "posted", "2026-11-21"),
            (three, "eaten", "2026-11-21"),
            (three, "posted", "2026-12-24"),
        ),
    )
    assert found.counts == {"posted": 1, "spoiled": 1}
    assert [each.code for each in found.set_aside] == [
        "double", "unknown_letter", "unreadable", "in_the_future",
    ]  # fmt: skip
    assert found.n_read == sum(found.counts.values()) + found.n_known + len(found.set_aside)
    assert str(found.account) == (
        "3 went out = 1 posted + 1 spoiled + 0 returned + 1 not accounted for"
    )
    assert states(team) == {"posted": 1, "queued": 2, "printed": 1}
    repeated = keep_print_report(operator(team), batch, report((one, "posted", "2026-11-21")))
    assert (repeated.counts, repeated.n_known) == ({}, 1)

    found = keep_print_report(operator(team), batch, report((one, "returned", "2026-11-21")))
    assert found.account.n_returned == 1
    list(keep_up(NOW))
    with acting_for(operator(team).organisation_id):
        back = Dispatch.objects.get(state="returned")
        assert back.followed_at is not None
        assert ContactRepair.objects.filter(person=back.person, channel="letter").exists()
        assert {each.tells for each in DispatchEvidence.objects.filter(dispatch=back)} == {
            "accepted", "bounced",
        }  # fmt: skip

    assert close_print_batch(operator(team), batch, "they say no more") == 1
    assert states(team)["unknown"] == 1
    late = keep_print_report(operator(team), batch, report((three, "posted", "2026-11-21")))
    assert late.account.n_unaccounted == 0
    assert "unknown" not in states(team)


def test_a_spoiled_letter_is_printed_again_as_it_was(team: Team, action: int) -> None:
    batch = ready_batch(team, action)
    take(team, batch)
    before = {
        each.letter_id: each.sha256 for each in read_print_batch(operator(team), batch).letters
    }
    lines = [(shown(each), "spoiled", "2026-11-21") for each in before]
    keep_print_report(operator(team), batch, report(*lines))
    again = read_print_batch(operator(team), ready_batch(team, action))
    assert {each.letter_id: each.sha256 for each in again.letters} == before


def test_an_erased_person_leaves_no_name_and_no_letter(team: Team, action: int) -> None:
    batch = ready_batch(team, action)
    with acting_for(operator(team).organisation_id):
        letter = IssuedLetter.objects.select_related("dispatch").filter(batch=batch).first()
        assert letter is not None
        kept = b"".join(bytes(each or b"") for each in (letter.sealed_sheet, letter.sealed_code))
        manifest = bytes(PrintBatch.objects.get(pk=batch).manifest)
    assert not any(name.split()[0].encode() in kept + manifest for name in NAMES[:3])
    person = str(letter.dispatch.person_id)
    held = erase_person(team[Role.PRIVACY_OFFICER], person, "asked for it")
    assert held.held_because  # an open action: nobody drops silently out of it
    destroy_private(person, NOW)
    with pytest.raises(AddresseeErased):
        take(team, batch)


def test_a_letter_is_known_by_id_and_code_once_it_has_left(team: Team, action: int) -> None:
    batch = ready_batch(team, action)
    with acting_for(operator(team).organisation_id):
        letter = IssuedLetter.objects.filter(batch=batch).first()
        assert letter is not None
    assert find_issued(letter.letter_id, "0123456789") is None


@pytest.mark.skipif(which("pdftoppm") is None, reason="apt install poppler-utils")
def test_a_printed_letter_says_how_it_is_answered_and_checked(
    team: Team, action: int, tmp_path: Path
) -> None:
    batch = ready_batch(team, action)
    with acting_for(operator(team).organisation_id):
        letter = IssuedLetter.objects.select_related("dispatch__recipient").filter(batch=batch)[0]
        content = print_again(letter)
        token = read_answer_tokens([letter.dispatch.recipient])[letter.dispatch.recipient_id]
    path = tmp_path / "letter.pdf"
    path.write_bytes(content)
    text = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True
    ).stdout
    number, code = codes_of(team, batch)[0]
    anchored = last_anchor(find_home().anchors)
    for said in (number, code, "/l", token):
        assert said in text
    if anchored is not None:
        assert f"{anchored.seq} {anchored.hash[:32]}" in text
    command = ["pdftoppm", "-r", "110", "-png", "-singlefile", str(path), str(tmp_path / "page")]
    subprocess.run(command, check=True)
    (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "page.png"))
    assert found.text.endswith(f"/a/{token}")


def test_a_stopped_worker_goes_on_with_the_next_letter(
    team: Team, action: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_rendering, "AT_ONCE", 1)
    batch = make_print_batch(operator(team), action)

    def stop(_: Claim) -> None:
        raise JobStopped

    with pytest.raises(JobStopped):
        run_next(stop)
    half = read_print_batch(operator(team), batch)
    # Which is the first is chance, and one of them cannot be made.
    done = [each for each in half.letters if each.sha256] + list(half.set_aside)
    assert (half.line.state, len(done)) == (BatchState.RENDERING, 1)
    with pytest.raises(PrintBatchNotNow, match="must be ready"):
        take(team, batch)
    assert run_next(lambda _: None) is not None
    whole = read_print_batch(operator(team), batch)
    assert (whole.line.n_ready, whole.line.n_set_aside) == (3, 1)
    assert done[0] in [*whole.letters, *whole.set_aside]
