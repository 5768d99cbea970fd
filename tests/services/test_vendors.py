"""Vendors of text messages: who may carry them, what they get, what their receipts settle."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lib.sending import arm, arrange_for_vendor
from tocsin.delivery.message_signatures import sign_message
from tocsin.delivery.webhook import WebhookUnfit
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.dispatch_upkeep import keep_up
from tocsin.services.outlets import SecretMissing
from tocsin.services.sending import Sender
from tocsin.services.vendor_receipts import ReceiptUnsigned, take_signed_receipts
from tocsin.services.vendors import VendorPlan, VendorUnfit, add_vendor, end_vendor, list_vendors
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.home import Home
from tocsin.store.models import ContactRepair, Dispatch, DispatchEvidence, Vendor

pytestmark = pytest.mark.usefixtures("database")
SECRET = b"sixteen or more characters"


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VendorPlan:
    """Make an installation, and a vendor's folders."""
    home = Home(tmp_path / "home")
    home.create()
    monkeypatch.setenv("TOCSIN_HOME", str(home.folder))
    monkeypatch.setenv("TOCSIN_TEST_SECRET", SECRET.decode())
    for name in ("out", "receipts"):
        (tmp_path / name).mkdir()
    return VendorPlan(
        "Vendor", "file_drop", str(tmp_path / "out"), "Acme", str(tmp_path / "receipts"),
        "env:TOCSIN_TEST_SECRET",
    )  # fmt: skip


def told(row: Dispatch, status: str, detail: str = "") -> bytes:
    return json.dumps({"id": row.reference.hex, "status": status, "detail": detail}).encode()


def test_a_message_goes_to_the_folder_and_its_receipts_settle_it(
    plan: VendorPlan, tmp_path: Path
) -> None:
    arm()
    arranged = arrange_for_vendor(3, plan)
    sender = Sender(lambda: False)
    assert sender.send_some() == 3
    sender.close()
    first, second, third = Dispatch.everywhere.order_by("pk")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"{row.reference.hex}.json" for row in (first, second, third)}
    message = json.loads((tmp_path / "out" / f"{first.reference.hex}.json").read_bytes())
    assert message["to"] == "+441632960001"
    assert message["text"].startswith("Acme: you have an important letter.")
    assert "/a/" in message["text"]
    assert first.state == DispatchState.ACCEPTED

    Dispatch.everywhere.filter(pk=second.pk).update(state=DispatchState.UNKNOWN)
    lines = [told(first, "delivered"), told(second, "accepted"), b"{}"]
    lines.append(told(third, "failed", "+44 1632 960001 is no mobile"))
    (tmp_path / "receipts" / "1.jsonl").write_bytes(b"\n".join(lines))
    now = datetime.now(tz=UTC)
    sentences = list(keep_up(now))
    assert any("1 lines are no receipts" in each for each in sentences), sentences
    assert (tmp_path / "receipts" / "set-aside" / "1.jsonl").exists()
    rows = Dispatch.everywhere.filter(channel="sms").order_by("pk")
    assert [row.state for row in rows] == ["accepted", "accepted", "bounced"]
    assert rows[2].reply == "[number] is no mobile"
    further = Dispatch.everywhere.exclude(channel="sms")
    assert [(row.person_id, row.channel) for row in further] == [(third.person_id, "telephone")]
    assert ContactRepair.everywhere.get().person_id == third.person_id

    # The same by a signed request counts once; another signature counts for nothing.
    vendor = Vendor.everywhere.get().pk
    body, at_s = b"the body as it came", int(time.time())
    lines = [told(first, "delivered"), told(first, "failed")]
    good = sign_message(SECRET, body, at_s)
    heard = take_signed_receipts(vendor, (body, b"\n".join(lines)), good, now)
    assert (heard.n_known, dict(heard.counts)) == (1, {"bounced": 1})
    n_evidence = DispatchEvidence.everywhere.count()
    for number, signature in ((vendor, good[:-1] + "x"), (vendor + 1, good), (vendor, "")):
        with pytest.raises(ReceiptUnsigned):
            take_signed_receipts(number, (body, told(second, "failed")), signature, now)
    assert DispatchEvidence.everywhere.count() == n_evidence
    assert arranged.organisation_id


def test_another_vendor_takes_over_and_what_waits_leaves_by_the_first(
    plan: VendorPlan, tmp_path: Path
) -> None:
    arm()
    arranged = arrange_for_vendor(1, plan)
    console = Caller(CONSOLE, arranged.organisation_id, frozenset(), datetime.now(tz=UTC))
    (tmp_path / "other").mkdir()
    second = add_vendor(console, replace(plan, place=str(tmp_path / "other"), receipts=""))
    assert [line.ended_at is None for line in list_vendors(console)] == [False, True]
    sender = Sender(lambda: False)
    assert sender.send_some() == 1
    sender.close()
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert end_vendor(console, second) == 0


def test_one_way_out_that_is_away_holds_up_no_other(plan: VendorPlan, tmp_path: Path) -> None:
    arm()
    arrange_for_vendor(2, plan, slug="first")
    (tmp_path / "other").mkdir()
    arrange_for_vendor(2, replace(plan, place=str(tmp_path / "other")), slug="second")
    (tmp_path / "out").rmdir()
    sender = Sender(lambda: False)
    assert sender.send_some() == 2
    (said,) = sender.hindrances.values()
    assert "cannot be written to" in said
    assert len(list((tmp_path / "other").iterdir())) == 2
    states = Dispatch.everywhere.filter(vendor__place=plan.place).values_list("state", flat=True)
    assert set(states) == {"queued"}


UNFIT = {
    "http elsewhere": ({"kind": "webhook", "place": "http://vendor.example/"}, WebhookUnfit),
    "a user": ({"kind": "webhook", "place": "https://a:b@vendor.example/"}, WebhookUnfit),
    "no secret": (
        {"kind": "webhook", "place": "https://vendor.example/", "secret_from": "env:NO_SUCH"},
        SecretMissing,
    ),
    "a relative folder": ({"place": "out"}, VendorUnfit),
    "a long sender": ({"sender_name": "A" * 25}, VendorUnfit),
    "a line in the sender": ({"sender_name": "A\nB"}, VendorUnfit),
    "receipts among messages": ({"receipts": "place"}, VendorUnfit),
}


@pytest.mark.parametrize(("changes", "error"), UNFIT.values(), ids=UNFIT.keys())
def test_what_cannot_be_used_is_refused(
    plan: VendorPlan, changes: dict[str, str], error: type[Exception]
) -> None:
    if changes.get("receipts"):
        changes = {"receipts": plan.place}
    console = Caller(
        CONSOLE, arrange_for_vendor(0, plan).organisation_id, frozenset(), datetime.now(UTC)
    )
    with pytest.raises(error):
        add_vendor(console, replace(plan, **changes))
    assert Vendor.everywhere.count() == 1
