"""Users, their roles and signatures; the token itself."""

from datetime import datetime
from typing import Annotated

from django.urls import reverse
from pydantic import BaseModel, Field

from tocsin.api.endpoint import Endpoint
from tocsin.api.pages import Order
from tocsin.api.replies import done, made
from tocsin.services import api_tokens, invitations, organisations, signatures
from tocsin.services.signatures import SignatureLine
from tocsin.store.roles import Role


class RoleLine(BaseModel):
    """Who is what."""

    email: str = Field(description="The address that the user logs in with.")
    role: str


class SignatureShown(BaseModel):
    """A signature as it is printed."""

    signature_id: int
    user_id: int
    printed_name: str
    signed_at: datetime
    meaning: str
    subject: str
    sha256: str
    method: str


class FirstLink(BaseModel):
    """The way in of a new user; it works once, for three days at most."""

    path: str = Field(description="Of the page, on the server that answers this.")


Roles = Annotated[
    list[Annotated[Role, Field(strict=False)]], Field(min_length=1, max_length=len(Role))
]


def _first_link(ending: str) -> FirstLink:
    uid, _, key = ending.partition("-")
    place = {"uidb36": uid, "key": key}
    return FirstLink(path=reverse("account_reset_password_from_key", kwargs=place))


def _roles(found: list[tuple[str, str]]) -> list[RoleLine]:
    return [RoleLine(email=email, role=role) for email, role in found]


def _signatures(found: list[SignatureLine]) -> list[SignatureShown]:
    return [SignatureShown.model_validate(vars(each)) for each in found]


ENDPOINTS = (
    Endpoint(
        "GET",
        "/users",
        organisations.list_users,
        "List the users of your organisation",
        order=Order(lambda line: (line.email,)),
    ),
    Endpoint(
        "POST",
        "/users",
        organisations.add_user,
        "Add a user without any role",
        shape=made,
        status=201,
        explain="They get a password from the administrator of the machine, and roles from you.",
    ),
    Endpoint(
        "POST",
        "/users/invite",
        invitations.invite_user,
        "Add a user with roles",
        shape=made,
        status=201,
        types={"roles": Roles},
        explain="`POST /users/{user_id}/first-link` makes the link that lets them in.",
    ),
    Endpoint(
        "POST",
        "/users/{user_id}/first-link",
        invitations.make_first_link,
        "Make the link by which a user chooses their first password",
        shape=_first_link,
        is_repeatable=False,
        explain="Who has the link is let in as this user. Its reply is kept nowhere.",
    ),
    Endpoint(
        "POST",
        "/users/{user_id}/disable",
        organisations.disable_user,
        "Let a user log in no more",
        shape=done,
    ),
    Endpoint(
        "GET",
        "/roles",
        organisations.list_roles,
        "List who is what",
        shape=_roles,
        order=Order(lambda line: (line.email, line.role)),
    ),
    Endpoint("POST", "/roles", organisations.give_role, "Give a user a role", shape=done),
    Endpoint("POST", "/roles/end", organisations.end_role, "End a user's role", shape=done),
    Endpoint(
        "GET",
        "/signatures",
        signatures.list_signatures,
        "List the signatures on something",
        shape=_signatures,
        order=Order(lambda line: (line.signature_id,)),
        explain="`subject` is what was signed, such as `scope_release:3`.",
    ),
    Endpoint(
        "POST",
        "/token/end",
        api_tokens.end_this_token,
        "End the very token that this is sent with",
        shape=done,
        is_repeatable=False,
        explain="Do so when it is no longer needed, or somebody else may have seen it.",
    ),
)
