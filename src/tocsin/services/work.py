"""What every service of the store runs in: caller, rights, transaction, clock and audit together.

    @service
    def add_registry(work: Work, name: str) -> int: ...

    add_registry(caller, "clinic list")

The name of the function is looked up in the table of rights; without a row there, the module
cannot be imported. A service whose row names events must leave one, or nothing of it is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.services.rights import Right, check_roles, rights_table
from tocsin.store.audit.trail import Event, record_event
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

P = ParamSpec("P")
R = TypeVar("R")
CONSOLE = "console"
WORKER = "worker"
SERVICES: set[str] = set()
"""The names of all services that were imported."""


class WorkUnrecorded(TocsinError):
    """A service has left no audit row, or one that it does not declare: a bug of ours."""

    code = "work_unrecorded"
    exit_code = 1


@dataclass(frozen=True)
class Caller:
    """Who acts, for whom, when.

    Attributes:
        actor: ``user:17``, `CONSOLE` or `WORKER`.
        organisation_id: for which organisation; None for the installation itself.
        roles: what the user is there.
        now: the time of the act, with its zone.
    """

    actor: str
    organisation_id: int | None
    roles: frozenset[Role]
    now: datetime

    @property
    def user_id(self) -> int | None:
        """Return the user's id; None if no user acts."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "user" else None


@dataclass
class Work:
    """One call of a service, inside its transaction."""

    caller: Caller
    service: str
    right: Right
    is_settled: bool = field(default=False, init=False)

    @property
    def now(self) -> datetime:
        """Return the time of the act."""
        return self.caller.now

    def record(
        self,
        event: str,
        subject: str,
        *,
        old: dict[str, Any] | None = None,
        new: dict[str, Any] | None = None,
        reason: str | None = None,
    ) -> None:
        """Leave a row in the audit trail, in the transaction of the change.

        Args:
            event: in the past tense, one of those that the table of rights names.
            subject: what was changed, as ``table:id``.
            old: values before, as far as they changed; persons by their ids only.
            new: values after.
            reason: why, where a person had to say so.

        Raises:
            WorkUnrecorded: if the table does not name the event.
        """
        if event not in self.right.events:
            raise WorkUnrecorded(f"{self.service} leaves {event}, which its right does not name.")
        record_event(
            Event(
                event,
                self.now,
                self.caller.actor,
                subject,
                self.caller.organisation_id,
                old or {},
                new or {},
                reason,
            )
        )
        self.is_settled = True

    def leave_unchanged(self) -> None:
        """Say that the service found everything as it was asked to be, and changes nothing."""
        self.is_settled = True


def service(function: Callable[Concatenate[Work, P], R]) -> Callable[Concatenate[Caller, P], R]:
    """Return a function of a caller that checks rights, opens a transaction and asks for audit."""
    name = function.__name__
    right = rights_table()[name]
    SERVICES.add(name)

    @wraps(function)
    def run(caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> R:
        check_roles(name, caller.roles, is_console=caller.actor in {CONSOLE, WORKER})
        with acting_for(caller.organisation_id), transaction.atomic():
            work = Work(caller, name, right)
            result = function(work, *args, **kwargs)
            if right.events and not work.is_settled:
                raise WorkUnrecorded(f"{name} has left no row in the audit trail.")
        return result

    return run
