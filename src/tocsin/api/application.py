"""The API as a whole: its endpoints, who may call, how problems are told, its description."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.http import Http404
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from tocsin.api import check, vendor_receipts
from tocsin.api.bodies import StrictParser
from tocsin.api.callers import Bearer
from tocsin.api.openapi import describe, extra_of, finish_document
from tocsin.api.problems import explain_exception
from tocsin.api.tables import TABLES
from tocsin.api.views import view_of

VERSION = "1"
_ABOUT = """What the pages of Tocsin can do, for other software.

Send a token of yours (`tocsin token add`) as `Authorization: Bearer tocsin_...`. Lists come in
pages: send `next` as `cursor` for the following one. Every request that changes something has an
`Idempotency-Key` of its own; sent again with it, it is carried out once. What is refused is told as
RFC 9457 has it, with a stable `code`. docs/how-to/api.md has examples.
"""


class _Document(OpenAPISchema):
    """The framework's document; it would let one model take the name of another."""

    def __init__(self, interface: NinjaAPI, prefix: str) -> None:
        """Describe an API whose addresses begin with a prefix."""
        self._by_group: dict[str, dict[str, str]] = {}
        self._renamed: dict[str, str] = {}
        super().__init__(interface, prefix)

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        """Return the description of an operation."""
        self._group = str((operation.tags or [""])[0]).partition(" ")[0]
        details: dict[str, Any] = super().operation_details(operation)
        return details

    def _create_schema_from_model(self, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], bool]:
        self._renamed = {}
        details, is_required = super()._create_schema_from_model(*args, **kwargs)
        return _with_names(details, self._renamed), is_required

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Take the descriptions of models; a name that another has is put behind its group."""
        self._renamed = self._by_group.setdefault(self._group, {})
        for name, told in definitions.items():
            mine = _with_names(told, self._renamed)
            if name not in self._renamed and self.schemas.get(name, mine) != mine:
                self._renamed[name] = f"{self._group}{name}"
        for name, told in definitions.items():
            own, mine = self._renamed.get(name, name), _with_names(told, self._renamed)
            if self.schemas.setdefault(own, mine) != mine:
                raise ValueError(f"two models of the API are called {own}")


def _with_names(told: Any, renamed: Mapping[str, str]) -> Any:
    """Return a description whose references have other names."""
    if not renamed:
        return told
    if isinstance(told, list):
        return [_with_names(each, renamed) for each in told]
    if not isinstance(told, dict):
        return told
    found = {key: _with_names(value, renamed) for key, value in told.items()}
    if isinstance(ref := found.get("$ref"), str):
        place, _, name = ref.rpartition("/")
        found["$ref"] = f"{place}/{renamed.get(name, name)}"
    return found


class Interface(NinjaAPI):
    """The framework's API, with a description that is made once."""

    @cached_property
    def _document(self) -> OpenAPISchema:
        made = _Document(self, "api/v1/")
        finish_document(made)
        return made

    def get_openapi_schema(self, **_: Any) -> OpenAPISchema:
        """Return the OpenAPI document."""
        return self._document


def make_interface() -> Interface:
    """Return the API with all its endpoints."""
    made = Interface(
        title="Tocsin",
        version=VERSION,
        description=_ABOUT,
        docs_url=None,
        parser=StrictParser(),
        auth=Bearer(),
        urls_namespace="api-1",
    )
    for error in (Exception, Http404, HttpError, ValidationError):
        made.add_exception_handler(error, explain_exception)  # type: ignore[arg-type]
    check.add_to(made)  # first: it is asked most, and addresses are looked through in order
    vendor_receipts.add_to(made)
    for tag, endpoints in TABLES.items():
        for endpoint in endpoints:
            made.api_operation(
                [endpoint.method],
                endpoint.path,
                response={endpoint.status: endpoint.answer},
                operation_id=endpoint.name,
                summary=endpoint.summary,
                description=describe(endpoint),
                tags=[tag],
                by_alias=True,
                openapi_extra=extra_of(endpoint),
            )(view_of(endpoint))
    return made
