"""New users: added with their roles, and let in by a link that works once."""

from collections.abc import Collection

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from tocsin.base.errors import TocsinError, UsageError
from tocsin.services.organisations import UserUnknown, add_user, find_user, give_role
from tocsin.services.work import Work, service
from tocsin.store.models import Membership
from tocsin.store.roles import Role


class PasswordThere(TocsinError):
    """The user has chosen a password already."""

    code = "password_there"


@service
def invite_user(work: Work, email: str, name: str, roles: Collection[Role]) -> int:
    """Add a user with roles in the caller's organisation and return the id. Right: administrator.

    Leaves user_invited, and what its parts leave. `make_first_link` lets them in.

    Raises:
        UsageError: if no role is given: nobody here would see the user.
        NameUnfit, NameTaken, RolesApart: as `add_user` and `give_role` do; then nothing is kept.
    """
    if not roles:
        raise UsageError("A new user needs at least one role. Nothing was changed.")
    user_id = add_user(work.caller, email, name)
    for role in sorted(roles):
        give_role(work.caller, user_id, role)
    work.record("user_invited", f"user:{user_id}", new={"roles": sorted(map(str, roles))})
    return user_id


@service
def make_first_link(work: Work, user_id: int) -> str:
    """Return what the link ends with by which a user chooses their first password, once.

    Right: administrator, for users of their organisation. Leaves first_link_made. It works until
    it is used, for three days at most. Who has a password gets no link from anybody: a link is a
    way in, and they have "forgotten password".

    Raises:
        UserUnknown: if there is no such user here, or the user was disabled.
        PasswordThere: if the user has a password.
    """
    user = find_user(user_id)
    if not user.is_active or not Membership.objects.filter(user_id=user_id).exists():
        raise UserUnknown(f"There is no user {user_id} in your organisation. Nothing was changed.")
    if user.has_usable_password():
        raise PasswordThere(
            f"User {user_id} has a password already. Nothing was changed. They can get another "
            "one themselves by 'I have forgotten my password'."
        )
    work.record("first_link_made", f"user:{user_id}")
    return f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
