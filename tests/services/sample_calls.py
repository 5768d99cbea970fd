"""One sample call of each service: what is tested of every service is tested by these.

To add a service: write a function of its name in one of `SAMPLE_MODULES`, which arranges what the
call needs and returns the call:

    @sample
    def end_role(world: World) -> Call:
        give_role(world.console, world.anna, Role.OPERATOR)
        return Call(organisations.end_role, world.anna, Role.OPERATOR, "left")

- Everything is arranged in the organisation ``acme``. Names, addresses and numbers of persons must
  hold the word in `PRIVATE`, names of things (registries, notices) the word in `OF_ACME`.
- Who calls follows from the table of rights, for a service that signs with a proof; ``by=`` says it
  otherwise. Whoever must have signed before is `World.second`.
- What several samples begin with is a `stage`, arranged once for all of them: call it first.
- A table whose rows are told under another subject than ``table:id`` stands in `told_subjects`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress

from tests.lib.authenticator_app import App, Clock
from tests.lib.people import give_app
from tocsin.services.rights import rights_table
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.models import Membership, Organisation, User
from tocsin.store.proofs import make_proof
from tocsin.store.roles import Role
from tocsin.store.tables.proof import ProofMethod
from tocsin.store.tenancy import acting_for

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PRIVATE = "zwetschge"
OF_ACME = "quitte"
HASHED = "argon2$not-a-real-one"
APART = frozenset({Role.ADMINISTRATOR})

SAMPLE_MODULES = (
    "tests.services.sample_account_calls",
    "tests.services.sample_action_calls",
    "tests.services.sample_answer_calls",
    "tests.services.sample_dispatch_calls",
    "tests.services.sample_draft_calls",
    "tests.services.sample_desk_calls",
    "tests.services.sample_installation_calls",
    "tests.services.sample_letter_calls",
    "tests.services.sample_notice_calls",
    "tests.services.sample_organisation_calls",
    "tests.services.sample_person_calls",
    "tests.services.sample_plan_calls",
    "tests.services.sample_print_calls",
    "tests.services.sample_registry_calls",
    "tests.services.sample_release_calls",
    "tests.services.sample_token_calls",
    "tests.services.sample_trail_calls",
    "tests.services.sample_vendor_calls",
)
"""Where the samples are."""


@dataclass(frozen=True)
class Call:
    """A service, what it is called with, and by whom, if not by whom the table of rights names."""

    service: Callable[..., Any]
    args: tuple[Any, ...]
    by: Caller | None

    def __init__(self, service: Callable[..., Any], *args: Any, by: Caller | None = None) -> None:
        object.__setattr__(self, "service", service)
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "by", by)

    def __call__(self, caller: Caller) -> Any:
        return self.service(caller, *self.args)


class World:
    """Two organisations: in each an administrator, and somebody with all other roles.

    Attributes:
        acme: the organisation in which samples are arranged.
        other: the other one.
        anna: a user of acme who has no role there yet but auditor.
        users_of_acme: the ids of all who had a role there when the world was made.
        prepare: takes the first stage that is wanted to where it was reached before, if given.
        reached: the stage that was reached before, with what it returned; nobody has asked yet.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.prepare: Callable[[World, Stage], Any] | None = None
        self.reached: tuple[Stage, Any] | None = None
        self.acme = Organisation.objects.create(slug=OF_ACME, name=OF_ACME, created_at=NOW).pk
        self.other = Organisation.objects.create(slug="other", name="Other", created_at=NOW).pk
        self._users = {
            (where, is_administrator): self._add_user(
                f"{PRIVATE if where == self.acme else 'olga'}-{is_administrator:d}",
                where,
                APART if is_administrator else frozenset(Role) - APART,
            )
            for where in (self.acme, self.other)
            for is_administrator in (True, False)
        }
        self.anna = self._add_user(f"{PRIVATE}-anna", self.acme, frozenset({Role.AUDITOR}))
        with acting_for(self.acme):
            held = Membership.objects.values_list("user_id", flat=True)
            self.users_of_acme = frozenset(held)

    @property
    def console(self) -> Caller:
        """Return the console, acting for acme."""
        return self.installation(self.acme)

    @property
    def staff(self) -> Caller:
        """Return somebody of acme with all roles but administrator."""
        return self.user(self.acme, frozenset(Role) - APART)

    @property
    def of_anna(self) -> Caller:
        """Return anna, about her own account."""
        return Caller(f"user:{self.anna}", None, frozenset(), NOW)

    def having(self, role: Role) -> Caller:
        """Return somebody of acme with one role; the same person for all but administrator."""
        return self.user(self.acme, frozenset({role}))

    def second(self, role: Role) -> Caller:
        """Return another person of acme with a role, who has just proved who they are."""
        return _prove(replace(self.having(role), actor=f"user:{self.anna}"))

    def give_app(self, user_id: int) -> App:
        """Give a user an authenticator app."""
        return give_app(user_id, self.clock)

    def installation(self, organisation_id: int | None, actor: str = CONSOLE) -> Caller:
        """Return the console, or another part of the installation."""
        return Caller(actor, organisation_id, frozenset(), NOW)

    def user(self, organisation_id: int, roles: frozenset[Role]) -> Caller:
        """Return who has these roles, and maybe more, as if they had only these."""
        user_id = self._users[organisation_id, bool(roles) and roles <= APART]
        return Caller(f"user:{user_id}", organisation_id, roles, NOW)

    def rightful(self, service: str, organisation_id: int) -> Caller:
        """Return somebody of an organisation whom the table of rights lets call a service."""
        right = rights_table()[service]
        if right.own:
            return Caller(self.user(organisation_id, frozenset()).actor, None, frozenset(), NOW)
        if not right.roles:
            return self.installation(organisation_id)
        caller = self.user(organisation_id, frozenset({min(right.roles)}))
        return _prove(caller) if right.step_up else caller

    def wrongful(self, service: str) -> list[Caller]:
        """Return callers of acme who may not call a service: with all wrong roles, or none."""
        right = rights_table()[service]
        refused = [] if right.own else [self.user(self.acme, frozenset(Role) - right.roles)]
        if right.own or not (right.with_console or not right.roles):
            refused.append(self.console)
        return refused if right.own else [*refused, self.user(self.acme, frozenset())]

    @staticmethod
    def _add_user(name: str, organisation_id: int, roles: frozenset[Role]) -> int:
        email = f"{name}@example.org"
        user = User.objects.create(email=email, name=name, password=HASHED, created_at=NOW)
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
        with acting_for(organisation_id):
            Membership.objects.bulk_create(
                Membership(user=user, role=role, since=NOW) for role in roles
            )
        return user.pk


def _prove(caller: Caller) -> Caller:
    token = make_proof(caller.user_id or 0, caller.organisation_id, ProofMethod.TOTP, caller.now)
    return replace(caller, proof=token)


@dataclass(frozen=True)
class Stage:
    """Something that is arranged for many samples.

    Attributes:
        make: arranges it in a world.
        on: the stage that `make` begins with.
    """

    make: Callable[..., Any]
    on: "Stage | None" = None

    def __call__(self, world: World) -> Any:
        """Arrange it, if that was not done before."""
        if world.reached is not None:
            (stage, value), world.reached = world.reached, None
            assert stage is self, f"{stage} was arranged, and {self} is called first"
            return value
        prepare, world.prepare = world.prepare, None
        return prepare(world, self) if prepare else self.make(world)


def stage(make: Callable[[World], Any]) -> Stage:
    """Make a stage of a function that begins with no other one."""
    return Stage(make)


def stage_on(on: Stage) -> Callable[[Callable[[World], Any]], Stage]:
    """Make a stage of a function that begins with another one."""
    return lambda make: Stage(make, on)


Sample = Callable[[World], Call]
SAMPLES: dict[str, Sample] = {}


def sample(make: Sample) -> Sample:
    """Keep the sample call of the service of this name."""
    SAMPLES[make.__name__] = make
    return make


def load_samples() -> Mapping[str, Sample]:
    """Return all sample calls by the name of the service."""
    for name in SAMPLE_MODULES:
        import_module(name)
    return SAMPLES
