"""The view of an endpoint: reads the request, calls the service once, writes the reply."""

import inspect
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Header, Path, Query

from tocsin.api.arguments import Argument, arguments_of, body_model
from tocsin.api.bodies import fingerprint, read_chunks, read_document
from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import CODE_TOLD, FILE_NAME_TOLD, KEY_TOLD, Code, Cursor, Key, Limit
from tocsin.api.pages import DEFAULT_LIMIT, Page, read_cursor, take_page, write_cursor
from tocsin.api.problems import FieldProblem, unfit_fields
from tocsin.services.grants import check_grant
from tocsin.services.import_files import discard_source, keep_stream
from tocsin.services.repeats import Repeatable, Reply, carry_out_once
from tocsin.services.rights import check_right
from tocsin.services.sent_documents import SentDocument
from tocsin.services.step_up import prove_by_totp
from tocsin.services.work import Caller

View = Callable[..., HttpResponse]
KEY_HEADER, CODE_HEADER = "Idempotency-Key", "Tocsin-Code"
REPLAYED = "Idempotency-Replayed"
_JSON = "application/json"
_KEY, _CODE, _BODY = "idempotency_key", "tocsin_code", "body"
_FILE_NAME = "file_name"
_MUST = inspect.Parameter.empty


def view_of(endpoint: Endpoint) -> View:
    """Return the view of an endpoint, with a signature that the framework reads."""
    places = arguments_of(endpoint)
    known = {each.name for each in places.in_query}
    known |= {"limit", "cursor"} if endpoint.is_paged else set()
    known |= {_FILE_NAME} if endpoint.takes_document else set()

    def view(request: HttpRequest, **values: Any) -> HttpResponse:
        if faults := _unknown_parameters(request, known):
            return unfit_fields(*faults)
        caller: Caller = request.auth  # type: ignore[attr-defined]
        check_right(endpoint.service_name, endpoint.right, caller.roles, is_console=False)
        if caller.grant is not None:
            check_grant(caller.grant, endpoint.service_name, endpoint.right)
        key, code = values.pop(_KEY, None), values.pop(_CODE, None)
        body = values.pop(_BODY, None)
        if body is not None:
            values |= {name: getattr(body, name) for name in type(body).model_fields}
        if endpoint.is_paged:
            return _page(endpoint, request, caller, values)
        if endpoint.is_list:
            return _with_list(endpoint, request, caller, values, key or "")
        content = request.body if not endpoint.takes_document else b""
        if endpoint.takes_document:
            content = read_document(request, settings.API_DOCUMENT_BYTES)
            values["sent"] = SentDocument(values.pop(_FILE_NAME), content)
        if key is None:
            proven = caller if code is None else prove_by_totp(caller, code)
            return _response(_reply(endpoint, endpoint.run(proven, **values)))
        wanted = Repeatable(key, _fingerprint_of(request, content), code)
        return _once(endpoint, caller, wanted, values)

    view.__name__ = endpoint.name
    view.__doc__ = endpoint.explain
    view.__signature__ = _signature(endpoint)  # type: ignore[attr-defined]
    return view


def _signature(endpoint: Endpoint) -> inspect.Signature:
    """Return the signature by which the framework reads, checks and tells the request."""
    places = arguments_of(endpoint)
    found = [_parameter("request", HttpRequest)]
    found += [
        _parameter(each.name, each.type, _source(Path, ..., each.told)) for each in places.in_path
    ]
    in_query = list(places.in_query)
    if endpoint.takes_document:
        in_query.append(Argument(_FILE_NAME, endpoint.file_names, FILE_NAME_TOLD, _MUST))
    if endpoint.is_paged:
        in_query.append(Argument("limit", Limit, "How many at most.", DEFAULT_LIMIT))
        in_query.append(Argument("cursor", Cursor | None, "`next` of the page before.", None))
    for each in in_query:
        default = ... if each.is_required else each.default
        found.append(_parameter(each.name, each.type, _source(Query, default, each.told)))
    if endpoint.keeps_reply:
        found.append(_parameter(_KEY, Key, _source(Header, ..., KEY_TOLD, KEY_HEADER)))
    if endpoint.signs:
        found.append(_parameter(_CODE, Code, _source(Header, ..., CODE_TOLD, CODE_HEADER)))
    if places.in_body:
        found.append(_body(endpoint, places.in_body))
    return inspect.Signature(found)


def _source(where: Any, default: Any, told: str | None, alias: str | None = None) -> Any:
    return where(default, description=told, alias=alias)


def _body(endpoint: Endpoint, fields: tuple[Argument, ...]) -> inspect.Parameter:
    return _parameter(_BODY, body_model(endpoint, fields))


def _parameter(name: str, hint: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, annotation=hint, default=default)


def _once(
    endpoint: Endpoint, caller: Caller, wanted: Repeatable, values: dict[str, Any]
) -> HttpResponse:
    reply, is_replayed = carry_out_once(
        caller, wanted, lambda proven: _reply(endpoint, endpoint.run(proven, **values))
    )
    return _response(reply, is_replayed=is_replayed)


def _with_list(
    endpoint: Endpoint, request: HttpRequest, caller: Caller, values: dict[str, Any], key: str
) -> HttpResponse:
    """Keep a list as it comes in, and carry out what is asked; a list that is not used goes."""
    most, owner = settings.API_LIST_BYTES, caller.organisation_id or 0
    name = values.pop(_FILE_NAME)
    kept = keep_stream(read_chunks(request, most), name, owner, most)
    is_used = False
    try:
        wanted = Repeatable(key, _fingerprint_of(request, kept.sha256.encode()))
        response = _once(endpoint, caller, wanted, {**values, "kept": kept})
        is_used = REPLAYED not in response
    finally:
        if not is_used:
            discard_source(kept, owner)
    return response


def _page(
    endpoint: Endpoint, request: HttpRequest, caller: Caller, values: dict[str, Any]
) -> HttpResponse:
    limit, cursor = values.pop("limit"), values.pop("cursor")
    filters = sorted((name, str(value)) for name, value in values.items() if value is not None)
    of_list = fingerprint(f"{caller.organisation_id} {request.path} {filters}".encode())[:16]
    after = read_cursor(cursor, of_list)
    if endpoint.order is None:
        sought = endpoint.run(caller, **values, after=after, limit=limit)
        shown, last = sought.items, sought.next
    else:
        items = endpoint.tell(endpoint.run(caller, **values))
        shown, last = take_page(items, endpoint.order, limit, after)
    page = Page[Any].model_construct(items=shown, next=write_cursor(last, of_list))
    return _response(Reply(endpoint.status, endpoint.adapter.dump_json(page, by_alias=True)))


def _reply(endpoint: Endpoint, found: Any) -> Reply:
    told = endpoint.tell(found)
    return Reply(endpoint.status, endpoint.adapter.dump_json(told, by_alias=True))


def _response(reply: Reply, *, is_replayed: bool = False) -> HttpResponse:
    response = HttpResponse(reply.body, status=reply.status, content_type=_JSON)
    if is_replayed:
        response[REPLAYED] = "true"
    return response


def _fingerprint_of(request: HttpRequest, content: bytes) -> str:
    query = str(request.META.get("QUERY_STRING", ""))
    said = (
        (request.method or "").encode(),
        request.path.encode(),
        query.encode("utf-8", "replace"),
    )
    return fingerprint(*said, content)


def _unknown_parameters(request: HttpRequest, known: set[str]) -> list[FieldProblem]:
    """Return what is wrong with the names in the address: a misspelt filter would show all."""
    faults = []
    for name, values in request.GET.lists():
        if name not in known:
            faults.append(FieldProblem(detail="There is no such parameter", parameter=name[:80]))
        elif len(values) > 1:
            faults.append(FieldProblem(detail="It was given twice", parameter=name[:80]))
    return faults[:50]
