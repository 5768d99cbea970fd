"""What every service of the store runs in: caller, rights, transaction, clock and audit together.

    @service
    def add_registry(work: Work, name: str) -> int: ...

    add_registry(caller, "clinic list")

The name of the function is looked up in the table of rights; without a row there, the module
cannot be imported. A service whose row names events must leave one, or nothing of it is kept. A
service that signs (`step_up`) uses up a fresh proof of its caller before its first line runs, and
must leave a signature.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction

from tocsin.base.errors import TocsinError
from tocsin.services.grants import Grant, check_grant
from tocsin.services.rights import SIGNED, NotAllowed, Right, check_right, rights_table
from tocsin.store.audit.trail import Event, record_event
from tocsin.store.database import reading
from tocsin.store.proofs import use_proof
from tocsin.store.roles import Role
from tocsin.store.tables.proof import ProofMethod
from tocsin.store.tenancy import acting_for

P = ParamSpec("P")
R = TypeVar("R")
CONSOLE = "console"
WORKER = "worker"
SIGN_IN = "sign_in"
"""Who acts before anybody is known: what looks at passwords and codes."""
ANSWER_PAGE = "answer_page"
"""Who acts when the holder of a letter answers it: nobody logs in for that."""
INSTALLATION = frozenset({CONSOLE, WORKER, SIGN_IN, ANSWER_PAGE})
SERVICES: set[str] = set()
"""The names of all services that were imported."""
_LARGEST = 2**63 - 1
"""The largest number that a row can have, in either database."""


class WorkUnrecorded(TocsinError):
    """A service has left no audit row, or one that it does not declare: a bug of ours."""

    code = "work_unrecorded"
    exit_code = 1


class NumberUnknown(TocsinError):
    """A service was asked about a number that no row of any database can have."""

    code = "number_unknown"


class StepUpNeeded(TocsinError):
    """A service that signs was called without a fresh proof of who its caller is."""

    code = "step_up_needed"


@dataclass(frozen=True)
class Caller:
    """Who acts, for whom, when.

    Attributes:
        actor: ``user:17``, `CONSOLE`, `WORKER` or `SIGN_IN`.
        organisation_id: for which organisation; None for the installation itself.
        roles: what the user is there.
        now: the time of the act, with the zone of who acts.
        proof: what `services.step_up` has given for a code or a security key's answer, if any.
        grant: what the token may with which the user acts; None: they act themselves.
    """

    actor: str
    organisation_id: int | None
    roles: frozenset[Role]
    now: datetime
    proof: str | None = field(default=None, repr=False)
    grant: Grant | None = None

    @property
    def user_id(self) -> int | None:
        """Return the user's id; None if no user acts."""
        kind, _, number = self.actor.partition(":")
        return int(number) if kind == "user" else None


@dataclass
class Work:
    """One call of a service, inside its transaction.

    Attributes:
        caller: who called.
        service: the name of the service.
        right: its row in the table of rights.
        proven_by: how the caller has just proved who they are; None unless the service signs.
    """

    caller: Caller
    service: str
    right: Right
    proven_by: ProofMethod | None = None
    events: set[str] = field(default_factory=set, init=False)
    is_settled: bool = field(default=False, init=False)

    @property
    def now(self) -> datetime:
        """Return the time of the act."""
        return self.caller.now

    @property
    def user_id(self) -> int:
        """Return the id of the user who acts.

        Raises:
            NotAllowed: if none does: the console is nobody.
        """
        if self.caller.user_id is None:
            raise NotAllowed(f"{self.service} is for users; the console is nobody.")
        return self.caller.user_id

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
        if self.caller.grant is not None:
            new = {**(new or {}), "by_token": self.caller.grant.token_id}
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
        self.events.add(event)
        self.is_settled = True

    def leave_unchanged(self) -> None:
        """Say that the service found everything as it was asked to be, and changes nothing."""
        self.is_settled = True

    def check_settled(self) -> None:
        """Check that the service has left what its right names.

        Raises:
            WorkUnrecorded: if it left no audit row, or has signed nothing although it must.
        """
        if self.right.events and not self.is_settled:
            raise WorkUnrecorded(f"{self.service} has left no row in the audit trail.")
        if self.right.step_up and self.events and SIGNED not in self.events:
            raise WorkUnrecorded(f"{self.service} has changed something and signed nothing.")


def service(function: Callable[Concatenate[Work, P], R]) -> Callable[Concatenate[Caller, P], R]:
    """Return a function of a caller that checks rights, opens a transaction and asks for audit."""
    name = function.__name__
    SERVICES.add(name)
    return guard_with(rights_table()[name], function)


def guard_with(
    right: Right, function: Callable[Concatenate[Work, P], R]
) -> Callable[Concatenate[Caller, P], R]:
    """Return a function of a caller that runs only under a right; services use `service`.

    Raises:
        NotAllowed: when it is called by who has no right to.
        NotGranted: when it is called with a token that may not.
        NumberUnknown: when it is called with a number that no row can have.
        StepUpNeeded: when it signs, and its caller has not just proved who they are.
        WorkUnrecorded: when it leaves less than the right names; nothing of it is kept.
    """
    name = function.__name__
    writes = bool(right.events)  # whatever is written leaves a row in the audit trail

    @wraps(function)
    def run(caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> R:
        check_right(name, right, caller.roles, is_console=caller.actor in INSTALLATION)
        if caller.grant is not None:
            check_grant(caller.grant, name, right)
        _check_numbers([*args, *kwargs.values()])
        with acting_for(caller.organisation_id), transaction.atomic() if writes else reading():
            method = _use_up_proof(caller, name) if right.step_up else None
            work = Work(caller, name, right, method)
            result = function(work, *args, **kwargs)
            work.check_settled()
        return result

    return run


def _check_numbers(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise NumberUnknown(
                f"Nothing here has the number {str(value)[:40]}: none is larger than {_LARGEST}. "
                "Nothing was changed. Look at the list again, and name what is in it."
            )
        if isinstance(value, list | tuple | set | frozenset):
            _check_numbers(value)


def _use_up_proof(caller: Caller, name: str) -> ProofMethod:
    """Return how the caller has proved who they are; the proof counts for this call only."""
    method = None
    if caller.user_id is not None and caller.proof is not None:
        method = use_proof(caller.user_id, caller.organisation_id, caller.proof, caller.now)
    if method is None:
        raise StepUpNeeded(
            f"To {name.replace('_', ' ')} is to sign. It needs a code of your authenticator app or "
            "your security key, given for this very act within the last minutes. Nothing was "
            "changed. Prove who you are again and repeat it."
        )
    return method
