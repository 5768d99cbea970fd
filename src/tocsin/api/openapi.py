"""The OpenAPI document: what the framework makes of the endpoints, and what it cannot know.

The kinds of problems each endpoint can answer, the rights, the bodies that are documents, and
what the docstrings of replies say of their fields.
"""

import re
from typing import Any

from tocsin.api.endpoint import Endpoint
from tocsin.api.problems import MEDIA_TYPE, FieldProblem, Problem
from tocsin.services.rights import explain_who

_REF = "#/components/schemas/{model}"
_PROBLEM_REF = "#/components/responses/Problem{}"
_READING = (400, 401, 403, 404, 422, 429, 503)
_WRITING = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503, 507)
PUBLIC_PROBLEMS = (400, 413, 415, 422, 429, 503)
_OF_PERSONS = 410
_SAID = {
    400: "The body or the address cannot be read.",
    401: "No token, or one that opens nothing.",
    403: "The user, or this token, may not.",
    404: "There is no such thing here.",
    405: "Nothing can be done here by this method.",
    409: "Not in the state that it is in.",
    410: "It was erased.",
    413: "The body is too large.",
    415: "The body is of a kind that is not read here.",
    422: "It was understood and refused: `code` says why, `errors` which fields.",
    429: "Too much within a minute.",
    500: "Our fault.",
    503: "Busy or away; try again.",
    507: "No room on the disk.",
}


def problems_of(endpoint: Endpoint) -> dict[str, Any]:
    """Return what an endpoint can answer but a reply, for its description."""
    statuses: tuple[int, ...] = _READING if endpoint.is_reading else _WRITING
    if endpoint.path.startswith("/persons"):
        statuses = (*statuses, _OF_PERSONS)
    return problem_answers(statuses)


def problem_answers(statuses: tuple[int, ...]) -> dict[str, Any]:
    """Return the problems of these statuses, as the document's own parts."""
    return {str(each): {"$ref": _PROBLEM_REF.format(each)} for each in sorted(statuses)}


def extra_of(endpoint: Endpoint) -> dict[str, Any]:
    """Return what the framework cannot know of an endpoint."""
    extra: dict[str, Any] = {
        "responses": problems_of(endpoint),
        "x-tocsin-service": endpoint.service_name,
    }
    if endpoint.takes_document:
        binary = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
        extra["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": binary},
        }
    return extra


def describe(endpoint: Endpoint) -> str:
    """Return what is said of an endpoint: more about it, and who may."""
    may = f"For {explain_who(endpoint.right)}."
    return f"{endpoint.explain}\n\n{may}".strip()


def finish_document(document: dict[str, Any]) -> dict[str, Any]:
    """Return the framework's document with the problems, and every field explained."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    for model in (FieldProblem, Problem):
        told = model.model_json_schema(ref_template=_REF)
        told.pop("$defs", None)
        schemas[model.__name__] = told
    document["components"]["responses"] = {
        f"Problem{status}": {
            "description": said,
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
        for status, said in _SAID.items()
    }
    for schema in schemas.values():
        _explain_fields(schema)
        _close_names(schema)
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                _tidy_parameter(parameter)
    return document


def _tidy_parameter(parameter: dict[str, Any]) -> None:
    """Let a parameter say in OpenAPI's way what the framework says in that of JSON Schema.

    There is no null in an address: what may be left out is left out.
    """
    schema = parameter["schema"]
    kinds = [each for each in schema.pop("anyOf", ()) if each.get("type") != "null"]
    if kinds:
        schema.update(kinds[0])
    schema.pop("title", None)
    schema.pop("description", None)
    parameter.pop("examples", None)
    if examples := schema.pop("examples", None):
        parameter["example"] = examples[0]


def _close_names(told: Any) -> None:
    """Let each object whose names must match a pattern say that it takes no others."""
    parts = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    for each in parts:
        _close_names(each)
    if isinstance(told, dict) and "patternProperties" in told:
        told["additionalProperties"] = False


def _explain_fields(schema: dict[str, Any]) -> None:
    """Move what a docstring's section `Attributes` says to the fields themselves."""
    said, _, section = str(schema.get("description", "")).partition("Attributes:")
    if not section:
        return
    schema["description"] = said.strip()
    for names, text in re.findall(r"^\s+([\w, ]+): (.*(?:\n\s{8,}.*)*)", section, re.MULTILINE):
        for name in names.split(","):
            field = schema.get("properties", {}).get(name.strip())
            if field is not None and "$ref" not in field:
                words = " ".join(text.replace("`", "").split())
                field.setdefault("description", words[:1].upper() + words[1:])
