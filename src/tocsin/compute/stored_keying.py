"""A registry loaded in DuckDB -> the rows that a database keeps of it, with numbered texts.

Texts are numbered by DuckDB, which spills what does not fit into memory, and read by `identify`
once per distinct text that the database does not know yet. Rows come out in Arrow batches.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import pyarrow as pa

from tocsin.compute.duck import Duck
from tocsin.compute.keying import REGISTRY, texts_of, with_product_text
from tocsin.compute.stored_keys import read_keys, read_texts
from tocsin.formats.registry_sql import literal, quoted
from tocsin.match.engines.layout import is_coded
from tocsin.match.engines.stored_layout import (
    CODED_KINDS,
    DAYS,
    DICTIONARIES,
    FACTS,
    NUMBER_COLUMNS,
    OTHER_COLUMNS,
    PRODUCTS,
    TEXT_COLUMNS,
    Dictionary,
    number_column,
    text_names,
)
from tocsin.registry.schema import COLUMNS, DAY_COLUMNS, FACT_PREFIX, PRODUCT_COLUMNS

BATCH_ROWS = 50_000
_TEXTS = "stored_texts"
_NUL, _NUL_SHOWN = "chr(0)", "chr(65533)"

Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True)
class KeyedRegistry:
    """The rows of one registry, ready to be stored.

    Attributes:
        n_records: records of the registry.
        n_new: new rows per dictionary.
        n_with_nul: texts in which a NUL character, which no database keeps, became U+FFFD.
    """

    duck: Duck
    n_records: int
    n_new: Mapping[str, int]
    n_with_nul: int

    def dictionary_rows(self, name: str) -> Iterator[pa.RecordBatch]:
        """Yield the rows that a dictionary lacks, with its columns in their order."""
        return _batches(self.duck, f"SELECT * FROM new_{name} ORDER BY {DICTIONARIES[name].number}")

    def record_rows(self, beside: str | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the records: `NUMBER_COLUMNS`, then `TEXT_COLUMNS`.

        Neighbours have the same product: what a notice concerns then lies together.

        Args:
            beside: a table of ``device_id`` and one more column, which is yielded last.
        """
        sql = _records_sql(self.duck)
        if beside is not None:
            sql = f"SELECT * FROM ({sql}) JOIN {beside} USING (device_id)"
        return _batches(self.duck, f"SELECT * FROM ({sql}) ORDER BY product_no, software_no")


def key_registry(
    duck: Duck, registry_id: int, known: Mapping[str, Batches] | None = None
) -> KeyedRegistry:
    """Number the texts of table ``registry`` and read those that are new.

    Args:
        duck: a database in which `load_registry` has loaded a registry.
        registry_id: the registry's key in the database.
        known: per dictionary the rows that the database has of this registry (at least number
            and texts), so that known texts keep their numbers; without it there are none.
    """
    n_with_nul = _show_nuls(duck)
    _create_texts(duck)
    n_new = {}
    for name, dictionary in DICTIONARIES.items():
        _create_known(duck, name, dictionary, (known or {}).get(name, ()))
        _number(duck, name, dictionary, registry_id)
        n_new[name] = _one(duck, f"SELECT count(*) FROM new_{name}")
    return KeyedRegistry(duck, _one(duck, f"SELECT count(*) FROM {_TEXTS}"), n_new, n_with_nul)


def _show_nuls(duck: Duck) -> int:
    """Replace NUL characters, which PostgreSQL cannot keep, and return in how many texts."""
    found = 0
    for name in duck.schema(REGISTRY):
        column = quoted(name)
        where = f"WHERE contains({column}, {_NUL})"
        if n_texts := _one(duck, f"SELECT count(*) FROM {REGISTRY} {where}"):
            found += n_texts
            duck.connection.execute(
                f"UPDATE {REGISTRY} SET {column} = replace({column}, {_NUL}, {_NUL_SHOWN}) {where}"
            )
    return found


def _create_texts(duck: Duck) -> None:
    """Create the table of texts that are numbered, one row per row of the registry."""
    registry = with_product_text(duck)
    columns = {"row": registry["rowid"]}
    empty = ibis.literal("")
    for name in PRODUCT_COLUMNS:
        columns[f"p_{name}"] = registry[f"p_{name}"] if f"p_{name}" in registry.columns else empty
    for kind in (*CODED_KINDS, *DAY_COLUMNS):
        texts = texts_of(kind, registry)
        columns |= {name: texts.get(name, empty) for name in text_names(kind)}
    duck.create(_TEXTS, registry.select(**columns))
    facts = sorted(name for name in registry.columns if name.startswith(FACT_PREFIX))
    duck.connection.execute(
        f"""CREATE TABLE stored_json AS SELECT rowid AS row, {_json_of(facts)} AS facts,
        {_json_of(_other_columns(registry.columns))} AS {OTHER_COLUMNS} FROM {REGISTRY}"""
    )


def _other_columns(columns: Sequence[str]) -> list[str]:
    ours = {*COLUMNS, "rowid", *(f"p_{name}" for name in PRODUCT_COLUMNS)}
    return [name for name in columns if name not in ours and not name.startswith(FACT_PREFIX)]


def _json_of(names: Sequence[str]) -> str:
    """Return the JSON object of the columns that are filled, as SQL; empty if none is."""
    if not names:
        return "''"
    pairs = ", ".join(
        f"{{'k': {literal(name)}, 'v': coalesce({quoted(name)}, '')}}" for name in names
    )
    filled = f"list_filter([{pairs}], lambda pair: pair.v <> '')"
    return f"coalesce(nullif(to_json(map_from_entries({filled}))::VARCHAR, '{{}}'), '')"


def _create_known(duck: Duck, name: str, dictionary: Dictionary, rows: Batches) -> None:
    """Create the table of the texts that are numbered already."""
    columns = {dictionary.number: pa.int32(), **dictionary.texts}
    duck.add(f"known_{name}", pa.schema(list(columns.items())).empty_table())
    for batch in rows:
        _insert(duck, f"known_{name}", pa.Table.from_batches([batch]).select(list(columns)))


def _number(duck: Duck, name: str, dictionary: Dictionary, registry_id: int) -> None:
    """Create ``new_<name>``, and ``numbers_<name>`` with the numbers of all texts."""
    texts = ", ".join(dictionary.texts)
    run = duck.connection.execute
    highest = _one(duck, f"SELECT coalesce(max({dictionary.number}), 0) FROM known_{name}")
    run(
        f"""CREATE TABLE unknown_{name} AS
        SELECT ({highest} + row_number() OVER ())::INTEGER AS {dictionary.number}, {texts}
        FROM (SELECT DISTINCT {texts} FROM ({_texts_sql(name)})
            EXCEPT SELECT {texts} FROM known_{name} ORDER BY {texts})"""
    )
    run(
        f"""CREATE VIEW numbers_{name} AS SELECT {dictionary.number}, {texts} FROM known_{name}
        UNION ALL SELECT {dictionary.number}, {texts} FROM unknown_{name}"""
    )
    keys = _create_keys(duck, name, dictionary)
    columns = ", ".join(
        f"{registry_id}::BIGINT AS registry_id" if column == "registry_id" else column
        for column in dictionary.columns
    )
    run(f"CREATE VIEW new_{name} AS SELECT {columns} FROM unknown_{name} {keys}")


def _create_keys(duck: Duck, name: str, dictionary: Dictionary) -> str:
    """Create the keys of new texts, read once each; return the join with them."""
    if not dictionary.keys:
        return ""
    texts = read_texts(dictionary)
    listed = ", ".join(texts)
    columns = {**{text: dictionary.texts[text] for text in texts}, **dictionary.keys}
    duck.add(f"keys_{name}", pa.schema(list(columns.items())).empty_table())
    for batch in _batches(duck, f"SELECT DISTINCT {listed} FROM unknown_{name}"):
        read = {**{text: batch[text] for text in texts}, **read_keys(name, batch)}
        _insert(duck, f"keys_{name}", pa.table(read))
    return f"JOIN keys_{name} USING ({listed})"


def _insert(duck: Duck, name: str, rows: pa.Table) -> None:
    duck.connection.register("_incoming", rows)
    duck.connection.execute(f"INSERT INTO {name} SELECT * FROM _incoming")
    duck.connection.unregister("_incoming")


def _texts_sql(name: str) -> str:
    """Return the select of the texts of one dictionary, with its column names."""
    if name == PRODUCTS:
        chosen = ", ".join(f"p_{column} AS {column}" for column in PRODUCT_COLUMNS)
        return f"SELECT {chosen} FROM {_TEXTS}"
    if name == DAYS:
        return " UNION ALL ".join(_day_texts(kind) for kind in DAY_COLUMNS)
    joined = f"{_TEXTS} t JOIN numbers_{PRODUCTS} p ON {_same_product()}"
    if name == FACTS:
        return f"SELECT product_no, facts FROM {joined} JOIN stored_json USING (row)"
    return f"SELECT product_no, {', '.join(text_names(name))} FROM {joined}"


def _day_texts(kind: str) -> str:
    of_column, *of_udi = text_names(kind)
    return (
        f"SELECT '{kind}' AS kind, {of_column} AS of_column, {(*of_udi, repr(''))[0]} AS of_udi "
        f"FROM {_TEXTS}"
    )


def _same_product() -> str:
    return " AND ".join(f"t.p_{column} = p.{column}" for column in PRODUCT_COLUMNS)


def _records_sql(duck: Duck) -> str:
    """Return the select of the records' rows: each text joined with its number."""
    present = duck.schema(REGISTRY)
    joins = [
        f"{_TEXTS} t JOIN numbers_{PRODUCTS} p ON {_same_product()}",
        f"JOIN {REGISTRY} r ON r.rowid = t.row",
        "JOIN stored_json j ON j.row = t.row",
        f"JOIN numbers_{FACTS} f ON f.product_no = p.product_no AND f.facts = j.facts",
    ]
    chosen = {"product_no": "p.product_no", number_column(FACT_PREFIX): "f.facts_no"}
    for kind in (*CODED_KINDS, *DAY_COLUMNS):
        alias, texts = f"of_{kind}", text_names(kind)
        if is_coded(kind):
            same = [f"{alias}.product_no = p.product_no"]
            same += [f"{alias}.{text} = t.{text}" for text in texts]
            joins.append(f"JOIN numbers_{kind} {alias} ON {' AND '.join(same)}")
            chosen[number_column(kind)] = f"{alias}.{kind}_no"
            continue
        same = [f"{alias}.kind = '{kind}'"]
        same += [f"{alias}.{text.removeprefix(f'{kind}_')} = t.{text}" for text in texts]
        joins.append(f"JOIN numbers_{DAYS} {alias} ON {' AND '.join(same)}")
        chosen[number_column(kind)] = f"{alias}.day_no"
    numbers = [f"{chosen[column]} AS {column}" for column in NUMBER_COLUMNS]
    plain = [
        f"coalesce(r.{quoted(column)}, '') AS {column}" if column in present else f"'' AS {column}"
        for column in TEXT_COLUMNS
        if column != OTHER_COLUMNS
    ]
    return f"SELECT {', '.join([*numbers, *plain])}, j.{OTHER_COLUMNS} FROM {' '.join(joins)}"


def _batches(duck: Duck, sql: str) -> Iterator[pa.RecordBatch]:
    cursor = duck.connection.cursor()
    try:
        yield from cursor.execute(sql).to_arrow_reader(BATCH_ROWS)
    finally:
        cursor.close()


def _one(duck: Duck, sql: str) -> int:
    row = duck.connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
