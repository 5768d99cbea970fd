"""Tokens with which other software acts as a user: made by them, narrower than they, for a time."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.base.errors import TocsinError, UsageError
from tocsin.services.callers import NoRoleHere, user_caller
from tocsin.services.grants import Grant
from tocsin.services.organisations import find_organisation
from tocsin.services.rights import rights_table
from tocsin.services.work import Caller, Work, service
from tocsin.store.api_tokens import find_token, note_use, open_tokens
from tocsin.store.models import ApiToken, Membership
from tocsin.store.proofs import hash_token
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

PREFIX = "tocsin_"
"""What a token begins with, so that whoever looks for leaked secrets finds it."""
MOST_DAYS = 366
MOST_TOKENS = 50
MOST_NAME = 80


class ApiTokenRefused(TocsinError):
    """A token of the API opens nothing: it is none, has expired, or was ended."""

    code = "api_token_refused"


class TokenUnknown(TocsinError):
    """The user has no such token."""

    code = "token_unknown"


@dataclass(frozen=True)
class WantedToken:
    """What a new token shall be.

    Attributes:
        name: what its user calls it.
        roles: those of the user that it may use, at least one.
        services: the only ones that it may call; empty: all that these roles may.
        may_write: whether it may call services that leave something in the audit trail.
        days: how long it can be used, at most `MOST_DAYS`.
    """

    name: str
    roles: tuple[str, ...]
    services: tuple[str, ...] = ()
    may_write: bool = False
    days: int = 90


@dataclass(frozen=True)
class TokenLine:
    """A token in a list; what it is cannot be shown again.

    Attributes:
        roles, services, may_write: as in `WantedToken`.
        last_used_at: to the minute; None if it never was.
        is_open: whether it can still be used.
    """

    token_id: int
    name: str
    organisation: str
    roles: tuple[str, ...]
    services: tuple[str, ...]
    may_write: bool
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    is_open: bool


@service
def add_token(work: Work, organisation: str, wanted: WantedToken) -> tuple[str, datetime]:
    """Return a new token of the caller for an organisation, and until when. It is shown only now.

    Right: every user, for themselves. Only its hash is kept. Leaves token_added.

    Raises:
        NoRoleHere: if the caller has no role in the organisation.
        UsageError: if the token would be more than its user, for too long, or one too many.
    """
    own = user_caller(work.user_id, organisation, work.now)
    name = " ".join(wanted.name.split())
    _check_wanted(name, wanted, own.roles)
    if open_tokens(work.now).filter(user_id=work.user_id).count() >= MOST_TOKENS:
        raise UsageError(f"You have {MOST_TOKENS} tokens already. Revoke one that nobody needs.")
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        user_id=work.user_id,
        organisation_id=find_organisation(organisation),
        name=name,
        token_sha256=hash_token(token),
        roles=sorted(set(wanted.roles)),
        services=sorted(set(wanted.services)),
        may_write=wanted.may_write,
        created_at=work.now,
        expires_at=work.now + timedelta(days=wanted.days),
    )
    new = {"token": made.pk, "roles": made.roles, "services": made.services}
    until = made.expires_at
    new |= {"may_write": made.may_write, "until": until.isoformat()}
    work.record("token_added", f"user:{work.user_id}", new=new)
    return token, until


@service
def list_tokens(work: Work) -> list[TokenLine]:
    """Return the caller's tokens, the last first. Right: every user, for themselves."""
    mine = ApiToken.objects.filter(user_id=work.user_id).select_related("organisation")
    return [
        TokenLine(
            token_id=row.pk,
            name=row.name,
            organisation=row.organisation.slug,
            roles=tuple(row.roles),
            services=tuple(row.services),
            may_write=row.may_write,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            is_open=row.ended_at is None and row.expires_at > work.now,
        )
        for row in mine.order_by("-pk")
    ]


@service
def revoke_token(work: Work, token_id: int) -> None:
    """End one of the caller's tokens at once. Right: every user, for themselves.

    Leaves token_ended.

    Raises:
        TokenUnknown: if the caller has no such token that is open.
    """
    _end(work, token_id)


@service
def end_this_token(work: Work) -> None:
    """End the very token that the caller acts with. Right: every user, for themselves.

    Leaves token_ended.

    Raises:
        TokenUnknown: if the caller acts with none.
    """
    _end(work, work.caller.grant.token_id if work.caller.grant else 0)


def caller_of_token(token: str, now: datetime) -> Caller:
    """Return the user of a token as the caller of services, with what it was granted.

    Raises:
        ApiTokenRefused: if it is none, has expired, was ended, or its user was disabled.
        NoRoleHere: if its user has none of its roles any more.
    """
    found = find_token(token, now) if token.startswith(PREFIX) else None
    if found is None:
        raise ApiTokenRefused(
            "The token is none of ours, has expired, or was ended. Nothing was changed. Its user "
            "makes another one with `tocsin token add`."
        )
    with acting_for(found.organisation_id):
        held = Membership.objects.filter(
            user_id=found.user_id, since__lte=now, until__isnull=True, role__in=found.roles
        )
        roles = frozenset(Role(role) for role in held.values_list("role", flat=True))
    if not roles:
        raise NoRoleHere(
            "The user of this token has none of its roles any more. Nothing was changed. They "
            "make another one with `tocsin token add`, or ask their administrator."
        )
    note_use(found, now)
    grant = Grant(found.pk, frozenset(found.services), found.may_write)
    return Caller(f"user:{found.user_id}", found.organisation_id, roles, now, grant=grant)


def _check_wanted(name: str, wanted: WantedToken, own: frozenset[Role]) -> None:
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise UsageError(f"A token's name has 1 to {MOST_NAME} printable characters.")
    if not 1 <= wanted.days <= MOST_DAYS:
        raise UsageError(f"A token lives 1 to {MOST_DAYS} days, not {wanted.days}.")
    has = ", ".join(sorted(own))
    if not wanted.roles or not set(wanted.roles) <= {str(role) for role in own}:
        raise UsageError(f"A token has one or more of the roles that you have here: {has}.")
    for name_of_service in wanted.services:
        right = rights_table().get(name_of_service)
        if right is None or not {str(role) for role in right.roles} & set(wanted.roles):
            raise UsageError(
                f"{name_of_service!r} is no service that these roles may call. Nothing was made. "
                "docs/reference/rights.md lists them."
            )
        if right.events and not wanted.may_write:
            raise UsageError(
                f"{name_of_service!r} leaves something behind, and the token was to read only. "
                "Nothing was made. Leave the service out, or let the token write."
            )


def _end(work: Work, token_id: int) -> None:
    mine = open_tokens(work.now).filter(pk=token_id, user_id=work.user_id)
    if not mine.update(ended_at=work.now):
        raise TokenUnknown(f"You have no open token {token_id}. Nothing was changed.")
    work.record("token_ended", f"user:{work.user_id}", old={"token": token_id})
