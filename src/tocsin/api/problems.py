"""What went wrong, as RFC 9457 has it: a code, the sentence of ours, and the fields it is about."""

import json
import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from tocsin.api.statuses import status_of
from tocsin.base.errors import TocsinError

MEDIA_TYPE = "application/problem+json"
FIELDS_UNFIT = "fields_unfit"
_LOG = logging.getLogger("django.request")
_IN = {"query": "query", "path": "path", "header": "header"}


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    detail: str = Field(description="What is wrong with it.", examples=["Field required"])
    pointer: str | None = Field(
        None, description="Which field of the body, as a JSON pointer.", examples=["#/title"]
    )
    parameter: str | None = Field(
        None, description="Which parameter of the address or header.", examples=["limit"]
    )


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(
        description="Where the status is explained; `code` says more.",
        examples=["/api/v1/openapi.json#/components/responses/Problem404"],
    )
    title: str = Field(description="What the status says.", examples=["Not Found", "Conflict"])
    status: int = Field(description="The status of HTTP.", examples=[404])
    detail: str = Field(
        description="What was found, what happens and what to do, as at the command line.",
        examples=["There is no action 17 here. Nothing was changed."],
    )
    code: str = Field(
        description="The stable name of the cause; programs look at this one.",
        examples=["action_unknown"],
    )
    errors: list[FieldProblem] | None = Field(None, description="Field by field.")


class TokenMissing(TocsinError):
    """No token was sent, or not as a bearer token."""

    code = "token_missing"


class AddressUnknown(TocsinError):
    """There is nothing at this address."""

    code = "address_unknown"


class MethodNotAllowed(TocsinError):
    """Nothing can be done here by this method."""

    code = "method_not_allowed"


class BodyUnreadable(TocsinError):
    """The body of a request is no JSON, or more than JSON may be here."""

    code = "body_unreadable"


class BodyTooLarge(TocsinError):
    """The body of a request has more bytes than are taken here."""

    code = "body_too_large"


class MediaTypeUnknown(TocsinError):
    """The body is of a kind that is not read here."""

    code = "media_type_unknown"


class DatabaseBusy(TocsinError):
    """The database is busy or away."""

    code = "database_busy"


class OurFault(TocsinError):
    """Something that we did not foresee."""

    code = "our_fault"
    exit_code = 1


def problem_of(error: TocsinError, errors: Sequence[FieldProblem] = ()) -> HttpResponse:
    """Return an error of ours as a response."""
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, OurFault):
        error = _our_fault(error)
    response = problem_response(status, error.code, error.sentence, errors)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Tocsin"'
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        response["Retry-After"] = "60"
    return response


def problem_response(
    status: int, code: str, detail: str, errors: Sequence[FieldProblem] = ()
) -> HttpResponse:
    """Return a problem as a response."""
    body: dict[str, Any] = {
        "type": f"/api/v1/openapi.json#/components/responses/Problem{status}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = [each.model_dump(exclude_none=True) for each in errors]
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return HttpResponse(content, status=status, content_type=MEDIA_TYPE)


def explain_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return whatever an endpoint has raised as a problem; what we did not foresee is logged.

    The log has its kind and place but not its text, which may quote what was sent.
    """
    if isinstance(error, HttpError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # our reader's own error, which the framework has wrapped
    if isinstance(error, TocsinError):
        return problem_of(error)
    if isinstance(error, ValidationError):
        return _fields_unfit(error.errors)
    if isinstance(error, RequestDataTooBig):
        return problem_of(too_large())
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return problem_of(
            BodyUnreadable("The request is not as it should be. Nothing was changed.")
        )
    if isinstance(error, Http404):
        return problem_of(AddressUnknown(f"There is nothing at {request.path[:200]!r}."))
    if isinstance(error, AuthenticationError):
        return problem_of(_token_missing())
    if isinstance(error, OperationalError | InterfaceError):
        return problem_of(_busy())
    _LOG.error("API", exc_info=error, extra={"status_code": 500})
    return problem_of(_our_fault(error))


def too_large() -> BodyTooLarge:
    """Return the error of a body that has too many bytes."""
    return BodyTooLarge(
        "The body has more bytes than are taken here. Nothing was changed. Is it the right file?"
    )


def unfit_fields(*faults: FieldProblem) -> HttpResponse:
    """Return the problem of fields that are missing or cannot be."""
    return problem_response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        FIELDS_UNFIT,
        f"{len(faults)} {'field is' if len(faults) == 1 else 'fields are'} missing or cannot be as "
        "sent; `errors` says which and why. Nothing was changed.",
        faults,
    )


def _fields_unfit(errors: Sequence[dict[str, Any]]) -> HttpResponse:
    return unfit_fields(*(_field(error) for error in errors[:50]))


def _field(error: dict[str, Any]) -> FieldProblem:
    where, *path = error["loc"]
    said = re.sub(r"[\x00-\x1f\x7f]", "", str(error["msg"]))[:300]
    if where in _IN:
        return FieldProblem(detail=said, parameter=str(path[-1] if path else where)[:80])
    steps = path[1:]  # the framework's own name of the body comes first
    pointer = "".join(f"/{str(step)[:80].replace('~', '~0').replace('/', '~1')}" for step in steps)
    return FieldProblem(detail=said, pointer=f"#{pointer}")


def _token_missing() -> TokenMissing:
    return TokenMissing(
        "Send a token: `Authorization: Bearer tocsin_...`. Nothing was changed. `tocsin token add` "
        "makes one."
    )


def _busy() -> DatabaseBusy:
    return DatabaseBusy(
        "The database is busy or away. Nothing of this request was kept. Send it again in a "
        "while, with the same Idempotency-Key."
    )


def _our_fault(error: Exception) -> OurFault:
    return OurFault(
        f"This is our fault ({type(error).__name__}). Nothing of this request was kept. The log of "
        "the server says where it happened."
    )
