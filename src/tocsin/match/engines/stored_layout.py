"""How a database keeps a registry so that it can be matched there: tables, columns, types.

A record row holds a record's texts and, for each of them that matching reads, the number of the
text in a dictionary. Nothing in it depends on how Tocsin reads a text, so that it never has to
change. What `identify` makes of a text, its keys, stands once per distinct text in the
dictionary, and is written again when the code that reads texts has changed.
Source: `docs/adr/0017-registries-in-the-database.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa

from tocsin.match.engines.layout import is_coded, key_columns
from tocsin.match.rules import COUNTRY, LOT, SERIAL, SOFTWARE
from tocsin.registry.schema import COLUMNS, DAY_COLUMNS, FACT_PREFIX, PRODUCT_COLUMNS

RECORDS = "records"
PRODUCTS = "products"
FACTS = "facts"
DAYS = "days"

FACTS_NO = "facts_no"
OTHER_COLUMNS = "other_columns"

CODED_KINDS = (SOFTWARE, LOT, SERIAL, COUNTRY)
# Kinds that a device identifier may state beside the record's own column.
KINDS_IN_UDI = (LOT, SERIAL, "made_on", "expires_on")


@dataclass(frozen=True)
class Dictionary:
    """A table of distinct texts, numbered from 1 within each registry.

    Attributes:
        name: what the table is called here; a database may call it otherwise.
        number: the column of the number.
        texts: the columns that are numbered together; none is null.
        keys: the columns that `identify` makes of the texts; null where it cannot read them.
    """

    name: str
    number: str
    texts: Mapping[str, pa.DataType]
    keys: Mapping[str, pa.DataType]

    @property
    def columns(self) -> dict[str, pa.DataType]:
        """Return all columns with their types, in the order of the table."""
        of_registry = {"registry_id": pa.int64(), self.number: pa.int32()}
        return {**of_registry, **self.texts, **self.keys}


def text_names(kind: str) -> tuple[str, ...]:
    """Return the columns of the texts that state a value of a kind.

    >>> text_names("lot")
    ('lot_of_column', 'lot_of_udi')
    """
    of_udi = (f"{kind}_of_udi",) if kind in KINDS_IN_UDI else ()
    return (f"{kind}_of_column", *of_udi)


def _of_kind(kind: str) -> Dictionary:
    texts = {"product_no": pa.int32(), **dict.fromkeys(text_names(kind), pa.string())}
    return Dictionary(f"{kind}_values", f"{kind}_no", texts, key_columns(kind))


DICTIONARIES: Mapping[str, Dictionary] = MappingProxyType(
    {
        PRODUCTS: Dictionary(
            PRODUCTS, "product_no", dict.fromkeys(PRODUCT_COLUMNS, pa.string()), {}
        ),
        **{kind: _of_kind(kind) for kind in CODED_KINDS},
        # What holders saw, as a JSON object of the columns that are filled; its keys are made
        # when a notice asks for one of them.
        FACTS: Dictionary(
            "fact_values", FACTS_NO, {"product_no": pa.int32(), "facts": pa.string()}, {}
        ),
        # All kinds of days in one table: few texts, and their keys are of one form.
        DAYS: Dictionary(
            "day_values",
            "day_no",
            dict.fromkeys(("kind", "of_column", "of_udi"), pa.string()),
            {"low": pa.int32(), "high": pa.int32()},
        ),
    }
)
"""The dictionaries by what they hold, in the order of making: values are numbered per product."""


def number_column(kind: str) -> str:
    """Return the column of a record that leads to its value of a kind.

    >>> number_column("lot"), number_column("made_on"), number_column("fact.ring")
    ('lot_no', 'made_on_no', 'facts_no')
    """
    return FACTS_NO if kind.startswith(FACT_PREFIX) else f"{kind}_no"


def dictionary_of(kind: str) -> Dictionary:
    """Return the dictionary that holds the values of a kind."""
    if kind.startswith(FACT_PREFIX):
        return DICTIONARIES[FACTS]
    return DICTIONARIES[kind if is_coded(kind) else DAYS]


NUMBER_COLUMNS: tuple[str, ...] = (
    "product_no",
    *map(number_column, CODED_KINDS),
    FACTS_NO,
    *map(number_column, DAY_COLUMNS),
)

TEXT_COLUMNS: tuple[str, ...] = (*COLUMNS, OTHER_COLUMNS)

# Numbers first: a row-wise database need not read over the texts to reach them.
RECORD_COLUMNS: Mapping[str, pa.DataType] = MappingProxyType(
    {
        "row_no": pa.int64(),
        "registry_id": pa.int64(),
        "since_revision": pa.int32(),
        "until_revision": pa.int32(),
        **dict.fromkeys(NUMBER_COLUMNS, pa.int32()),
        **dict.fromkeys(TEXT_COLUMNS, pa.string()),
    }
)
"""The columns of the records' table. Grain: one row per state of a record.

``row_no`` is the table's key. A row holds from ``since_revision`` of its registry until before
``until_revision``; null if it still does, and the only column that may be null. Texts are as
the registry has them, empty where it says nothing; ``other_columns`` is a JSON object of the
columns that we do not know.
"""

VERDICTS = "verdicts"
VERDICT_COLUMNS: Mapping[str, pa.DataType] = MappingProxyType(
    {
        "row_no": pa.int64(),
        "notice_no": pa.int32(),
        "truth": pa.int32(),
        "entry_no": pa.int32(),
        "reason": pa.int32(),
        "by_exclusion": pa.bool_(),
    }
)
"""The columns of a verdict. Grain: one row per record and notice that is not surely out.

``notice_no`` and ``entry_no`` are places: of the notice among those that were matched together
(-1 for a gap that is listed once for several), and of the entry in its scope; only ``entry_no``
may be null. ``reason`` is a number of `match.rules.Reasons` for the facts of those notices, -1
for a gap.
"""

SET_COLUMN = "set_id"
"""What a kept verdict has beside `VERDICT_COLUMNS`: the matching that it came from."""

INDEXES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        RECORDS: (("registry_id", "product_no"),),
        VERDICTS: ((SET_COLUMN, "row_no"),),
        **{
            name: (("registry_id", each.number),)
            + ((("registry_id", "product_no"),) if "product_no" in each.texts else ())
            for name, each in DICTIONARIES.items()
        },
    }
)
"""The indexes that matching wants: of `RECORDS`, `VERDICTS` and each of `DICTIONARIES`.

The first one of a dictionary is unique: two texts of a registry never have one number.
"""
