"""A plain valid request for each endpoint, made from what its OpenAPI description says."""

import json
from collections.abc import Mapping
from typing import Any

from tests.lib.api_client import BASE, Answer, Software, call
from tocsin.api.urls import interface

DOCUMENT: Mapping[str, Any] = interface.get_openapi_schema()
OPERATIONS = tuple(
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
)
_BY_FORMAT = {"date-time": "2026-11-21T09:00:00Z", "date": "2026-11-21"}


def plain_request(
    client: Software,
    method: str,
    path: str,
    operation: Mapping[str, Any],
    known: Mapping[str, Any] | None = None,
) -> Answer:
    """Send the plainest request that an operation's description allows, with values that are known.

    ``known`` are fields and parameters by their names.
    """
    known = known or {}
    headers = {"Authorization": f"Bearer {client.token}"}
    query = []
    for parameter in operation["parameters"]:
        if not parameter["required"]:
            continue
        value = known.get(parameter["name"]) or parameter.get("example")
        value = str(value or value_of(parameter["schema"]))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", value)
        elif parameter["in"] == "header":
            headers[parameter["name"]] = value
        else:
            query.append(f"{parameter['name']}={value}")
    body = b""
    if "requestBody" in operation:
        ((kind, told),) = operation["requestBody"]["content"].items()
        headers["Content-Type"] = kind
        body = b"{}"
        if kind == "application/json":
            fields = value_of(told["schema"])
            fields |= {name: known[name] for name in fields.keys() & known.keys()}
            body = json.dumps(fields).encode()
    assert path.startswith(BASE)
    return call(method, path, headers, body, "&".join(query))


def value_of(schema: Mapping[str, Any]) -> Any:
    """Return the plainest value that a schema allows."""
    if "$ref" in schema:
        return value_of(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "const" in schema:
        return schema["const"]
    for known in ("examples", "enum"):
        if known in schema:
            return schema[known][0]
    if "anyOf" in schema:
        return value_of(schema["anyOf"][0])
    if "default" in schema:
        return schema["default"]
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", [])
        return {name: value_of(schema["properties"][name]) for name in wanted}
    if kind == "array":
        return [value_of(schema["items"])] * schema.get("minItems", 0)
    plain = {
        "string": _BY_FORMAT.get(schema.get("format", ""), "x"),
        "integer": schema.get("minimum", 1),
        "number": 1.0,
        "boolean": False,
    }
    return plain[kind or "integer"]
