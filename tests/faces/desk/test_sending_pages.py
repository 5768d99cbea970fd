"""Sending at the desk: figures and accounts, the stop, an unknown outcome decided, a call noted."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.lib.authenticator_app import Clock, clock
from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tests.lib.sending import PAST, TEXT, arrange_for, list_one_more
from tests.services.sample_dispatch_calls import LOG, NOTIFICATION
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.store.models import Dispatch, Holder, Organisation, Registry
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

__all__ = ["clock"]
Team = dict[Role, DeskClient]


@pytest.fixture
def team(prepared: Prepare) -> Team:
    return prepared(team_at_desk)


@pytest.fixture
def action(team: Team, clock: Clock) -> int:  # noqa: ARG001 - users are made first
    """Arrange an action with one call that waits and one outcome that is unknown."""
    organisation = Organisation.objects.get(slug="acme")
    action = arrange_for(organisation.pk, [Channel.TELEPHONE, Channel.LETTER])
    Dispatch.everywhere.filter(channel="letter").update(state=DispatchState.UNKNOWN)
    return action


def text_of(client: DeskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_the_page_of_sending_shows_figures_and_accounts(team: Team, action: int) -> None:
    text = text_of(team[Role.AUDITOR], f"/desk/actions/{action}/sending/")
    assert "it may or may not have been accepted" in text
    assert "Stop all sending" not in text
    narrowed = text_of(team[Role.AUDITOR], f"/desk/actions/{action}/sending/?state=unknown")
    assert narrowed.count('scope="row"><a href="/desk/dispatches/') == 1
    one = Dispatch.everywhere.get(channel="letter").pk
    for role, words in ((Role.OPERATOR, "Decide about it"), (Role.AUDITOR, "a releaser decides")):
        assert words in text_of(team[role], f"/desk/dispatches/{one}/")
    assert f"/desk/dispatches/{one}/" in text_of(team[Role.OPERATOR], "/desk/unknown/")


def test_who_has_no_dispatch_is_found_by_id(team: Team, action: int) -> None:
    address = f"/desk/actions/{action}/recipients/"
    called, left = Dispatch.everywhere.get(channel="telephone").recipient, list_one_more(action)
    asked = team[Role.OPERATOR]
    assert address in text_of(asked, f"/desk/actions/{action}/sending/")
    entering = "/desk/recipients/{}/answer/"
    for sought in (str(left.person_id), str(left.pk), ""):
        text = text_of(asked, f"{address}?sought={sought}&without_dispatch=on")
        assert entering.format(left.pk) in text
        assert entering.format(called.pk) not in text
    assert entering.format(called.pk) in text_of(asked, address)
    assert "is no id" in text_of(asked, f"{address}?sought=Ada+Lovelace")
    assert entering.format(left.pk) not in text_of(team[Role.AUDITOR], address)


def test_everything_is_stopped_and_let_go_on(team: Team, action: int) -> None:
    address = f"/desk/actions/{action}/sending/"
    assert "Stop all sending" in text_of(team[Role.OPERATOR], address)
    done = team[Role.OPERATOR].post("/desk/sending/stop/", {"reason": "wrong"}, follow=True)
    assert "Stopped: nothing more leaves the house." in done.content.decode()
    for place in (address, "/desk/actions/"):
        assert "All sending is stopped" in text_of(team[Role.AUDITOR], place)
        assert "A releaser ends the stop" in text_of(team[Role.AUDITOR], place)
        assert "/desk/sending/end-stop/" in text_of(team[Role.RELEASER], place)
    team[Role.RELEASER].post("/desk/sending/end-stop/", {"reason": "right"}, follow=True)
    for place in (address, "/desk/actions/"):
        assert "All sending is stopped" not in text_of(team[Role.AUDITOR], place)


def test_a_decision_without_a_code_changes_nothing(team: Team, action: int) -> None:
    assert action
    one = Dispatch.everywhere.get(channel="letter").pk
    told = {"decision": "accepted", "reason": "the print house says so"}
    answer = team[Role.OPERATOR].post(f"/desk/dispatches/{one}/decide/", told)
    assert answer.status_code >= 400
    assert Dispatch.everywhere.get(pk=one).state == DispatchState.UNKNOWN


def test_a_call_is_read_out_and_noted(team: Team, action: int) -> None:
    one = Dispatch.everywhere.get(channel="telephone").pk
    caller = team[Role.OPERATOR]
    assert f"/desk/actions/{action}/calls/{one}/" in text_of(
        caller, f"/desk/actions/{action}/calls/"
    )
    address = f"/desk/actions/{action}/calls/{one}/"
    text = text_of(caller, address)
    assert TEXT.subject in text
    assert "audit trail" in text
    assert "nobody here has signed" in text  # of a release of before there were such words
    assert f'"/desk/dispatches/{one}/"' in text
    done = caller.post(address, {"outcome": "spoken"}, follow=True)
    assert f"Call {one} is spoken now." in done.content.decode()
    called = Dispatch.everywhere.get(pk=one).recipient_id
    assert done.redirect_chain == [(f"/desk/recipients/{called}/answer/", 302)]
    assert "There is nobody to call now" in text_of(caller, f"/desk/actions/{action}/calls/")
    assert Dispatch.everywhere.get(pk=one).not_before > PAST


def test_what_clinics_hand_over_is_listed_printed_and_noted(team: Team, clock: Clock) -> None:
    assert clock
    organisation = Organisation.objects.get(slug="acme")
    action = arrange_for(organisation.pk, [Channel.CLINIC, Channel.CLINIC])
    row = Dispatch.everywhere.order_by("pk").first()
    assert row is not None
    with acting_for(organisation.pk):
        registry = Registry.objects.create(name="list", created_at=PAST)
        Holder.objects.create(
            registry=registry, holder_id="H1", person_id=row.person_id, clinic_id="Hill/2"
        )
    place = f"/desk/actions/{action}/hand-overs/"
    one = f"{place}{registry.pk}/Hill/2/"
    asked = team[Role.OPERATOR]
    assert place in text_of(asked, f"/desk/actions/{action}/sending/")
    text = text_of(asked, place)
    assert f'"{one}"' in text
    assert f'"{place}0/-/"' in text
    assert one not in text_of(team[Role.AUDITOR], place)
    assert asked.get(f"{place}0/Hill/").status_code == 404
    assert "Person " in text_of(asked, one)
    assert asked.get(f"{one}list.csv").content.decode().splitlines()[1].startswith(f"{row.pk},Per")
    assert asked.post(one, {"event": "hand_over"}).status_code == 400
    for event in ("hand_over", "confirm"):
        told = {"dispatches": [row.pk], "event": event, "note": "fax"}
        done = asked.post(one, told, follow=True).content.decode()
        assert "One letter is noted." in done
    assert "nothing left to hand over" in done
    assert Dispatch.everywhere.get(pk=row.pk).state == DispatchState.CONFIRMED


def test_the_relays_log_is_brought_and_settles_what_was_unknown(team: Team, action: int) -> None:
    assert action
    mail = Dispatch.everywhere.get(channel="letter")
    mail.pk, mail.channel, mail.reference = None, "e-mail", uuid4()
    mail.message_id = "<1.quitte@acme.example>"
    with acting_for(mail.organisation_id):
        mail.save(force_insert=True)
    asked, address = team[Role.OPERATOR], "/desk/unknown/evidence/"
    assert address in text_of(asked, "/desk/unknown/")
    assert address not in text_of(team[Role.AUDITOR], "/desk/unknown/")
    other = LOG.replace("1.quitte", "2.birne").replace("4X2abc", "4X2abd")
    for told, words in (
        (LOG + other, "2 read = 1 matched and new + 0 known before + 1 set aside"),
        (LOG, "1 read = 0 matched and new + 1 known before + 0 set aside"),
    ):
        file = SimpleUploadedFile("mail.log", told.encode())
        text = asked.post(address, {"kind": "relay_log", "file": file}).content.decode()
        assert words in text
        assert "1 outcome still undecided" in text
    assert Dispatch.everywhere.get(channel="e-mail").state == DispatchState.ACCEPTED
    file = SimpleUploadedFile("b.mbox", b"From x\n" + NOTIFICATION + b"\nFrom y\nTo: z\n\nhello\n")
    text = asked.post(address, {"kind": "notifications", "file": file}).content.decode()
    assert "2 read = 0 matched and new + 0 known before + 2 set aside" in text
    for kind, told in (("relay_log", b"nothing"), ("notifications", b" ")):
        file = SimpleUploadedFile("a.txt", told)
        answer = asked.post(address, {"kind": kind, "file": file})
        assert answer.status_code == 400
        assert "Nothing was changed" in answer.content.decode()
