"""Where a user works: their organisations, and who gives roles there."""

from dataclasses import dataclass

from tocsin.services.organisations import find_user
from tocsin.services.work import Work, service
from tocsin.store.models import Membership, User
from tocsin.store.roles import Role


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
    user = find_user(work.user_id)
    held = Membership.everywhere.filter(
        user_id=user.pk, since__lte=work.now, until__isnull=True
    ).values_list("organisation__slug", "organisation__name", "role")
    roles: dict[tuple[str, str], list[str]] = {}
    for slug, name, role in held:
        roles.setdefault((slug, name), []).append(role)
    found = [OwnOrganisation(slug, name, tuple(sorted(r))) for (slug, name), r in roles.items()]
    return OwnAccount(
        user.pk, user.email, user.name, tuple(sorted(found, key=lambda each: each.name.lower()))
    )


@service
def list_administrators(_work: Work) -> list[tuple[str, str]]:
    """Return name and address of who can give roles in the caller's organisation, by name.

    Right: everybody with a role there.
    """
    here = Membership.objects.filter(role=Role.ADMINISTRATOR, until__isnull=True)
    found = User.objects.filter(is_active=True, pk__in=here.values("user_id"))
    return list(found.order_by("name").values_list("name", "email"))
