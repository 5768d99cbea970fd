"""Our own data files: YAML beside the module that reads them, checked when loaded."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tocsin.base.errors import DataFileInvalid

M = TypeVar("M", bound=BaseModel)

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Refuses a key that stands twice: YAML would keep the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - as in yaml
        names = [key.value for key, _ in node.value]
        for place, (key, _) in enumerate(node.value):
            if key.value in names[:place]:
                fault = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, fault, key.start_mark)
        return super().construct_mapping(node, deep)


def data_folder(package: str) -> Traversable:
    """Return the data folder of one of our packages."""
    return files(package) / "data"


def load_data_file(path: Traversable, model: type[M]) -> M:
    """Return a data file's content as the given model.

    Raises:
        DataFileInvalid: naming the file and the first fault.
    """
    try:
        return model.model_validate(yaml.load(path.read_text("utf-8"), _Loader))  # noqa: S506
    except (yaml.YAMLError, ValidationError) as error:
        raise DataFileInvalid(f"The data file {path.name} is not valid: {error}") from error
