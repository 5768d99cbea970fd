"""The first start: a one-time link with which the first administrator is made in a browser.

Whoever sees the console may make the first user; the link carries that right to a browser. Its
token is kept as a hash in the installation's folder until it is used or somebody else was first.
"""

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tocsin.base.errors import TocsinError
from tocsin.services.accounts import PasswordWeak, reset_password
from tocsin.services.callers import user_caller
from tocsin.services.example import add_example, is_example_wanted, may_have_example
from tocsin.services.organisations import add_user, create_organisation, give_role
from tocsin.services.work import CONSOLE, Caller, Work, service
from tocsin.store.home import find_home
from tocsin.store.models import User
from tocsin.store.proofs import hash_token
from tocsin.store.roles import Role

_FILE = "first-start.sha256"


class FirstStartOver(TocsinError):
    """The one-time link of the first start opens nothing any more."""

    code = "first_start_over"


def open_first_start() -> str | None:
    """Return a new token for the first start, older ones count no more; None if users exist."""
    if User.objects.exists():
        _path().unlink(missing_ok=True)
        return None
    token = secrets.token_urlsafe(24)
    with os.fdopen(os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(hash_token(token))
    return token


def check_first_start(token: str) -> None:
    """Check that a link of the first start can still be used.

    Raises:
        FirstStartOver: if it was used, a newer one was printed, or users exist.
    """
    try:
        kept = _path().read_text("ascii")
    except FileNotFoundError:
        kept = ""
    if not hmac.compare_digest(kept, hash_token(token)) or User.objects.exists():
        raise FirstStartOver(
            "This link of the first start was used, or a newer one was printed. Nothing was "
            "changed. Sign in, or start `tocsin serve` again and take the link that it prints."
        )


def begin_installation(
    token: str, organisation: tuple[str, str], who: tuple[str, str], password: str, now: datetime
) -> None:
    """Make the first organisation and its administrator, and use the link up.

    Args:
        token: of the link.
        organisation: its short name and its name.
        who: the administrator's e-mail address and name.
        password: as it was typed.
        now: the time.

    Raises:
        FirstStartOver: if the link opens nothing.
        PasswordWeak: saying what is wrong with the password.
        NameUnfit: if a short name or an address is none.
    """
    check_first_start(token)
    try:
        validate_password(password, User(email=who[0], name=who[1]))
    except ValidationError as error:
        raise PasswordWeak(f"{' '.join(error.messages)} Nothing was changed.") from error
    hashed = make_password(password)  # before the transaction: it takes its time
    with _used_up():
        console = Caller(CONSOLE, None, frozenset(), now)
        user_id = make_first_administrator(console, organisation, who, hashed)
    if is_example_wanted() and may_have_example():
        add_example(user_caller(user_id, organisation[0], now))


@service
def make_first_administrator(
    work: Work, organisation: tuple[str, str], who: tuple[str, str], hashed: str
) -> int:
    """Make an organisation and the user who administers it; return the user's id.

    Right: the console. Leaves installation_begun, and what its parts leave.

    Raises:
        NameUnfit: if a short name or an address is none.
        NameTaken: if one of them is there already.
    """
    here = create_organisation(work.caller, *organisation)
    user_id = add_user(work.caller, *who)
    reset_password(work.caller, user_id, hashed)
    give_role(replace(work.caller, organisation_id=here), user_id, Role.ADMINISTRATOR)
    work.record("installation_begun", f"user:{user_id}", new={"organisation": here})
    return user_id


@contextmanager
def _used_up() -> Iterator[None]:
    """Use the link up for one of those who use it at once; give it back if nothing came of it."""
    used = _path().with_suffix(".used")
    try:
        _path().rename(used)
    except FileNotFoundError as error:
        raise FirstStartOver(
            "Somebody else is using this link just now. Reload the page."
        ) from error
    try:
        yield
    except BaseException:
        used.rename(_path())
        raise
    used.unlink()


def _path() -> Path:
    return find_home().folder / _FILE
