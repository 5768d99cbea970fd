"""Organisations, their users and what those may do."""

from tocsin.base.errors import TocsinError
from tocsin.services.work import Work, service
from tocsin.store.models import Membership, Organisation, User
from tocsin.store.roles import Role


class NameTaken(TocsinError):
    """Something of this name exists already."""

    code = "name_taken"


class OrganisationUnknown(TocsinError):
    """There is no organisation of this name."""

    code = "organisation_unknown"


class UserUnknown(TocsinError):
    """There is no such user here."""

    code = "user_unknown"


@service
def create_organisation(work: Work, slug: str, name: str) -> int:
    """Add an organisation and return its id. Right: the console. Leaves organisation_created.

    Raises:
        NameTaken: if there is one with this short name.
    """
    if Organisation.objects.filter(slug=slug).exists():
        raise NameTaken(
            f"There is already an organisation {slug!r}. Nothing was changed; choose another."
        )
    made = Organisation.objects.create(slug=slug, name=name, created_at=work.now)
    work.record("organisation_created", f"organisation:{made.pk}", new={"slug": slug})
    return made.pk


@service
def add_user(work: Work, email: str, name: str) -> int:
    """Add a user without any role or password and return the id. Right: the console.

    An address is never used again, not even when its user was disabled. Leaves user_added.

    Raises:
        NameTaken: if the address is or was somebody's.
    """
    if User.objects.filter(email__iexact=email).exists():
        raise NameTaken("This address is or was a user's already. Nothing was changed.")
    user = User.objects.create(email=email.lower(), name=name, created_at=work.now)
    work.record("user_added", f"user:{user.pk}")
    return user.pk


@service
def disable_user(work: Work, user_id: int, reason: str) -> None:
    """Let a user log in no more; the row stays. Right: the console. Leaves user_disabled."""
    user = find_user(user_id)
    if not user.is_active:
        work.leave_unchanged()
        return
    user.is_active = False
    user.save(update_fields=["is_active"])
    work.record("user_disabled", f"user:{user_id}", reason=reason)


@service
def give_role(work: Work, user_id: int, role: Role) -> None:
    """Give a user a role in the caller's organisation. Right: administrator, console.

    Leaves membership_given.
    """
    here = Membership.objects.filter(user_id=user_id, role=role, until__isnull=True)
    find_user(user_id)
    if here.exists():
        work.leave_unchanged()
        return
    Membership.objects.create(user_id=user_id, role=role, since=work.now)
    work.record("membership_given", f"user:{user_id}", new={"role": str(role)})


@service
def end_role(work: Work, user_id: int, role: Role, reason: str) -> None:
    """End a user's role in the caller's organisation. Right: administrator, console.

    Leaves membership_ended.
    """
    held = Membership.objects.filter(user_id=user_id, role=role, until__isnull=True)
    ended = held.update(until=work.now)
    if not ended:
        work.leave_unchanged()
        return
    work.record("membership_ended", f"user:{user_id}", old={"role": str(role)}, reason=reason)


def find_user(user_id: int) -> User:
    """Return a user.

    Raises:
        UserUnknown: if there is none with this id.
    """
    found = User.objects.filter(pk=user_id).first()
    if found is None:
        raise UserUnknown(f"There is no user {user_id}. Nothing was changed.")
    return found


def find_organisation(slug: str) -> int:
    """Return the id of an organisation by its short name.

    Raises:
        OrganisationUnknown: if there is none.
    """
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise OrganisationUnknown(f"There is no organisation {slug!r} here. Nothing was changed.")
    return found.pk
