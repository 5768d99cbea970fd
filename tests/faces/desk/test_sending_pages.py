"""Sending at the desk: figures and accounts, the stop, an unknown outcome decided, a call noted."""

import pytest

from tests.lib.authenticator_app import Clock, clock
from tests.lib.desk_client import DeskClient, team_at_desk
from tests.lib.prepared import Prepare
from tests.lib.sending import PAST, TEXT, arrange_for, list_one_more
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.store.models import Dispatch, Organisation
from tocsin.store.roles import Role

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
    assert "A releaser ends the stop" in text_of(team[Role.AUDITOR], address)
    team[Role.RELEASER].post("/desk/sending/end-stop/", {"reason": "right"}, follow=True)
    assert "All sending is stopped" not in text_of(team[Role.AUDITOR], address)


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
    assert f'"/desk/dispatches/{one}/"' in text
    done = caller.post(address, {"outcome": "spoken"}, follow=True)
    assert f"Call {one} is spoken now." in done.content.decode()
    assert "There is nobody to call now" in done.content.decode()
    assert Dispatch.everywhere.get(pk=one).not_before > PAST
