"""The data files of the cases: facts and inventions with their sources."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file


class Shape(BaseModel):
    """A part of a data file: unchangeable, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseData(Shape):
    """A whole data file: it says where its facts come from."""

    sources: tuple[Source, ...]


Data = TypeVar("Data", bound=CaseData)


def read_case_data(name: str, shape: type[Data]) -> Data:
    """Return a data file of this package in the given shape.

    Raises:
        DataFileInvalid: if the file does not have that shape.
    """
    return load_data_file(data_folder("tocsin.cases") / name, shape)
