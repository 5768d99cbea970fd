"""Written resources as a transaction Bundle, or as NDJSON."""

import json
from collections.abc import Iterable

from tocsin.formats.fhir.written import Resource


def write_transaction(resources: Iterable[Resource]) -> Resource:
    """Return a Bundle that creates each resource once: a server that has it makes no second.

    Source: http://hl7.org/fhir/http.html#ccreate (conditional create).
    """
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [_entry(resource) for resource in resources],
    }


def _entry(resource: Resource) -> Resource:
    own = resource["identifier"][0]
    request = {
        "method": "POST",
        "url": resource["resourceType"],
        "ifNoneExist": f"identifier={own['system']}|{own['value']}",
    }
    return {"fullUrl": own["value"], "resource": resource, "request": request}


def write_ndjson(resources: Iterable[Resource]) -> str:
    """Return one resource per line."""
    return "".join(json.dumps(resource, ensure_ascii=False) + "\n" for resource in resources)
