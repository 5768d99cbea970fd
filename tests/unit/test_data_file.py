"""Data files are refused where YAML would keep half of them without a word."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from tocsin.base.errors import DataFileInvalid
from tocsin.identify.data_file import load_data_file


class Table(BaseModel):
    rows: dict[str, int]


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.yaml"
    path.write_text("rows: {a: 1, b: 2}\n")
    assert load_data_file(path, Table).rows == {"a": 1, "b": 2}
    path.write_text("rows:\n  a: 1\n  b: 2\n  a: 3\n")
    with pytest.raises(DataFileInvalid, match="'a' stands twice"):
        load_data_file(path, Table)
