"""One device record -> the rows that the store keeps of it, numbered by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tocsin.compute.duck import duck_database
from tocsin.compute.keying import REGISTRY
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.stored_keying import key_registry
from tocsin.match.engines.stored_layout import DICTIONARIES, NUMBER_COLUMNS, TEXT_COLUMNS

Row = dict[str, Any]


@dataclass(frozen=True)
class KeyedRecord:
    """A record whose texts are numbered among themselves only.

    Attributes:
        dictionaries: per dictionary its rows, as `stored_layout` has them.
        record: the record's numbers and texts.
        keys_made_by: what read the texts.
    """

    dictionaries: Mapping[str, list[Row]]
    record: Row
    keys_made_by: str


def key_record(registry_id: int, texts: Mapping[str, str]) -> KeyedRecord:
    """Return one record as the store keeps it, read as an import reads a whole list.

    Args:
        registry_id: the registry's key.
        texts: the record's columns; facts and columns that we do not know are among them.
    """
    columns = {name: pa.array([text or None], pa.string()) for name, text in texts.items()}
    with duck_database() as duck:
        duck.add(REGISTRY, pa.table(columns))
        keyed = key_registry(duck, registry_id)
        rows = {
            name: [row for batch in keyed.dictionary_rows(name) for row in batch.to_pylist()]
            for name in DICTIONARIES
        }
        record = next(row for batch in keyed.record_rows() for row in batch.to_pylist())
    names = (*NUMBER_COLUMNS, *TEXT_COLUMNS)
    return KeyedRecord(rows, {name: record[name] for name in names}, key_stamp())
