"""The arguments of a service as fields of a request: where they stand, what they may be."""

import inspect
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import BY_NAME, Id, Line, Number

_IN_PATH = re.compile(r"{(\w+)}")
_OURS = frozenset({"after", "kept", "limit", "sent"})
"""Arguments that are not asked for by these names: where a page begins, the document itself."""
_MOST_LISTED = 100


@dataclass(frozen=True)
class Argument:
    """One argument of a service.

    Attributes:
        name: what it is called.
        type: with its bounds.
        told: what it means; None where nothing says more than its name.
        default: `inspect.Parameter.empty` if it must be given.
    """

    name: str
    type: Any
    told: str | None
    default: Any

    @property
    def is_required(self) -> bool:
        """Whether it must be given."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True)
class Arguments:
    """Where the arguments of an endpoint stand."""

    in_path: tuple[Argument, ...]
    in_query: tuple[Argument, ...]
    in_body: tuple[Argument, ...]


def arguments_of(endpoint: Endpoint) -> Arguments:
    """Return where the arguments of an endpoint stand: in its path, else by its method."""
    places = set(_IN_PATH.findall(endpoint.path))
    read = [each for each in _read(endpoint) if each.name not in _OURS]
    found = [each for each in read if each.name not in places]
    in_path = tuple(each for each in read if each.name in places)
    if endpoint.is_reading or endpoint.takes_document:
        return Arguments(in_path, tuple(found), ())
    return Arguments(in_path, (), tuple(found))


def body_model(endpoint: Endpoint, fields: Sequence[Argument]) -> type[BaseModel]:
    """Return the model of an endpoint's body: nothing is converted, nothing unknown is taken."""
    told: dict[str, Any] = {
        each.name: (
            each.type,
            Field(... if each.is_required else each.default, description=each.told),
        )
        for each in fields
    }
    title = "".join(word.title() for word in endpoint.name.split("_"))
    config = ConfigDict(extra="forbid", strict=True, title=title)
    return create_model(title, __config__=config, __doc__=endpoint.summary, **told)


def _read(endpoint: Endpoint) -> list[Argument]:
    function = inspect.unwrap(endpoint.run)
    hints = get_type_hints(function, include_extras=True)
    told = _explained(function.__doc__ or "")
    _, *parameters = inspect.signature(function).parameters.values()  # the caller
    return [
        Argument(
            each.name,
            endpoint.types.get(each.name) or _bounded(each.name, hints[each.name]),
            told.get(each.name) or _told_by(hints[each.name]),
            each.default,
        )
        for each in parameters
    ]


def _bounded(name: str, hint: Any) -> Any:
    """Return the type of an argument with bounds, from what the service says of it."""
    if get_origin(hint) in {Union, types.UnionType}:
        inner = [each for each in get_args(hint) if each is not type(None)]
        return _bounded(name, inner[0]) | None if len(inner) == 1 else hint
    if get_origin(hint) is Sequence:
        (item,) = get_args(hint)
        return Annotated[list[_bounded(name, item)], Field(min_length=1, max_length=_MOST_LISTED)]  # type: ignore[misc]
    if name in BY_NAME:
        return BY_NAME[name]
    if hint is int:
        return Id if name.endswith("_id") else Number
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return Annotated[hint, Field(strict=False)]
    return Line if hint is str else hint


def _told_by(hint: Any) -> str | None:
    """Return what an annotation says of an argument."""
    said = [each.description for each in getattr(hint, "__metadata__", ()) if each.description]
    return said[-1] if said else None


def _explained(docstring: str) -> Mapping[str, str]:
    """Return what the section `Args` of a docstring says of each argument."""
    _, _, section = inspect.cleandoc(docstring).partition("\nArgs:\n")
    section = section.partition("\n\n")[0]
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if match := re.match(r"    (\w+): (.*)", line):
            name = match[1]
            found[name] = match[2]
        elif name:
            found[name] += f" {line.strip()}"
    return {each: f"{said[:1].upper()}{said[1:]}".replace("`", "") for each, said in found.items()}
