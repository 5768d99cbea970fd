"""Letters lead to the address that two people signed, whatever a process's environment says."""

from pathlib import Path

import pytest

from tests.lib.released_action import relay, release_one_pump
from tests.services.kept_actions import make_team
from tocsin.services.health.address_checks import check_address
from tocsin.services.letter_release import read_letter_preview
from tocsin.services.letter_values import letter_values
from tocsin.services.public_address import (
    PublicAddressesDiffer,
    PublicAddressUnfit,
    PublicAddressUnset,
    explain_unfit_address,
    public_address,
    why_unfit,
)
from tocsin.services.public_notices import DEMO_VARIABLE
from tocsin.services.work import Caller
from tocsin.store.home import find_home
from tocsin.store.models import LetterRelease, Recipient
from tocsin.store.roles import Role
from tocsin.store.site import ADDRESS_VARIABLE
from tocsin.store.tenancy import acting_for

__all__ = ["relay"]
pytestmark = pytest.mark.sqlite_is_enough
SIGNED, OTHER = "https://tocsin.example", "https://elsewhere.example"
HOLDER = ("H1", "person", "Zoe Example", "zoe@x.example", "", "en")


@pytest.mark.parametrize(
    "address",
    [
        "http://safety.example.org",
        "https://localhost",
        "https://desk.localhost:8000",
        "https://127.0.0.1",
        "https://2130706433",
        "https://10.0.0.7",
        "https://192.168.1.4:8443",
        "https://tocsin",
        "https://tocsin.local",
        "https://tocsin.lan.",
        "https://user@safety.example.org",
        "https://safety.example.org?x=1",
        "https://safety.example.org/#a",
        "https://safety.example.org\n",
        "https://säker.example",
        "https://",
        "safety.example.org",
    ],
)
def test_an_address_that_recipients_cannot_open_is_unfit(address: str) -> None:
    assert why_unfit(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://safety.example.org",
        "https://safety.example.org:8443/recall",
        "https://xn--sker-loa.example",
        "https://93.184.215.14",
    ],
)
def test_an_address_that_everybody_can_open_is_fit(address: str) -> None:
    assert why_unfit(address) == ""


def write_site(address: str) -> None:
    with (find_home().folder / "settings.toml").open("a") as file:
        file.write(f'[site]\naddress = "{address}"\n')


@pytest.mark.usefixtures("relay")
def test_the_file_speaks_for_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS_VARIABLE)
    assert isinstance(explain_unfit_address(), PublicAddressUnset)
    assert [one.code for one in check_address()] == ["public_address_unset"]
    with monkeypatch.context() as demo:
        demo.setenv(DEMO_VARIABLE, "1")
        assert explain_unfit_address() is None
    write_site(f"{SIGNED}/")
    assert public_address() == SIGNED
    assert explain_unfit_address() is None
    monkeypatch.setenv(ADDRESS_VARIABLE, OTHER)
    assert isinstance(explain_unfit_address(), PublicAddressesDiffer)
    assert public_address() == SIGNED


@pytest.mark.usefixtures("relay")
def test_no_letters_are_released_without_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_team()
    monkeypatch.setenv(ADDRESS_VARIABLE, "https://localhost")
    with pytest.raises(PublicAddressUnfit, match=r"https://localhost: only this machine"):
        release_one_pump(team, tmp_path, holders=HOLDER)
    with acting_for(team[Role.AUTHOR].organisation_id):
        assert not LetterRelease.objects.exists()


@pytest.mark.usefixtures("relay")
def test_letters_lead_where_two_people_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_team()
    action = release_one_pump(team, tmp_path, holders=HOLDER)
    monkeypatch.setenv(ADDRESS_VARIABLE, OTHER)
    auditor = team[Role.AUDITOR]
    assert read_letter_preview(auditor, action).manifest["address"] == OTHER
    assert [one.code for one in check_address()] == ["letters_lead_elsewhere"]
    assert link(auditor, action).startswith(f"{SIGNED}/a/")
    monkeypatch.delenv(ADDRESS_VARIABLE)
    assert link(auditor, action).startswith(f"{SIGNED}/a/")


def link(caller: Caller, action_id: int) -> str:
    """Return where a letter of the action leads that is made now."""
    with acting_for(caller.organisation_id):
        recipient = Recipient.objects.get(release__action=action_id)
        return str(letter_values(recipient.release.action, caller.now)(recipient)["answer_link"])
