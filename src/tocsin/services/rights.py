"""Who may do what: one row per service, with its roles and the events that it leaves.

The table is `data/rights.yaml`; when a service is allowed stands apart, in
`outreach.action_states`. A service without a row cannot even be imported.
"""

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict, field_validator

from tocsin.base.errors import TocsinError
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.store.roles import Role


class NotAllowed(TocsinError):
    """The user has none of the roles that the service asks for."""

    code = "not_allowed"


class Right(BaseModel):
    """What one service asks of its caller, and what it leaves in the audit trail.

    Attributes:
        roles: who may; any of them. Empty: only the installation itself (its console or worker).
        with_console: whether the console may too, because somebody must make the first user.
        events: the audit events that it may leave; none for a service that only reads what is
            not private.
        step_up: whether the user must prove anew who they are, because they sign.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: frozenset[Role] = frozenset()
    with_console: bool = False
    events: frozenset[str] = frozenset()
    step_up: bool = False

    @field_validator("events")
    @classmethod
    def _in_past_tense(cls, events: frozenset[str]) -> frozenset[str]:
        for event in events:
            if not event.isidentifier() or event != event.lower():
                raise ValueError(f"{event!r} is no name of an event")
        return events


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
    right = rights_table()[service]
    if right.roles & roles or (is_console and (right.with_console or not right.roles)):
        return
    who = (
        f"a user with the role {', '.join(sorted(right.roles))}"
        if right.roles
        else "the administrator of the machine, on its console,"
    )
    has = ", ".join(sorted(roles)) or "no role here"
    raise NotAllowed(
        f"{service.replace('_', ' ').capitalize()} may be done by {who}; you have {has}. Nothing "
        "was changed. Ask an administrator of your organisation."
    )
