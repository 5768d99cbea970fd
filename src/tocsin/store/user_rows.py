"""Users as every visit asks for them: what they are called, and where they have which roles."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from tocsin.store.roles import Role
from tocsin.store.statements import marks, rows_of, write_instant

_HELD = """
SELECT organisation.slug, organisation.name, organisation.id, held.role
  FROM store_membership held JOIN store_organisation organisation
    ON organisation.id = held.organisation_id
 WHERE held.user_id = %s AND held.since <= %s AND held.until IS NULL
"""


class HeldRole(NamedTuple):
    """A role that a user has in an organisation; ``slug`` is its short name."""

    slug: str
    organisation: str
    organisation_id: int
    role: Role


def held_roles(user_id: int, at: datetime) -> list[HeldRole]:
    """Return what a user is at a time, in all organisations."""
    found = rows_of(_HELD, [user_id, write_instant(at)])
    return [HeldRole(slug, name, number, Role(role)) for slug, name, number, role in found]


def user_names(user_ids: Collection[int]) -> dict[int, str]:
    """Return what some users are called, by their ids."""
    if not user_ids:
        return {}
    ids = list(user_ids)
    return dict(rows_of(f"SELECT id, name FROM store_user WHERE id IN ({marks(ids)})", ids))  # noqa: S608 - places only
