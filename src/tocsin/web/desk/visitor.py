"""Who is at the desk: the user of the session, the organisation that they chose, their caller."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest

from tocsin.services.own_organisations import OwnAccount, OwnOrganisation, stand_of
from tocsin.services.work import Caller

ORGANISATION, ZONE = "organisation", "time_zone"
"""What the session remembers beside the log-in."""
ZONE_VARIABLE = "TOCSIN_TIME_ZONE"


@dataclass(frozen=True)
class Visitor:
    """The user at the desk.

    Attributes:
        account: the user's name, and where they have roles.
        organisation: for which they act now; None while they have not chosen, or have no role.
        caller: the user as the caller of services, for that organisation.
    """

    account: OwnAccount
    organisation: OwnOrganisation | None
    caller: Caller


def find_visitor(request: HttpRequest) -> Visitor | None:
    """Return who is at the desk; None if nobody is logged in, or the user was disabled.

    The user was read for this request when their session was looked at; their roles are read here,
    once: a role that was ended counts no more from the next request on.
    """
    user = request.user
    if not user.is_authenticated:
        return None
    now = datetime.now(tz=chosen_zone(request))
    stand = stand_of(user, now)
    chosen = _chosen(stand.account, request.session.get(ORGANISATION))
    nowhere = Caller(f"user:{user.pk}", None, frozenset(), now)
    caller = nowhere if chosen is None else stand.callers[chosen.slug]
    return Visitor(stand.account, chosen, caller)


def chosen_zone(request: HttpRequest) -> tzinfo:
    """Return the time zone that stands beside the user's acts: theirs, the installation's, UTC."""
    for name in (request.session.get(ZONE), os.environ.get(ZONE_VARIABLE)):
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return UTC


def _chosen(account: OwnAccount, slug: str | None) -> OwnOrganisation | None:
    if len(account.organisations) == 1:
        return account.organisations[0]
    return next((each for each in account.organisations if each.slug == slug), None)
