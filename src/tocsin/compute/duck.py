"""DuckDB, the embedded default: runs Ibis expressions compiled to its SQL.

Only Ibis's compiler is used, not its connection, which would import pandas and take
seconds; importing Ibis overlaps with DuckDB reading the file.
Source: `docs/adr/0003-ibis-as-compiler.md`.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    Step = tuple[str, ir.Table]


class Duck:
    """An in-memory DuckDB database with a memory limit.

    Args:
        memory_limit: as DuckDB writes it; what does not fit spills to ``spill_folder``.
        spill_folder: a folder for spilled data; DuckDB's default if None.
    """

    def __init__(self, memory_limit: str = "3GB", spill_folder: Path | None = None) -> None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": os.environ.get("TOCSIN_MEMORY_LIMIT", memory_limit),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "true",
        }
        if spill_folder is not None:
            config["temp_directory"] = str(spill_folder)
        self.connection = duckdb.connect(config=config)
        self.connection.execute("SET enable_progress_bar = false")

    def sql_of(self, expression: "ir.Table | ir.Value", steps: "Sequence[Step]" = ()) -> str:
        """Return the SQL of an Ibis expression over tables of this database.

        Args:
            expression: what is wanted.
            steps: relations that it reads by name; each is computed once, for this statement.
        """
        from ibis.backends.sql.compilers import DuckDBCompiler  # noqa: PLC0415

        tree = DuckDBCompiler().to_sqlglot(expression.as_table())
        sql = str(tree.sql("duckdb", copy=False))  # nobody else holds the tree
        if not steps:
            return sql
        made = (f'"{name}" AS MATERIALIZED ({self.sql_of(step)})' for name, step in steps)
        return f"WITH {', '.join(made)} SELECT * FROM ({sql})"

    def create(self, name: str, expression: "ir.Table", steps: "Sequence[Step]" = ()) -> None:
        """Create a table from an expression, and from steps that it reads by name."""
        self.connection.execute(f'CREATE TABLE "{name}" AS {self.sql_of(expression, steps)}')

    def add(self, name: str, table: "pa.Table") -> None:
        """Create a table from an Arrow table; dictionary columns become enumerations.

        Those hold few distinct texts; an enumeration is joined, and written as Parquet, faster.
        """
        from pyarrow.types import is_dictionary  # noqa: PLC0415

        self.connection.register("_incoming", table)
        columns = []
        for field in table.schema:
            if is_dictionary(field.type):
                kind, column = f'"{name}.{field.name}"', f'"{field.name}"'
                self.connection.execute(
                    f"CREATE TYPE {kind} AS ENUM (SELECT DISTINCT {column} FROM _incoming)"
                )
                columns.append(f"CAST({column} AS {kind}) AS {column}")
        replaced = f"REPLACE ({', '.join(columns)})" if columns else ""
        self.connection.execute(f'CREATE TABLE "{name}" AS SELECT * {replaced} FROM _incoming')
        self.connection.unregister("_incoming")

    def arrow(self, expression: "ir.Table") -> "pa.Table":
        """Return the result of an expression as an Arrow table."""
        return self.connection.execute(self.sql_of(expression)).to_arrow_table()

    def rows(self, expression: "ir.Table") -> list[tuple[Any, ...]]:
        """Return the result of an expression as Python rows."""
        return self.connection.execute(self.sql_of(expression)).fetchall()

    def schema(self, name: str) -> dict[str, str]:
        """Return the columns of a table with Ibis type names."""
        described = self.connection.execute(f'DESCRIBE "{name}"').fetchall()
        return {column: _ibis_type(kind) for column, kind, *_ in described}

    def table_names(self) -> set[str]:
        """Return the names of this database's tables."""
        return {name for (name,) in self.connection.execute("SHOW TABLES").fetchall()}

    def relation(self, name: str, *, with_rowid: bool = False) -> "ir.Table":
        """Return a table as an unbound Ibis relation.

        With ``with_rowid`` it has DuckDB's ``rowid`` too, which ``SELECT *`` leaves out.
        """
        import ibis  # noqa: PLC0415

        schema = self.schema(name)
        return ibis.table({"rowid": "int64", **schema} if with_rowid else schema, name=name)

    def close(self) -> None:
        """Close the database."""
        self.connection.close()


def _ibis_type(kind: str) -> str:
    return "string" if kind.startswith("ENUM") else _IBIS_TYPES[kind]


_IBIS_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "INTEGER": "int32",
    "SMALLINT": "int16",
    "TINYINT": "int8",
    "BOOLEAN": "boolean",
    "DOUBLE": "float64",
    "DATE": "date",
}


@contextmanager
def duck_database(memory_limit: str = "3GB", spill_folder: Path | None = None) -> Iterator[Duck]:
    """Open a database and close it at the end."""
    duck = Duck(memory_limit, spill_folder)
    try:
        yield duck
    finally:
        duck.close()
