"""Claims of a payer -> device records of weak evidence: one per person and kind of device.

A code names a kind of device, so its record names no product and is a gap: it can never clear
anybody. A catalogue number, model or UDI on the claim, or an NDC that the mapping explains,
names a product. Grain: one record per person, kind, role and product that is named.
"""

from collections.abc import Sequence

import pyarrow as pa

from tocsin.formats.registry_sources import Connection, Rejected, SourceRead
from tocsin.formats.registry_sql import literal, quoted
from tocsin.registry.claim_codes import plain_ndc, read_claim_code
from tocsin.registry.column_mapping import ColumnMapping
from tocsin.registry.schema import EVIDENCE_COLUMNS, PRODUCT_COLUMNS

SOURCE = "claims"
_NO_RECORD = "kind = '' AND NOT names_product"
_NAMED = ("manufacturer", "model", "catalogue_no", "udi", "lot", "serial")
_FOLDED = ("clinic_id", "country")
_DAYS = ("shipped_on", "made_on", "expires_on", "serviced_on", "implanted_on")


def fold_claims(
    connection: Connection, table: str, read: SourceRead, mapping: ColumnMapping
) -> SourceRead:
    """Replace a table of claims by a table of records; see the module.

    Columns: the record's, ``device_kind``, ``claim_role``, ``claim_codes``, ``claims`` (how many
    were folded) and ``first_claim_on``. ``evidence_on`` is the day of the latest.
    """
    columns = set(read.columns)
    nobody = _without_holder(connection, table, read)
    _add_codes(connection, table, "hcpcs" if "hcpcs" in columns else None)
    _add_products(connection, table, "ndc" if "ndc" in columns else None, mapping)
    n_claims = _count(connection, table)
    _create_claims(connection, table, columns)
    _create_records(connection, columns)
    unexplained = _unexplained(connection)
    n_services = _count(connection, "_claims", f"{_NO_RECORD} AND ndc IS NULL")
    n_records = _count(connection, "_records")
    connection.execute(f'DROP TABLE "{table}"')
    connection.execute(f'ALTER TABLE _records RENAME TO "{table}"')
    names = [name for name, *_ in connection.execute(f'DESCRIBE "{table}"').fetchall()]
    counted = (
        f"{n_claims:,} claims became {n_records:,} records, one per person and kind of device or "
        f"product; {n_services:,} claims of services only were left out, {len(nobody):,} without "
        "a person set aside. A code names no product: its record is a gap, and clears nobody."
    )
    return SourceRead(
        tuple(names),
        (*read.rejected, *nobody, *unexplained),
        (*read.notes, counted),
        line_of=lambda _: None,
    )


def _count(connection: Connection, table: str, where: str = "true") -> int:
    row = connection.execute(f'SELECT count(*) FROM "{table}" WHERE {where}').fetchone()
    return int(row[0]) if row else 0


def _without_holder(connection: Connection, table: str, read: SourceRead) -> list[Rejected]:
    empty = "trim(coalesce(holder_id, '')) = ''"
    rows = connection.execute(
        f'SELECT rowid FROM "{table}" WHERE {empty} ORDER BY rowid'
    ).fetchall()
    connection.execute(f'DELETE FROM "{table}" WHERE {empty}')
    why = "a claim without a person leads to nobody"
    return [Rejected(read.line_of(row), "holder_id", "", why) for (row,) in rows]


def _unexplained(connection: Connection) -> list[Rejected]:
    """Return the NDCs that name nothing we know, on claims that gave no record."""
    rows = connection.execute(
        f"SELECT ndc, count(*) FROM _claims WHERE {_NO_RECORD} AND ndc IS NOT NULL GROUP BY 1 "
        "ORDER BY 2 DESC, 1"
    ).fetchall()
    return [
        Rejected(
            None,
            "ndc",
            ndc,
            f"{n:,} claims: the mapping does not say what this NDC names (under `products`), so "
            "nobody is judged by it",
        )
        for ndc, n in rows
    ]


def _add(connection: Connection, name: str, columns: dict[str, Sequence[str | None]]) -> None:
    arrays = {column: pa.array(values, pa.string()) for column, values in columns.items()}
    connection.register("_incoming", pa.table(arrays))
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM _incoming")
    connection.unregister("_incoming")


def _add_codes(connection: Connection, table: str, column: str | None) -> None:
    """Create table ``_codes``: one row per distinct text of the code, with kind and role."""
    texts: list[str] = []
    if column:
        texts = [
            text
            for (text,) in connection.execute(
                f"SELECT DISTINCT coalesce({column}, '') FROM \"{table}\""
            ).fetchall()
        ]
    codes = [read_claim_code(text) for text in texts]
    _add(
        connection,
        "_codes",
        {
            "code": texts,
            "kind": [code.kind for code in codes],
            "role": [code.role for code in codes],
        },
    )


def _add_products(
    connection: Connection, table: str, column: str | None, mapping: ColumnMapping
) -> None:
    """Create table ``_products``: one row per distinct NDC that the mapping explains."""
    texts: list[str] = []
    if column:
        found = connection.execute(f'SELECT DISTINCT {column} FROM "{table}"').fetchall()
        texts = [text for (text,) in found if text]
    known = {plain_ndc(number): what for number, what in mapping.products.items()}
    meant = {text: known[plain_ndc(text)] for text in texts if plain_ndc(text) in known}
    columns: dict[str, Sequence[str | None]] = {"ndc": list(meant)}
    columns |= {name: [what.get(name) for what in meant.values()] for name in PRODUCT_COLUMNS}
    _add(connection, "_products", columns)


def _create_claims(connection: Connection, table: str, columns: set[str]) -> None:
    """Create table ``_claims``: one row per claim with kind, role and named product."""

    def own(name: str) -> str:
        return f"nullif(trim(c.{quoted(name)}), '')" if name in columns else "NULL::VARCHAR"

    product_of = {name: f"coalesce(p.{name}, {own(name)})" for name in _NAMED[:4]}
    product_of["product"] = "p.product"
    chosen = {
        "holder_id": own("holder_id"),
        **product_of,
        **{name: own(name) for name in (*_NAMED[4:], *_FOLDED, *_DAYS, "quantity")},
        "claimed_on": f"coalesce({own('evidence_on')}, {own('shipped_on')})",
        "code": f"upper({own('hcpcs')})",
        "ndc": own("ndc"),
    }
    named = " OR ".join(f"{product_of[name]} IS NOT NULL" for name in EVIDENCE_COLUMNS)
    code = "coalesce(c.hcpcs, '')" if "hcpcs" in columns else "''"
    ndc = "c.ndc" if "ndc" in columns else "NULL"
    connection.execute(
        f"""CREATE OR REPLACE TABLE _claims AS SELECT
        {", ".join(f"{value} AS {name}" for name, value in chosen.items())},
        ({named}) AS names_product,
        coalesce(k.kind, '') AS kind,
        coalesce(k.role, '') AS role
        FROM "{table}" c LEFT JOIN _codes k ON k.code = {code}
        LEFT JOIN _products p ON p.ndc = {ndc}"""
    )


def _create_records(connection: Connection, columns: set[str]) -> None:
    """Create table ``_records``.

    A claim of a supply that names the supply says nothing about the device it is used with:
    it gives a record of the kind, too.
    """
    named = ["manufacturer", "product", "model", "catalogue_no", "udi", "lot", "serial"]
    kept = [name for name in (*_FOLDED, *_DAYS) if name in columns]
    others = [*kept, "quantity", "claimed_on", "code", "kind", "role"]
    of_kind = [
        *(f"NULL::VARCHAR AS {name}" for name in named),
        *(f"NULL::VARCHAR AS {name}" if name in _DAYS else name for name in others[:-1]),
    ]
    one = "CASE WHEN count(DISTINCT {0}) = 1 THEN any_value({0}) END AS {0}"
    key = ["holder_id", "kind", "role", *named]
    parts = ", '/', ".join(f"coalesce({name}, '')" for name in key)
    text = f"rtrim(concat({parts}), '/')"
    connection.execute(
        f"""CREATE OR REPLACE TABLE _records AS
        WITH rows AS (
            SELECT holder_id, {", ".join(named)}, {", ".join(others)} FROM _claims
            WHERE names_product
            UNION ALL
            SELECT holder_id, {", ".join(of_kind)}, '' AS role
            FROM _claims
            WHERE kind <> '' AND (NOT names_product OR role <> 'device')),
        folded AS (
            SELECT {", ".join(key)}, {", ".join(one.format(name) for name in kept)}
            {"," if kept else ""} CASE WHEN count(*) = 1 THEN any_value(quantity) END AS quantity,
            max(claimed_on) AS evidence_on, {literal(SOURCE)} AS evidence_source,
            kind AS device_kind, role AS claim_role,
            string_agg(DISTINCT code, ' ' ORDER BY code) AS claim_codes,
            CAST(count(*) AS VARCHAR) AS claims, min(claimed_on) AS first_claim_on
            FROM rows GROUP BY {", ".join(key)})
        SELECT {text} || CASE WHEN again > 1 THEN '#' || again ELSE '' END AS device_id,
        * EXCLUDE (kind, role, again) FROM (
            SELECT *, row_number() OVER (
                PARTITION BY {text} ORDER BY claim_codes, evidence_on, claims
            ) AS again FROM folded)
        ORDER BY device_id"""
    )
