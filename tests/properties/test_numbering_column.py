"""Plain numbers read a column at once say just what each of them says alone."""

from dataclasses import astuple

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.compute.number_keys import read_number_keys
from tocsin.compute.stored_keys import read_singly
from tocsin.identify.numbering import parse_numbering
from tocsin.identify.numbering_column import is_plain_number, read_plain_numbers

PLAIN = st.from_regex(r"[A-Za-z]{0,20}[0-9]{1,20}", fullmatch=True)
MIXED = st.one_of(
    PLAIN,
    st.sampled_from(
        ["", "0", "00", "000", "999", "111", "SN 1", "\u017f1", "\u01302", "1E+5", "A1\n"]
    ),
    st.text(max_size=44),
    st.text("0aA9-. ", max_size=6),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PLAIN, min_size=1))
def test_plain_numbers_are_read_as_each_alone(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    assert all(is_plain_number(column).to_pylist())
    rows = zip(*(part.to_pylist() for part in read_plain_numbers(column).values()), strict=True)
    assert list(rows) == [astuple(parse_numbering(text)) for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(MIXED, st.sampled_from(["", "(21)SN77", "(01)1(21)8"]))))
def test_keys_are_the_same_however_they_are_read(rows: list[tuple[str, str]]) -> None:
    own, theirs = zip(*rows, strict=True) if rows else ((), ())
    texts = pa.record_batch(
        {
            "serial_of_column": pa.array(own, pa.string()),
            "serial_of_udi": pa.array(theirs, pa.string()),
        }
    )
    singly = read_singly("serial", texts)
    at_once = read_number_keys("serial", texts, lambda rest: read_singly("serial", rest))
    assert {name: column.to_pylist() for name, column in at_once.items()} == {
        name: column.to_pylist() for name, column in singly.items()
    }
