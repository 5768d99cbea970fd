"""Our own data files: YAML beside the module that reads them, checked when loaded."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tocsin.base.errors import DataFileInvalid

M = TypeVar("M", bound=BaseModel)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
