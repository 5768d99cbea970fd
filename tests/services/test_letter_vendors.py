"""Letters that leave by a vendor one by one: the same file to a folder or an address, once."""

import csv
import io
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.lib.printed_letters import NAMES, Team, console, letter_folders, wait_to_be_printed
from tests.lib.sending import arm
from tests.services.kept_actions import make_team
from tocsin.delivery.message_signatures import HEADER, is_signed
from tocsin.outreach.channels import Channel
from tocsin.render.letters.pdf import check_pdf
from tocsin.services.conservation import read_conservation
from tocsin.services.dispatch_upkeep import keep_up
from tocsin.services.hand_deliveries import NotByHand, list_by_hand, note_letters
from tocsin.services.job_runs import run_next
from tocsin.services.print_batches import NothingToPrint, make_print_batch
from tocsin.services.sending import Sender
from tocsin.services.vendors import VendorPlan, VendorUnfit, add_vendor, end_vendor
from tocsin.store.home import find_home
from tocsin.store.issued_letters import find_issued, open_code
from tocsin.store.models import ContactRepair, Dispatch, IssuedLetter, Vendor
from tocsin.store.person_keys import person_keys
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for
from tocsin.store.vault import Vault

pytestmark = pytest.mark.usefixtures("database")
SECRET = b"sixteen or more characters"


@pytest.fixture
def team() -> Team:
    return make_team()


def make_and_send(team: Team) -> Counter[str]:
    """Let the upkeep order the letters, the worker make them, and a sender hand them over."""
    now = datetime.now(tz=UTC)
    with acting_for(team[Role.OPERATOR].organisation_id):
        times = {
            "queued_at": now,
            "not_before": now - timedelta(1),
            "not_after": now + timedelta(1),
        }
        Dispatch.objects.update(**times)
    assert list(keep_up(now)) == []
    assert list(keep_up(now)) == [], "they are ordered once"
    while run_next(lambda _: None) is not None:
        pass
    sender = Sender(lambda: False)
    sender.send_some()
    sender.close()
    return states(team)


def states(team: Team) -> Counter[str]:
    with acting_for(team[Role.OPERATOR].organisation_id):
        return Counter(Dispatch.objects.filter(channel="letter").values_list("state", flat=True))


def opened(content: bytes) -> tuple[dict[str, str], bytes]:
    """Return the seal and the PDF of a letter's file; all hashes of it are right."""
    with ZipFile(io.BytesIO(content)) as archive:
        seal, manifest = json.loads(archive.read("batch.json")), archive.read("manifest.csv")
        (row,) = csv.DictReader(io.StringIO(manifest.decode()))
        pdf = archive.read(row["file"])
    assert seal["manifest_sha256"] == sha256(manifest).hexdigest()
    assert row["sha256"] == sha256(pdf).hexdigest()
    assert check_pdf(pdf, row["letter_id"]) == int(row["pages"])
    assert not any(name.split()[0] in manifest.decode() for name in NAMES)
    return seal, pdf


def test_each_letter_is_a_file_and_receipts_tell_what_became_of_it(
    team: Team, tmp_path: Path
) -> None:
    arm()
    vendor = add_vendor(console(team), letter_folders(tmp_path))
    action = wait_to_be_printed(team, tmp_path)
    assert states(team) == {"being_made": 4}
    with pytest.raises(NothingToPrint):
        make_print_batch(team[Role.OPERATOR], action)
    assert list_by_hand(team[Role.OPERATOR], action, Channel.LETTER) == []
    assert make_and_send(team) == {"accepted": 3, "refused": 1}
    with acting_for(team[Role.OPERATOR].organisation_id):
        assert ContactRepair.objects.get(because="glyph_missing").channel == "letter"
        rows = list(Dispatch.objects.filter(state="accepted").order_by("pk"))
        letter = IssuedLetter.objects.get(dispatch=rows[0])
        wrapped = person_keys([rows[0].addressee_id])[rows[0].addressee_id]
        code = open_code(Vault(find_home().persons_key), letter, rows[0].addressee_id, wrapped)
    assert find_issued(letter.letter_id, code) is not None, "whoever holds it can ask"
    files = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert set(files) == {f"{row.reference.hex}.zip" for row in rows}
    for row in rows:
        assert opened(files[f"{row.reference.hex}.zip"])[0]["id"] == row.reference.hex
    with pytest.raises(NotByHand, match="leaves by vendor"):
        note_letters(team[Role.OPERATOR], action, "printed", [rows[0].pk])

    told = zip(rows, ("posted", "returned", "failed"), strict=True)
    lines = [json.dumps({"id": row.reference.hex, "status": status}) for row, status in told]
    (tmp_path / "receipts" / "1.jsonl").write_text("\n".join(lines))
    list(keep_up(datetime.now(tz=UTC)))
    assert states(team) == {"posted": 1, "returned": 1, "bounced": 1, "refused": 1}
    with acting_for(team[Role.OPERATOR].organisation_id):
        repaired = ContactRepair.objects.values_list("person_id", flat=True)
        assert {rows[1].person_id, rows[2].person_id} <= set(repaired)
    assert not read_conservation(team[Role.AUDITOR], action).faults
    assert end_vendor(console(team), vendor) == 0


def test_an_address_gets_it_signed_and_a_repeat_is_the_same(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm()
    monkeypatch.setenv("TOCSIN_TEST_SECRET", SECRET.decode())
    with printer() as (url, taken):
        plan = VendorPlan(
            "Printer", "webhook", url, "", secret_from="env:TOCSIN_TEST_SECRET", repeats_h=24,
            channel=Channel.LETTER,
        )  # fmt: skip
        add_vendor(console(team), plan)
        wait_to_be_printed(team, tmp_path, NAMES[:1])
        assert make_and_send(team) == {"queued": 1}, "taken, but nobody saw the answer"
        with acting_for(team[Role.OPERATOR].organisation_id):
            Dispatch.objects.update(not_before=datetime.now(tz=UTC) - timedelta(1))
        sender = Sender(lambda: False)
        assert sender.send_some() == 1
        sender.close()
    assert states(team) == {"accepted": 1}
    first, again = taken
    assert first == again
    assert opened(first[1])[0]["id"] == first[0]


def test_a_vendor_of_mails_is_refused_and_one_of_letters_ends_no_other(
    team: Team, tmp_path: Path
) -> None:
    plan = letter_folders(tmp_path)
    with pytest.raises(VendorUnfit, match="carries sms or letter"):
        add_vendor(console(team), replace(plan, channel=Channel.EMAIL))
    add_vendor(console(team), replace(plan, channel=Channel.SMS, sender_name="Acme"))
    add_vendor(console(team), plan)
    assert Vendor.everywhere.filter(ended_at=None).count() == 2


@contextmanager
def printer() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Serve an address that takes signed letters; the first answer is lost on the way."""
    taken: list[tuple[str, bytes]] = []

    class Request(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_ours = is_signed(SECRET, body, self.headers[HEADER], int(time.time()))
            if not is_ours or self.headers["Content-Type"] != "application/zip":
                self.send_error(400)
                return
            taken.append((self.headers["Idempotency-Key"], body))
            if len(taken) > 1:
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/letters", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
