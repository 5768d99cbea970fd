"""`tocsin organisation`, `user`, `role`, `login`: people, at a terminal."""

import json
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from tests.lib.authenticator_app import App, Clock, clock
from tests.lib.terminal import Done, type_in
from tocsin.cli.caller import as_user, prove
from tocsin.cli.main import cli
from tocsin.cli.role import _ROLES
from tocsin.store.audit.trail import read_rows
from tocsin.store.models import TerminalSession
from tocsin.store.roles import Role

if TYPE_CHECKING:
    from tocsin.services.work import Caller

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("database", "state")
ANNA = "anna@example.org"
PASSWORD = "a long walk by the canal"
AS_ANNA = ["--as", ANNA]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep tokens in a folder of the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("TOCSIN_USER", "TOCSIN_ORGANISATION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "tocsin"


@pytest.fixture
def anna(database: str, state: Path) -> None:  # noqa: ARG001 - made in its transaction
    """Add Anna, an author of Acme, as an administrator of the machine would."""
    for arguments, typed in (
        (["organisation", "add", "acme", "Acme Pumps"], []),
        (["user", "add", ANNA, "Anna Author"], []),
        (["user", "password", ANNA], [PASSWORD, PASSWORD]),
        (["role", "give", ANNA, "author", "--organisation", "acme"], []),
    ):
        done = type_in(arguments, *typed)
        assert done.code == 0, done


@pytest.fixture
def whoami(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add two commands of the kind that other modules write."""

    @click.command()
    @click.argument("word")
    @as_user
    def whoami(caller: "Caller", word: str) -> None:
        click.echo(f"{word} {caller.actor[:5]} {sorted(map(str, caller.roles))}")

    @click.command()
    @as_user
    def sign(caller: "Caller") -> None:
        click.echo("proven" if prove(caller).proof else "nothing")

    commands = {"whoami": whoami, "sign": sign}
    found = type(cli).get_command
    monkeypatch.setattr(
        type(cli), "get_command", lambda s, c, name: commands.get(name) or found(s, c, name)
    )


def events() -> list[str]:
    return [json.loads(row.body)["event"] for row in read_rows()]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> App:
    """Return an app that was given the secret which the next `user totp` will show."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    monkeypatch.setattr("tocsin.services.authenticators.generate_totp_secret", lambda: secret)
    return App(secret, clock)


def add_app(app: App) -> Done:
    """Add the app as its user would."""
    done = type_in(["user", "totp", *AS_ANNA], PASSWORD, app.code())
    app.clock.next_code()
    return done


def test_the_roles_of_the_command_are_those_of_the_store() -> None:
    assert list(_ROLES) == [str(role) for role in Role]


@pytest.mark.usefixtures("anna")
def test_lists_show_who_is_who() -> None:
    assert type_in(["organisation", "list"]).out == "acme\tAcme Pumps\n"
    assert type_in(["role", "list", "--organisation", "acme"]).out == f"{ANNA}\tauthor\n"
    told = type_in(["user", "list", "--organisation", "acme"]).out
    assert told == f"{ANNA}\tAnna Author\tactive\tauthor\n"
    assert type_in(["user", "disable", ANNA, "--reason", "left"]).code == 0
    assert "disabled" in type_in(["user", "list"]).out
    assert type_in(["user", "enable", ANNA, "--reason", "back"]).code == 0
    type_in(["role", "end", ANNA, "author", "--organisation", "acme", "--reason", "moved"])
    assert type_in(["role", "list", "--organisation", "acme"]).out == ""


@pytest.mark.usefixtures("anna", "whoami")
def test_a_command_acts_as_a_user_after_the_password() -> None:
    arguments = ["whoami", "hello", *AS_ANNA, "--organisation", "acme"]
    assert type_in(arguments, PASSWORD).out == "hello user: ['author']\n"
    wrong = type_in(arguments, "not the password")
    assert (wrong.code, wrong.out) == (3, "")
    assert "not right" in wrong.err
    assert events()[-1] == "sign_in_failed"
    by_environment = {"TOCSIN_USER": ANNA, "TOCSIN_ORGANISATION": "acme"}
    assert type_in(["whoami", "hello"], PASSWORD, env=by_environment).code == 0


@pytest.mark.usefixtures("anna", "whoami")
@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--organisation", "acme"], 2, "--as EMAIL"),
        ([*AS_ANNA], 2, "--organisation SLUG"),
        ([*AS_ANNA, "--organisation", "other"], 3, "no role in an organisation 'other'"),
    ],
)
def test_what_is_missing_is_said(arguments: list[str], code: int, says: str) -> None:
    done = type_in(["whoami", "hello", *arguments], PASSWORD)
    assert (done.code, done.out) == (code, "")
    assert says in done.err


@pytest.mark.usefixtures("anna", "whoami")
def test_where_nobody_can_type_it_says_so() -> None:
    done = type_in(["whoami", "hello", *AS_ANNA, "--organisation", "acme"])
    assert done.code == 3
    assert "tocsin login" in done.err


@pytest.mark.usefixtures("anna", "whoami")
def test_login_keeps_a_token_that_only_its_user_can_read(state: Path) -> None:
    assert "logged in" in type_in(["login", *AS_ANNA], PASSWORD).out
    [file] = state.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "anna" not in file.name + file.read_text()
    token = json.loads(file.read_text())["token"]
    assert not TerminalSession.objects.filter(token_sha256=token).exists()
    arguments = ["whoami", "hello", *AS_ANNA, "--organisation", "acme"]
    assert type_in(arguments).code == 0
    file.chmod(0o644)
    assert type_in(arguments).code == 3
    file.chmod(0o600)
    assert type_in(["logout", *AS_ANNA]).out == "The session at this terminal has ended.\n"
    assert not file.exists()
    assert type_in(arguments).code == 3
    assert type_in(["logout", *AS_ANNA]).out == "There was no session.\n"


def _expire() -> None:
    past = datetime.now(tz=UTC) - timedelta(minutes=1)
    assert TerminalSession.objects.update(expires_at=past) == 1


def _new_password() -> None:
    assert type_in(["user", "password", ANNA], "a walk by the sea", "a walk by the sea").code == 0


def _log_out() -> None:
    assert type_in(["user", "log-out", ANNA, "--reason", "lost"]).out == "1 sessions ended.\n"


def _disable() -> None:
    assert type_in(["user", "disable", ANNA, "--reason", "left"]).code == 0


@pytest.mark.usefixtures("anna", "whoami")
@pytest.mark.parametrize("end", [_expire, _new_password, _log_out, _disable])
def test_a_token_opens_nothing_after(end: "type[object]") -> None:
    type_in(["login", *AS_ANNA], PASSWORD)
    arguments = ["whoami", "hello", *AS_ANNA, "--organisation", "acme"]
    assert type_in(arguments).code == 0
    end()
    assert type_in(arguments).code == 3


@pytest.mark.usefixtures("anna")
def test_sessions_are_listed_and_ended() -> None:
    type_in(["login", *AS_ANNA], PASSWORD)
    told = type_in(["user", "sessions", *AS_ANNA], PASSWORD).out
    key = told.split("\t")[0]
    assert re.fullmatch(r"terminal:\d+", key)
    assert type_in(["user", "sessions", *AS_ANNA, "--end", key], PASSWORD).code == 0
    assert type_in(["user", "sessions", *AS_ANNA], PASSWORD).out == ""
    again = type_in(["user", "sessions", *AS_ANNA, "--end", key], PASSWORD)
    assert (again.code, "no open session" in again.err) == (3, True)


@pytest.mark.usefixtures("anna", "whoami")
def test_an_app_is_added_by_its_qr_code_and_then_asked_for(app: App, clock: Clock) -> None:
    done = add_app(app)
    assert done.code == 0, done
    assert "█" in done.out
    assert app.secret in done.out
    arguments = ["whoami", "hello", *AS_ANNA, "--organisation", "acme"]
    assert type_in(arguments, PASSWORD, "000000").code == 3
    assert type_in(arguments, PASSWORD, app.code()).code == 0
    assert type_in(arguments, PASSWORD, app.code()).code == 3  # once only
    clock.next_code()
    type_in(["login", *AS_ANNA], PASSWORD, app.code())
    clock.next_code()
    signing = ["sign", *AS_ANNA, "--organisation", "acme"]
    assert type_in(signing, app.code()).out == "proven\n"
    assert type_in(signing, app.code()).code == 3
    assert type_in(["user", "totp", *AS_ANNA], PASSWORD, "000000").code == 3


@pytest.mark.usefixtures("anna", "whoami")
def test_recovery_codes_let_in_once_and_the_console_clears_a_lost_device(app: App) -> None:
    assert type_in(["user", "recovery-codes", *AS_ANNA], PASSWORD).code == 3  # nothing to recover
    add_app(app)
    codes = type_in(["user", "recovery-codes", *AS_ANNA], PASSWORD, app.code()).out.split()
    assert len(codes) == 10
    arguments = ["whoami", "hello", *AS_ANNA, "--organisation", "acme"]
    assert type_in(arguments, PASSWORD, codes[0]).code == 0
    assert type_in(arguments, PASSWORD, codes[0]).code == 3
    cleared = type_in(["user", "lost-device", ANNA, "--reason", "phone stolen"])
    assert cleared.out == "2 second factors were removed.\n"
    assert type_in(arguments, PASSWORD).code == 0


@pytest.mark.usefixtures("anna", "whoami")
def test_guessing_is_stopped_at_the_terminal_too() -> None:
    arguments = ["whoami", "hello", *AS_ANNA, "--organisation", "acme"]
    for _ in range(5):
        assert "not right" in type_in(arguments, "wrong").err
    assert "Wait five minutes" in type_in(arguments, PASSWORD).err


@pytest.mark.usefixtures("anna")
def test_a_weak_password_is_refused_and_not_repeated() -> None:
    done = type_in(["user", "password", ANNA], "short word", "short word")
    assert (done.code, "at least 12" in done.err) == (3, True)
    assert "short word" not in done.out + done.err
    assert "password" not in [p.name for p in _password_command().params]


def _password_command() -> click.Command:
    from tocsin.cli.user import user

    return user.commands["password"]


@pytest.mark.usefixtures("anna")
def test_a_token_is_made_shown_once_listed_and_revoked() -> None:
    wanted = ["nightly", "--for", "acme", "--role", "author", "--service", "list_notices"]
    made = type_in(["token", "add", *wanted, *AS_ANNA], PASSWORD)
    assert made.code == 0
    assert re.fullmatch(r"tocsin_[\w-]{43}\n", made.out)
    assert "shown only now" in made.err
    told = type_in(["token", "list", *AS_ANNA], PASSWORD).out
    number = told.split("\t")[0]
    assert "nightly\tacme: author, only list_notices\treads only\tuntil 20" in told
    assert "last used never" in told
    assert made.out.strip() not in told
    assert type_in(["token", "revoke", number, *AS_ANNA], PASSWORD).code == 0
    assert "\tended\t" in type_in(["token", "list", *AS_ANNA], PASSWORD).out
    refused = type_in(["token", "add", "n", "--for", "acme", "-r", "releaser", *AS_ANNA], PASSWORD)
    assert (refused.code, refused.out) == (2, "")
    assert events().count("token_added") == events().count("token_ended") == 1
