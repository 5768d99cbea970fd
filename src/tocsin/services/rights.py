"""Who may do what: one row per service, with its roles and the events that it leaves.

The table is `data/rights.yaml`; when a service is allowed stands apart, in
`outreach.action_states`. A service without a row cannot even be imported.
"""

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from tocsin.base.errors import TocsinError
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.store.roles import Role

SIGNED = "signature_added"
"""The event that every service which signs must be able to leave."""


class NotAllowed(TocsinError):
    """The user has none of the roles that the service asks for."""

    code = "not_allowed"


class Right(BaseModel):
    """What one service asks of its caller, and what it leaves in the audit trail.

    Attributes:
        roles: who may; any of them. Empty: only the installation itself (its console or worker).
        with_console: whether the console may too, because somebody must make the first user.
        own: whether every user may, whatever their roles, because it is about themselves only: the
            service takes no other user's id.
        events: the audit events that it may leave; none for a service that only reads what is
            not private.
        step_up: whether the user must prove anew who they are, because they sign. Then neither
            the console nor an administrator may: they could sign as anybody.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: frozenset[Role] = frozenset()
    with_console: bool = False
    own: bool = False
    events: frozenset[str] = frozenset()
    step_up: bool = False

    @field_validator("events")
    @classmethod
    def _in_past_tense(cls, events: frozenset[str]) -> frozenset[str]:
        for event in events:
            if not event.isidentifier() or event != event.lower():
                raise ValueError(f"{event!r} is no name of an event")
        return events

    @model_validator(mode="after")
    def _who_signs_is_a_user(self) -> "Right":
        if self.own and (self.roles or self.with_console or self.step_up):
            raise ValueError("what is everybody's own needs no role and no console")
        if self.step_up and (not self.roles or self.with_console):
            raise ValueError("only users with a role can sign")
        if self.step_up and Role.ADMINISTRATOR in self.roles:
            raise ValueError("an administrator gives roles and must not sign")
        if self.step_up and SIGNED not in self.events:
            raise ValueError(f"a service that signs leaves {SIGNED}")
        return self


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: str
    services: dict[str, Right]


@cache
def rights_table() -> Mapping[str, Right]:
    """Return every service's right by the service's name."""
    return load_data_file(data_folder("tocsin.services") / "rights.yaml", _Table).services


def check_roles(service: str, roles: frozenset[Role], *, is_console: bool) -> None:
    """Check that somebody with these roles may call a service.

    Raises:
        NotAllowed: naming who may.
    """
    check_right(service, rights_table()[service], roles, is_console=is_console)


def check_right(service: str, right: Right, roles: frozenset[Role], *, is_console: bool) -> None:
    """Check that somebody with these roles may call a service with this right.

    Raises:
        NotAllowed: naming who may.
    """
    if right.own:
        allowed = not is_console
    else:
        allowed = bool(right.roles & roles) or (
            is_console and (right.with_console or not right.roles)
        )
    if allowed:
        return
    has = ", ".join(sorted(roles)) or ("the console" if is_console else "no role here")
    raise NotAllowed(
        f"{service.replace('_', ' ').capitalize()} may be done by {explain_who(right)}; you have "
        f"{has}. Nothing was changed. Ask an administrator of your organisation."
    )


def explain_who(right: Right) -> str:
    """Return in words who has a right."""
    if right.own:
        return "every user, for themselves"
    if not right.roles:
        return "the administrator of the machine, on its console"
    console = ", or the console" if right.with_console else ""
    return f"a user with the role {', '.join(sorted(right.roles))}{console}"


def parse_role(text: str) -> Role:
    """Return the role of a name.

    Raises:
        ValueError: if there is none of it.
    """
    return Role(text)
