"""`tocsin action` and `tocsin notice add`: a team runs an action at its terminals."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.lib.authenticator_app import App, Clock, clock
from tests.lib.people import give_app
from tests.lib.terminal import Done, type_in
from tests.services.kept_actions import keep_registry, small_sample
from tocsin.services.callers import user_caller
from tocsin.services.organisations import find_user_by_email
from tocsin.services.samples import notice_texts
from tocsin.store.roles import Role

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database")
PASSWORD = "a long walk by the canal"
TEAM = {"anna": ("author", "operator"), "rita": ("reviewer",), "rolf": ("releaser",)}


@pytest.fixture
def apps(
    database: str,  # noqa: ARG001 - made in its transaction
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
) -> dict[str, App]:
    """Add a team whose members are logged in; return their authenticator apps."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TOCSIN_ORGANISATION", "acme")
    assert type_in(["organisation", "add", "acme", "Acme Pumps"]).code == 0
    found = {}
    for name, roles in TEAM.items():
        email = f"{name}@example.org"
        assert type_in(["user", "add", email, name.title()]).code == 0
        assert type_in(["user", "password", email], PASSWORD, PASSWORD).code == 0
        for role in roles:
            assert type_in(["role", "give", email, role]).code == 0
        found[name] = give_app(find_user_by_email(email), clock)
        assert type_in(["login", "--as", email], PASSWORD, found[name].code()).code == 0
        clock.next_code()
    return found


@pytest.fixture
def folder(apps: dict[str, App], tmp_path: Path) -> Path:  # noqa: ARG001 - the team comes first
    """Write the notices of case B, and import its registry."""
    for name, text in notice_texts("b").items():
        (tmp_path / name).write_text(text, "utf-8")
    anna = user_caller(find_user_by_email("anna@example.org"), "acme", datetime.now(tz=UTC))
    keep_registry({Role.OPERATOR: anna}, "ledger", small_sample("b").registry, tmp_path)
    return tmp_path


def by(name: str, *arguments: str, typed: tuple[str, ...] = ()) -> Done:
    return type_in([*arguments, "--as", f"{name}@example.org"], *typed)


def signs(apps: dict[str, App], name: str, command: str, number: str) -> Done:
    apps[name].clock.next_code()
    return by(name, "action", command, number, typed=("y", apps[name].code()))


def test_a_team_runs_an_action(apps: dict[str, App], folder: Path) -> None:
    (one, two, three) = notice_texts("b")
    assert "Kept" in by("anna", "notice", "add", str(folder / one)).out
    name = by("anna", "notice", "list").out.split("\t")[0]
    opened = by("anna", "action", "open", "Cartridges", "-n", name, "-r", "ledger")
    assert opened.code == 0, opened
    number = opened.out.split()[1]
    assert "affected" in by("anna", "action", "match", number).out
    triage = by("anna", "action", "triage", number, "--csv", str(folder / "triage.csv"))
    assert triage.code == 0, triage
    lines = (folder / "triage.csv").read_text().splitlines()
    assert lines[0].startswith("registry,device_id,notice")
    device = lines[1].split(",")[1]
    told = ["--told-by", "pharmacy", "--evidence", "the invoice", "--value", "2010-12-10"]
    answered = by("anna", "action", "answer", number, device, "--column", "shipped_on", *told)
    assert "cannot_tell -> affected" in answered.out
    assert device in by("anna", "action", "answers", number).out
    assert "Nothing here has the number" in by("anna", "action", "show", str(2**63)).err
    assert "In scope" in by("anna", "action", "explain", number, device).out
    assert "changed since" in by("anna", "action", "show", number).out
    assert "contact_again" in by("anna", "action", "match", number).out
    refused = by("rolf", "action", "pause", number, "--reason", "why not")
    assert (refused.code, "Possible now" in refused.err) == (3, True)
    assert "Signed as reviewer" in signs(apps, "rita", "review-scope", number).out
    assert "is released" in signs(apps, "rolf", "release-scope", number).out
    for file in (two, three):
        assert by("anna", "notice", "revise", str(folder / file)).code == 0
        assert by("anna", "action", "match", number).code == 0
    diff = by("anna", "action", "diff", number, "--csv", str(folder / "diff.csv"))
    assert "newly_out" in diff.out
    assert "newly_out" in (folder / "diff.csv").read_text()
    preview = by("rolf", "action", "preview", number, "--csv", str(folder / "leavers.csv"))
    assert "SHA-256 of the scope" in preview.out
    assert "made again" in by("rolf", "action", "verify", number).out.lower()
    assert by("rita", "action", "figures", number, "--by", "country").code == 0
    assert "persons" in by("anna", "action", "contacts", number).err
    assert "scope_released" in by("rita", "action", "history", number).out
    assert "draft" not in by("rita", "action", "list").out
