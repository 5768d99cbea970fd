"""Registry and notices -> the files that every contender of `benchmarks.match` reads.

``keyed/``: what Tocsin makes of the registry's text, once: records with numbers instead of
texts, the values behind the numbers, the distinct products. ``compiled/``: what Tocsin makes of
the notices, for the peers, which cannot read a notice or tell whether two products are the same.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from benchmarks.lib.match_data import make_notices, write_registry
from tocsin.compute.duck import duck_database
from tocsin.compute.keying import create_records, number_products
from tocsin.identify.product import Product
from tocsin.identify.product_index import ProductIndex
from tocsin.match.engines.candidates import make_candidates
from tocsin.match.engines.compiled_scopes import CompiledScopes
from tocsin.match.engines.demands import Demands
from tocsin.match.engines.layout import PRODUCT_BITS, is_coded
from tocsin.match.engines.relational.relations import pieces_name, values_name
from tocsin.match.rules import LOT, SOFTWARE, Reasons
from tocsin.notice.model import Notice

KINDS = (SOFTWARE, LOT, "shipped_on", "country")
SEED = 1
_STAMP = "prepared.json"
_READ_BY = ("base", "identify", "registry", "notice", "match", "compute")


@dataclass(frozen=True)
class Prepared:
    """The files of one size, and what it took to key the registry."""

    folder: Path
    n_records: int
    n_notices: int
    keying_s: dict[str, float]

    @property
    def raw(self) -> Path:
        return self.folder / "raw.parquet"

    @property
    def keyed(self) -> Path:
        return self.folder / "keyed"

    @property
    def compiled(self) -> Path:
        return self.folder / "compiled"

    def notices(self) -> list[Notice]:
        return make_notices(self.n_notices, SEED)


def prepare(cache: Path, n_records: int, n_notices: int) -> Prepared:
    """Return the files, made anew where the code that makes them has changed."""
    folder = cache / f"match-{n_records}-{n_notices}"
    folder.mkdir(parents=True, exist_ok=True)
    stamp, wanted = folder / _STAMP, _hash_of_sources()
    if stamp.exists():
        if json.loads(stamp.read_text("utf-8"))["sources"] == wanted:
            return read_prepared(folder)
        stamp.unlink()
    prepared = Prepared(folder, n_records, n_notices, {})
    if not prepared.raw.exists():
        write_registry(prepared.raw, n_records, SEED)
    keying_s = _key(prepared)
    _compile(prepared)
    told = {"sources": wanted, "n_records": n_records, "n_notices": n_notices, "keying_s": keying_s}
    stamp.write_text(json.dumps(told), "utf-8")
    return read_prepared(folder)


def read_prepared(folder: Path) -> Prepared:
    """Return the files that `prepare` left in a folder."""
    told = json.loads((folder / _STAMP).read_text("utf-8"))
    return Prepared(folder, told["n_records"], told["n_notices"], told["keying_s"])


def _hash_of_sources() -> str:
    digest = hashlib.sha256()
    folders = [Path(str(files("tocsin"))) / name for name in _READ_BY]
    for folder in [*folders, Path(__file__).parent]:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".yaml"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _key(prepared: Prepared) -> dict[str, float]:
    """Write ``keyed/`` with Tocsin's own code and return how long its steps took."""
    shutil.rmtree(prepared.keyed, ignore_errors=True)
    prepared.keyed.mkdir()
    seconds = {}
    with duck_database("5GB", prepared.folder / "spill") as duck:
        run = duck.connection.execute
        run(f"CREATE TABLE registry AS FROM '{prepared.raw}'")
        started = time.perf_counter()
        products = number_products(duck)
        seconds["products"] = time.perf_counter() - started
        started = time.perf_counter()
        create_records(duck, range(1, len(products) + 1), KINDS)
        seconds["records"] = time.perf_counter() - started
        run(f"""COPY (SELECT device_id, records.* FROM records JOIN registry
            ON registry.rowid = row_no ORDER BY row_no)
            TO '{prepared.keyed}/records.parquet' (FORMAT parquet)""")
        for name in map(values_name, filter(is_coded, KINDS)):
            run(f"""COPY (SELECT COLUMNS(c -> NOT contains(c, '_of_')) FROM {name} ORDER BY 1)
                TO '{prepared.keyed}/{name}.parquet' (FORMAT parquet)""")
    columns = {name: [product[place] for product in products]
               for place, name in enumerate(type(products[0])._fields)}  # fmt: skip
    pa.parquet.write_table(pa.table(columns), prepared.keyed / "products.parquet")
    return seconds


def _compile(prepared: Prepared) -> None:
    """Write ``compiled/``: which entry is about which product, entries and their pieces."""
    shutil.rmtree(prepared.compiled, ignore_errors=True)
    prepared.compiled.mkdir()
    notices = prepared.notices()
    scopes = CompiledScopes(notices, Reasons(), as_if_reviewed=False)
    products = read_products(prepared)
    tables = make_candidates(scopes, ProductIndex(products), len(products))
    written = {pieces_name(kind): pieces for kind, pieces in tables.pieces.items()}
    written["identity"] = tables.candidates.select(["product_no", "entry_no"]).append_column(
        "truth", pc.shift_right(tables.candidates["base"], PRODUCT_BITS).cast(pa.int8())
    )
    written["entries"] = _entries(notices, scopes.demands)
    for name, table in written.items():
        pa.parquet.write_table(table, prepared.compiled / f"{name}.parquet")


def _entries(notices: Sequence[Notice], demands: Sequence[Demands]) -> pa.Table:
    """Return what the output says of every entry, and the days that it bounds."""
    names = entry_names(notices)
    entries = [entry for notice in notices for entry in notice.scope]
    bounds = [each.days.get("shipped_on", [None])[0] for each in demands]
    return (
        names.append_column("excludes", pa.array([bool(entry.excludes) for entry in entries]))
        .append_column("first_day", pa.array([b and b.low for b in bounds], pa.int32()))
        .append_column("day_after", pa.array([b and b.high for b in bounds], pa.int32()))
    )


def read_products(prepared: Prepared) -> list[Product]:
    """Return the distinct products of the keyed registry, in order of number."""
    table = pa.parquet.read_table(prepared.keyed / "products.parquet")
    return [Product(*row) for row in zip(*(c.to_pylist() for c in table.columns), strict=True)]


def entry_names(notices: Sequence[Notice]) -> pa.Table:
    """Return one row per entry of all notices: its numbers, and what the output calls it."""
    rows = [
        (notice_no, ordinal, notice.notice, notice.revision, entry.entry)
        for notice_no, notice in enumerate(notices)
        for ordinal, entry in enumerate(notice.scope)
    ]
    types = {
        "notice_no": pa.int32(),
        "ordinal": pa.int32(),
        "notice_id": pa.dictionary(pa.int32(), pa.string()),
        "revision": pa.int32(),
        "entry": pa.dictionary(pa.int32(), pa.string()),
    }
    columns = zip(types.items(), zip(*rows, strict=True), strict=True)
    arrays = {name: pa.array(values, kind) for (name, kind), values in columns}
    return pa.table({"entry_no": pa.array(range(len(rows)), pa.int32()), **arrays})
