"""Persons: each look at private data is for a purpose and leaves its row; links between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

from pydantic import Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import Id, Word
from tocsin.api.pages import Order
from tocsin.api.replies import done
from tocsin.services import person_file, person_links, persons

SearchedBy = Literal["email", "phone", "name", "holder_id", "person_id"]
LinkIds = Annotated[list[Id], Field(min_length=1, max_length=1000)]
LinkStates = Literal["proposed", "confirmed", "rejected", "undone"]


class _KeptLink(Protocol):
    """What of a kept link is told."""

    pk: int
    one_id: UUID
    other_id: UUID
    state: str
    reasons: list[str]
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True)
class PersonLinkLine:
    """That two persons of different lists may be one.

    Attributes:
        state: proposed, confirmed, rejected or undone.
        reasons: what they have in common.
    """

    link_id: int
    one_id: str
    other_id: str
    state: str
    reasons: list[str]
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True)
class Confirmed:
    """How many links were confirmed."""

    n_confirmed: int


@dataclass(frozen=True)
class Proposed:
    """Links that are new."""

    link_ids: list[int]


def _links(found: Sequence[_KeptLink]) -> list[PersonLinkLine]:
    return [
        PersonLinkLine(
            each.pk,
            str(each.one_id),
            str(each.other_id),
            each.state,
            list(each.reasons),
            each.proposed_at,
            each.decided_at,
            each.decided_by,
        )
        for each in found
    ]


def _proposed(link_ids: Sequence[int]) -> Proposed:
    return Proposed(list(link_ids))


def _confirmed(n_confirmed: int) -> Confirmed:
    return Confirmed(n_confirmed)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/persons/search",
        person_file.search_persons,
        "Look for persons, by ids only",
        is_repeatable=False,
        types={"by": SearchedBy, "text": Word},
        explain="It is recorded by what was searched, never for what.",
    ),
    Endpoint(
        "POST",
        "/persons/{person_id}/file",
        person_file.access_person_file,
        "Show everything about one person, for a purpose",
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Its reply is kept nowhere.",
    ),
    Endpoint(
        "POST",
        "/persons/{person_id}/access",
        persons.access_person,
        "Show one person's private data, for a purpose",
        is_repeatable=False,
        explain="It is recorded who looked, and for what. Needs a token that may write. Its reply "
        "is kept nowhere, so it takes no Idempotency-Key.",
    ),
    Endpoint(
        "POST",
        "/persons/{person_id}/erase",
        persons.erase_person,
        "Erase one person's private data for good",
        explain="While something holds the person, the wish is noted and `held_because` says what.",
    ),
    Endpoint(
        "POST",
        "/persons/{person_id}/hold",
        persons.hold_person,
        "Put a person under legal hold",
        shape=done,
    ),
    Endpoint(
        "POST",
        "/persons/{person_id}/end-hold",
        persons.end_hold,
        "End a person's legal hold",
        shape=done,
    ),
    Endpoint(
        "GET",
        "/person-links",
        person_links.list_links,
        "List who may be, or is, the same person in two lists",
        shape=_links,
        types={"state": LinkStates | None},
        order=Order(lambda line: (line.link_id,)),
    ),
    Endpoint(
        "POST",
        "/person-links/propose",
        person_links.propose_links,
        "Look for persons who may be one",
        shape=_proposed,
    ),
    Endpoint(
        "POST",
        "/person-links/confirm-exact",
        person_links.confirm_exact_links,
        "Confirm many links whose persons agree in all",
        shape=_confirmed,
        types={"link_ids": LinkIds},
    ),
    Endpoint(
        "POST",
        "/person-links/{link_id}/access",
        person_links.access_link,
        "Show the two persons of a link side by side, for a purpose",
        is_repeatable=False,
    ),
    Endpoint(
        "POST",
        "/person-links/{link_id}/confirm",
        person_links.confirm_link,
        "Say that two persons are one",
        shape=done,
    ),
    Endpoint(
        "POST",
        "/person-links/{link_id}/reject",
        person_links.reject_link,
        "Say that two persons are not one",
        shape=done,
    ),
    Endpoint(
        "POST",
        "/person-links/{link_id}/undo",
        person_links.undo_link,
        "Separate two persons again",
        shape=done,
    ),
)
