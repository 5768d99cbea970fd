"""A column of identifiers: the very answers of `parse_udi`, one row per text."""

import pyarrow as pa

from tests.lib.udi_texts import one_by_one
from tocsin.identify.udi.column import SCHEMA, parse_udi_column

DI = "00718175003305"
TEXTS = [
    f"(01){DI}(11)110615(17)140600(10)GWX001(21)77", f"(01){DI}(10)2.4A", f"(01){DI}(10)A(10)B",
    None, "", "unreadable", DI, DI[1:], f" {DI}\n", f"]C101{DI}10A\x1d2177", f"\x1d01{DI}10A2177",
    f"01{DI}10A2177", f"01{DI}10GWX", f"01{DI}10A<GS>2177", f"01{DI}1111063110A", f"01{DI[:-1]}6",
    f"https://id.gs1.org/01/{DI}/10/A/21/B?17=231021", f"https://id.gs1.org/01/{DI}?11=231021",
    f"https://id.gs1.org/01/{DI}/10/2.4A", f"https://id.gs1.org/01/{DI}?11=231021&17=231321",
    "+B456PUMP2/$$3260928LOT1/SX/16D202401314", "+A123BJC5D6E71G", "+A123BJC5D6E71H", "+",
    "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123",
    "=/A9999XYZ100T0944=,000025=A99971312345600=>014932", f"(01){DI}", f"(01){DI}",
]  # fmt: skip


def test_each_row_is_what_one_text_alone_gives() -> None:
    assert parse_udi_column(TEXTS).to_pylist() == one_by_one(TEXTS)


def test_any_kind_of_column() -> None:
    expected = one_by_one(TEXTS)
    whole = pa.array(TEXTS, pa.string())
    chunked = pa.chunked_array([whole.slice(0, 9), whole.slice(9)])
    assert parse_udi_column(chunked).to_pylist() == expected
    assert parse_udi_column(whole.slice(5)).to_pylist() == expected[5:]
    assert parse_udi_column(whole.cast(pa.large_string())).to_pylist() == expected
    assert parse_udi_column(whole.dictionary_encode().cast(pa.string())).to_pylist() == expected


def test_columns_without_anything() -> None:
    for texts in ([], [None], [None, None], pa.nulls(3, pa.string())):
        table = parse_udi_column(texts)
        assert table.schema == SCHEMA
        assert table.num_rows == len(texts)
        assert set(table["agency"].to_pylist()) <= {None}
