"""What `--registry` takes: a path, or the address of a table in a database."""

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _Param = click.ParamType[Any]
else:
    _Param = click.ParamType  # before click 8.3 it takes no type


class _Registry(_Param):
    """Keeps an address whole, which a path would not, and never shows it."""

    name = "registry"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002 - click asks for it
        ctx: click.Context | None,  # noqa: ARG002
    ) -> Any:
        if not isinstance(value, str):
            return value
        from tocsin.services.matching import read_registry_name  # noqa: PLC0415

        return read_registry_name(value)


REGISTRY = _Registry()
