"""The users of the demonstration: one for each role, with passwords that everybody may know."""

import base64
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from shlex import quote

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from tocsin.services.accounts import hash_password, reset_password
from tocsin.services.authenticators import confirm_totp
from tocsin.services.callers import user_caller
from tocsin.services.organisations import add_user, create_organisation, give_role
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.roles import Role

SLUG, NAME = "demo", "Demonstration"
PASSWORD = "only for the demonstration"  # noqa: S105 - printed on purpose
_NAMES = {
    Role.AUTHOR: "Ada Author",
    Role.REVIEWER: "Rolf Reviewer",
    Role.RELEASER: "Rita Releaser",
    Role.OPERATOR: "Otto Operator",
    Role.AUDITOR: "Alma Auditor",
    Role.PRIVACY_OFFICER: "Pia Privacy",
    Role.ADMINISTRATOR: "Axel Administrator",
}
SIGNERS = frozenset({Role.REVIEWER, Role.RELEASER})
"""Who signs has an authenticator app, whose codes a page of the demonstration shows."""


@dataclass(frozen=True)
class DemoUser:
    """A user of the demonstration, and the code that their app shows now; empty without one."""

    role: Role
    name: str
    email: str
    code: str


def demo_email(role: Role) -> str:
    """Return the address of a role's user."""
    return f"{str(role).replace('_', '-')}@demo.example"


def opening_words(store: Path) -> str:
    """Return how to open the store that a demonstration has left, as a line to be typed."""
    return (
        f"Its store at the desk: TOCSIN_DEMO=1 TOCSIN_HOME={quote(str(store))} tocsin serve, then "
        f"sign in as {demo_email(Role.OPERATOR)} with the password: {PASSWORD}"
    )


def list_demo_users() -> list[DemoUser]:
    """Return the users of the demonstration, with what their apps show now."""
    return [
        DemoUser(role, name, demo_email(role), _code(role) if role in SIGNERS else "")
        for role, name in _NAMES.items()
    ]


def make_demo_team(now: datetime) -> dict[Role, Caller]:
    """Make the organisation and its users; return a caller for each role."""
    console = Caller(CONSOLE, None, frozenset(), now)
    here = replace(console, organisation_id=create_organisation(console, SLUG, NAME))
    team = {}
    for role, name in _NAMES.items():
        user_id = add_user(console, demo_email(role), name)
        reset_password(console, user_id, hash_password(user_id, PASSWORD))
        give_role(here, user_id, role)
        if role in SIGNERS:
            confirm_totp(user_caller(user_id, None, now), _secret(role), _code(role))
        team[role] = user_caller(user_id, SLUG, now)
    return team


def _secret(role: Role) -> str:
    """Return the secret of a role's app: made from its name, secret to nobody."""
    return base64.b32encode(sha256(f"tocsin demo {role}".encode()).digest()[:20]).decode()


def _code(role: Role) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(_secret(role), counter)))
