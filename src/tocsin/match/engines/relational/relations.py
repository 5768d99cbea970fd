"""The relations of the fast engine by name, unbound, so that any database can hold them."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from tocsin.match.engines.candidates import CandidateTables
from tocsin.match.engines.layout import stem_of

RECORDS = "records"
CANDIDATES = "candidates"
OPENINGS = "openings"

_IBIS_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "int8",
    pa.int16(): "int16",
    pa.int32(): "int32",
    pa.int64(): "int64",
    pa.string(): "string",
}


def values_name(kind: str) -> str:
    """Return the name of the relation of a coded kind's values."""
    return f"values_{stem_of(kind)}"


def pieces_name(kind: str) -> str:
    """Return the name of the relation of a coded kind's pieces."""
    return f"pieces_{stem_of(kind)}"


def word_of(kind: str) -> str:
    """Return the name of the column of a coded kind's words."""
    return f"{stem_of(kind)}_word"


def named_tables(tables: CandidateTables) -> dict[str, pa.Table]:
    """Return the tables that must stand in the database, beside records and values."""
    pieces = {pieces_name(kind): table for kind, table in tables.pieces.items()}
    return {CANDIDATES: tables.candidates, OPENINGS: tables.openings, **pieces}


def relation_of(name: str, columns: "Mapping[str, pa.DataType] | pa.Schema") -> ir.Table:
    """Return an unbound relation."""
    # Ibis could read an Arrow schema, but then wants a package that it does not declare.
    pairs = (
        ((f.name, f.type) for f in columns) if isinstance(columns, pa.Schema) else columns.items()
    )
    return ibis.table({column: _IBIS_TYPES[kind] for column, kind in pairs}, name=name)
