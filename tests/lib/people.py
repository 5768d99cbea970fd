"""An organisation and users for tests, made by the services themselves."""

from datetime import UTC, datetime, timedelta, timezone

from tests.lib.authenticator_app import App, Clock
from tocsin.services.accounts import hash_password, reset_password
from tocsin.services.authenticators import begin_totp, confirm_totp
from tocsin.services.callers import user_caller
from tocsin.services.organisations import add_user, create_organisation, give_role
from tocsin.services.work import CONSOLE, Caller
from tocsin.store.models import Organisation
from tocsin.store.roles import Role

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=1)))
PASSWORD = "a long walk by the canal"
AT_CONSOLE = Caller(CONSOLE, None, frozenset(), NOW)


def make_organisation(slug: str = "acme") -> int:
    return create_organisation(AT_CONSOLE, slug, slug.title())


def make_user(name: str, *roles: Role, organisation: str = "acme", password: str = "") -> int:
    """Add a user `name@example.org` with roles; without a password nobody can log in."""
    user_id = add_user(AT_CONSOLE, f"{name}@example.org", name.title())
    if password:
        reset_password(AT_CONSOLE, user_id, hash_password(user_id, password))
    for role in roles:
        here = Organisation.objects.get(slug=organisation).pk
        give_role(Caller(CONSOLE, here, frozenset(), NOW), user_id, role)
    return user_id


def caller_of(user_id: int, organisation: str | None = "acme", now: datetime = NOW) -> Caller:
    return user_caller(user_id, organisation, now)


def give_app(user_id: int, clock: Clock) -> App:
    """Give a user an authenticator app; the code that confirmed it is used up."""
    own = user_caller(user_id, None, datetime.now(tz=UTC))
    app = App(begin_totp(own).secret, clock)
    confirm_totp(own, app.secret, app.code())
    clock.next_code()
    return app
