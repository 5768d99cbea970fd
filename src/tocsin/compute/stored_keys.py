"""The keys of a stored dictionary: what this code makes of the texts that a database numbers.

Keys hold only for the code that made them (`registry_keys.key_stamp`). When another version
meets them, they are read again from the dictionary's texts; numbers and records stay.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from tocsin.compute.keying import READERS, Keys
from tocsin.compute.number_keys import read_number_keys
from tocsin.match.engines.demands import NUMBER_KINDS
from tocsin.match.engines.stored_layout import DAYS, DICTIONARIES, Dictionary


def rekeyed(name: str, rows: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield rows of a dictionary with their keys read anew; numbers and texts stay.

    Args:
        name: of the dictionary, as in `DICTIONARIES`.
        rows: with all its columns; those of the keys are not looked at.
    """
    dictionary = DICTIONARIES[name]
    for batch in rows:
        keys = read_keys(name, batch)
        columns = {column: keys.get(column, batch[column]) for column in dictionary.columns}
        yield pa.record_batch(columns)


def read_texts(dictionary: Dictionary) -> list[str]:
    """Return the columns that are read together; a product does not change what they mean."""
    return [column for column in dictionary.texts if column != "product_no"]


def read_keys(name: str, texts: pa.RecordBatch) -> dict[str, pa.Array]:
    """Return the keys of texts by column, null where a text cannot be read."""
    if name in NUMBER_KINDS:
        return read_number_keys(name, texts, lambda rest: read_singly(name, rest))
    return read_singly(name, texts)


def read_singly(name: str, texts: pa.RecordBatch) -> dict[str, pa.Array]:
    """Return the same, read text by text."""
    dictionary = DICTIONARIES[name]
    if not dictionary.keys:
        return {}
    rows = zip(*(texts[column].to_pylist() for column in read_texts(dictionary)), strict=True)
    nothing = (None,) * len(dictionary.keys)
    read = [_keys_of(name, row) or nothing for row in rows]
    columns = zip(*read, strict=True) if read else [()] * len(nothing)
    return {
        column: pa.array(values, kind)
        for (column, kind), values in zip(dictionary.keys.items(), columns, strict=True)
    }


def _keys_of(name: str, row: Sequence[str]) -> Keys | None:
    if name == DAYS:
        name, *row = row
    of_column, of_udi = row if len(row) > 1 else (row[0], None)
    return READERS[name](name, of_column, of_udi)


def facts_of(text: str) -> Mapping[str, str]:
    """Return the columns ``fact.<name>`` of a record from a dictionary's text.

    >>> facts_of('{"fact.ring":"yes"}')
    {'fact.ring': 'yes'}
    """
    found: Mapping[str, str] = json.loads(text) if text else {}
    return found
