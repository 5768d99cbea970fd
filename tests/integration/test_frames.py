"""The same functions from Python, with data frames in and out."""

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tocsin.services.matching import MatchOptions, match_frame
from tocsin.services.samples import case_notices

ROWS = {
    "device_id": ["D1", "D2", "D3"],
    "manufacturer": ["Medtronic", "Medtronic", None],
    "model": ["MMT-522", "MMT-723", "MMT-1711K"],
    "software_version": [None, "2.5A", None],
}


@pytest.mark.parametrize("frame", [pa.table(ROWS), pl.DataFrame(ROWS), pd.DataFrame(ROWS)])
def test_a_frame_of_any_kind_gives_an_arrow_table(frame: Any) -> None:
    found = match_frame(case_notices("a"), frame, MatchOptions(keep_all=True))
    verdicts = dict(zip(found["device_id"].to_pylist(), found["verdict"].to_pylist(), strict=True))
    assert verdicts == {"D1": "affected", "D2": "not_affected", "D3": "not_affected"}
    assert pl.from_arrow(found).height == 3  # type: ignore[union-attr]
    assert len(found.to_pandas()) == 3


def test_days_and_numbers_of_a_frame_are_read_as_they_are_written() -> None:
    table = pa.table(
        {
            "device_id": ["D1"],
            "manufacturer": ["Animas"],
            "catalogue_no": ["AC-200-INV"],
            "lot": ["b201575"],
            "shipped_on": pa.array([14_960], pa.date32()),  # 2010-12-17
            "quantity": pa.array([10], pa.int32()),
        }
    )
    found = match_frame(case_notices("b")[:1], table)
    assert found["verdict"].to_pylist() == ["affected"]
