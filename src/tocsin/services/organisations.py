"""Organisations, their users and what those may do."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug

from tocsin.base.errors import TocsinError
from tocsin.services.work import Work, service
from tocsin.store.api_tokens import end_tokens
from tocsin.store.models import Membership, Organisation, TerminalSession, User
from tocsin.store.roles import Role

_APART = frozenset({Role.ADMINISTRATOR, Role.RELEASER})


class NameTaken(TocsinError):
    """Something of this name exists already."""

    code = "name_taken"


class OrganisationUnknown(TocsinError):
    """There is no organisation of this name."""

    code = "organisation_unknown"


class UserUnknown(TocsinError):
    """There is no such user here."""

    code = "user_unknown"


class NameUnfit(TocsinError):
    """A short name or an address is none."""

    code = "name_unfit"


class LastAdministrator(TocsinError):
    """Nobody would be left to administer the organisation."""

    code = "last_administrator"


class RolesApart(TocsinError):
    """Two roles must not be one person's, or somebody gives a role to themselves."""

    code = "roles_apart"


class UserOfOthers(TocsinError):
    """A user works for other organisations too, so one of them alone cannot disable them."""

    code = "user_of_others"


@dataclass(frozen=True)
class UserLine:
    """A user, for a list.

    Attributes:
        user_id: the id.
        email: the address they log in with.
        name: what is printed beside a signature.
        is_active: whether they can log in.
        roles: what they are in the caller's organisation, sorted; none at the console without one.
    """

    user_id: int
    email: str
    name: str
    is_active: bool
    roles: tuple[str, ...]


@service
def create_organisation(work: Work, slug: str, name: str) -> int:
    """Add an organisation and return its id. Right: the console. Leaves organisation_created.

    Raises:
        NameUnfit: if the short name is none.
        NameTaken: if there is one with this short name.
    """
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise NameUnfit(
            f"{slug!r} is no short name: letters, digits, - and _ only. Nothing was changed."
        ) from error
    if Organisation.objects.filter(slug=slug).exists():
        raise NameTaken(
            f"There is already an organisation {slug!r}. Nothing was changed; choose another."
        )
    made = Organisation.objects.create(slug=slug, name=name, created_at=work.now)
    work.record("organisation_created", f"organisation:{made.pk}", new={"slug": slug})
    return made.pk


@service
def list_organisations(work: Work) -> list[tuple[str, str]]:  # noqa: ARG001 - its rights
    """Return short name and name of every organisation, sorted. Right: the console."""
    return list(Organisation.objects.order_by("slug").values_list("slug", "name"))


@service
def add_user(work: Work, email: str, name: str) -> int:
    """Add a user without any role or password and return the id. Right: administrator, console.

    An address is never used again, not even when its user was disabled. It counts as confirmed:
    who adds it vouches for it. Leaves user_added.

    Raises:
        NameUnfit: if the address is none, or the name is empty.
        NameTaken: if the address is or was somebody's.
    """
    email, name = email.strip().lower(), " ".join(name.split())
    try:
        validate_email(email)
    except ValidationError as error:
        raise NameUnfit("This is no e-mail address. Nothing was changed.") from error
    if not name:
        raise NameUnfit("A user needs a name: it is printed beside signatures.")
    if User.objects.filter(email__iexact=email).exists():
        raise NameTaken("This address is or was a user's already. Nothing was changed.")
    user = User(email=email, name=name, created_at=work.now)
    user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    work.record("user_added", f"user:{user.pk}")
    return user.pk


@service
def list_users(work: Work) -> list[UserLine]:
    """Return the users, by address: of the caller's organisation, or all at the bare console.

    Right: administrator, auditor, console.
    """
    users = User.objects.order_by("email")
    roles: dict[int, list[str]] = {}
    if work.caller.organisation_id is not None:
        held = Membership.objects.filter(until__isnull=True).order_by("role")
        for user_id, role in held.values_list("user_id", "role"):
            roles.setdefault(user_id, []).append(role)
        users = users.filter(pk__in=Membership.objects.values("user_id"))
    return [
        UserLine(user.pk, user.email, user.name, user.is_active, tuple(roles.get(user.pk, ())))
        for user in users
    ]


@service
def disable_user(work: Work, user_id: int, reason: str) -> None:
    """Let a user log in no more; the row stays, and their sessions and tokens end.

    Right: administrator, for users of their organisation alone; the console, for all. Leaves
    user_disabled.

    Raises:
        UserUnknown: if there is no such user here.
        UserOfOthers: if the user has a role in another organisation too.
        LastAdministrator: if nobody would be left to administer; the console may all the same.
    """
    user = find_user(user_id)
    if work.caller.user_id is not None:
        _check_is_theirs(user_id)
        _check_not_last(user_id)
    if not user.is_active:
        work.leave_unchanged()
        return
    user.is_active = False
    user.save(update_fields=["is_active"])
    open_ones = TerminalSession.objects.filter(user_id=user_id, ended_at__isnull=True)
    open_ones.update(ended_at=work.now)
    end_tokens(user_id, work.now)
    work.record("user_disabled", f"user:{user_id}", reason=reason)


@service
def enable_user(work: Work, user_id: int, reason: str) -> None:
    """Let a disabled user log in again. Right: the console. Leaves user_enabled."""
    user = find_user(user_id)
    if user.is_active:
        work.leave_unchanged()
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    work.record("user_enabled", f"user:{user_id}", reason=reason)


@service
def give_role(work: Work, user_id: int, role: Role) -> None:
    """Give a user a role in the caller's organisation. Right: administrator, console.

    An administrator gives no role to themselves, and nobody both administers and releases: else
    one person alone could be two. Leaves membership_given.

    Raises:
        RolesApart: if it would come to that.
    """
    if work.caller.user_id == user_id:
        raise RolesApart(
            "Nobody gives a role to themselves. Nothing was changed. Ask another administrator."
        )
    here = Membership.objects.filter(user_id=user_id, role=role, until__isnull=True)
    find_user(user_id)
    if here.exists():
        work.leave_unchanged()
        return
    held = Membership.objects.filter(user_id=user_id, until__isnull=True)
    if role in _APART and held.filter(role__in=_APART).exists():
        raise RolesApart(
            f"User {user_id} cannot be {role} here: nobody both administers and releases. Nothing "
            "was changed. Choose another person, or end the other role first."
        )
    Membership.objects.create(user_id=user_id, role=role, since=work.now)
    work.record("membership_given", f"user:{user_id}", new={"role": str(role)})


@service
def end_role(work: Work, user_id: int, role: Role, reason: str) -> None:
    """End a user's role in the caller's organisation. Right: administrator, console.

    Leaves membership_ended.

    Raises:
        LastAdministrator: if nobody would be left to administer; the console may all the same.
    """
    if role is Role.ADMINISTRATOR and work.caller.user_id is not None:
        _check_not_last(user_id)
    held = Membership.objects.filter(user_id=user_id, role=role, until__isnull=True)
    ended = held.update(until=work.now)
    if not ended:
        work.leave_unchanged()
        return
    work.record("membership_ended", f"user:{user_id}", old={"role": str(role)}, reason=reason)


@service
def list_roles(work: Work) -> list[tuple[str, str]]:  # noqa: ARG001 - its rights
    """Return address and role of everybody who has one now in the caller's organisation.

    Right: administrator, auditor, console.
    """
    held = Membership.objects.filter(until__isnull=True).order_by("user__email", "role")
    return list(held.values_list("user__email", "role"))


def find_user_by_email(email: str) -> int:
    """Return the id of the user with an address, disabled ones too.

    Raises:
        UserUnknown: if there is none; the sentence does not repeat the address.
    """
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise UserUnknown("There is no user with this address. Nothing was changed.")
    return found.pk


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


def _check_is_theirs(user_id: int) -> None:
    """Check that a user has, and had, a role in the organisation that we act for and no other."""
    if not Membership.objects.filter(user_id=user_id).exists():
        raise UserUnknown(f"There is no user {user_id} in your organisation. Nothing was changed.")
    here = Membership.objects.values("pk")
    if Membership.everywhere.filter(user_id=user_id).exclude(pk__in=here).exists():
        raise UserOfOthers(
            f"User {user_id} works or worked for another organisation too. Nothing was changed. "
            "End their roles in yours; the administrator of the machine can disable them."
        )


def _check_not_last(user_id: int) -> None:
    """Check that somebody else administers the organisation that we act for."""
    administrators = Membership.objects.filter(
        role=Role.ADMINISTRATOR, until__isnull=True, user__is_active=True
    )
    # Locked, so that two administrators cannot end each other at once.
    ids = set(administrators.select_for_update().values_list("user_id", flat=True))
    if ids == {user_id}:
        raise LastAdministrator(
            f"User {user_id} is the last administrator of your organisation. Nothing was changed. "
            "Give somebody else that role first, or do it at the console of the machine."
        )
