"""Where a user works: their organisations, and who gives roles there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.services.organisations import find_user
from tocsin.services.work import Caller, Work, service
from tocsin.store.models import Membership, User
from tocsin.store.roles import Role
from tocsin.store.user_rows import held_roles


@dataclass(frozen=True)
class OwnOrganisation:
    """An organisation in which the user has a role.

    Attributes:
        slug: its short name.
        name: what people call it.
        roles: what the user is there, sorted.
    """

    slug: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class OwnAccount:
    """What a user's pages show of the user themselves."""

    user_id: int
    email: str
    name: str
    organisations: tuple[OwnOrganisation, ...]


@service
def read_own_account(work: Work) -> OwnAccount:
    """Return the caller's name and where they have roles now, by the organisation's name.

    Right: every user, for themselves.
    """
    return stand_of(find_user(work.user_id), work.now).account


@dataclass(frozen=True)
class Stand:
    """A user, and them as the caller of services for each organisation where they have a role."""

    account: OwnAccount
    callers: Mapping[str, Caller]


def stand_of(user: User, now: datetime) -> Stand:
    """Return where a user has roles at a time, by the organisation's name; in one query.

    Args:
        user: read from the database for this very request, and active.
        now: the time of the act, with the zone of the user.
    """
    roles: dict[tuple[str, str, int], list[Role]] = {}
    for slug, name, organisation_id, role in held_roles(user.pk, now):
        roles.setdefault((slug, name, organisation_id), []).append(role)
    found = [OwnOrganisation(slug, name, tuple(sorted(r))) for (slug, name, _), r in roles.items()]
    callers = {
        slug: Caller(f"user:{user.pk}", organisation_id, frozenset(some), now)
        for (slug, _, organisation_id), some in roles.items()
    }
    by_name = tuple(sorted(found, key=lambda each: each.name.lower()))
    return Stand(OwnAccount(user.pk, user.email, user.name, by_name), callers)


@service
def list_administrators(_work: Work) -> list[tuple[str, str]]:
    """Return name and address of who can give roles in the caller's organisation, by name.

    Right: everybody with a role there.
    """
    here = Membership.objects.filter(role=Role.ADMINISTRATOR, until__isnull=True)
    found = User.objects.filter(is_active=True, pk__in=here.values("user_id"))
    return list(found.order_by("name").values_list("name", "email"))
