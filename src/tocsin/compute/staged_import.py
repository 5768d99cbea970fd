"""A registry's file -> the rows by which a database must change, as files that can be read again.

Whoever is killed while writing them into the database goes on from the files; they are made once,
and named in a manifest that is written last. Files are Arrow's, one per step of the writing.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from tocsin.compute.duck import Duck, duck_database
from tocsin.compute.import_findings import list_findings
from tocsin.compute.registry_keys import key_stamp
from tocsin.compute.stored_keying import key_registry
from tocsin.formats.registry_file import LoadedTable, ReadAs, load_registry
from tocsin.formats.registry_sql import literal, quoted
from tocsin.formats.whole_file import written_whole
from tocsin.match.engines.stored_layout import DICTIONARIES
from tocsin.registry.findings import Finding

CLOSED, ADDED = "closed", "records"
MANIFEST = "manifest.json"
CURRENT_COLUMNS: Mapping[str, pa.DataType] = {
    "row_no": pa.int64(),
    "device_id": pa.string(),
    "content": pa.int64(),
}
_ROWS_PER_FILE = 50_000

Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True)
class StagedFile:
    """One file: what it holds (`CLOSED`, `ADDED` or the name of a dictionary), and how much."""

    name: str
    holds: str
    n_rows: int


@dataclass(frozen=True)
class StagedImport:
    """What an import will change.

    Attributes:
        mark: is another one each time that files are made.
        keys_made_by: what made the keys of the dictionary rows.
        n_vanished: records that the registry has and the file has not.
        n_current: records that the registry has.
        notes: sentences about how the file was read.
        files: in the order in which they must be written.
    """

    mark: str
    keys_made_by: str
    n_read: int
    n_accepted: int
    n_rejected: int
    n_findings: int
    n_current: int
    n_new: int
    n_changed: int
    n_vanished: int
    notes: tuple[str, ...] = ()
    files: tuple[StagedFile, ...] = field(default=())

    @property
    def n_rows(self) -> int:
        """Return how many rows will be written."""
        return sum(file.n_rows for file in self.files)


@dataclass(frozen=True)
class ListToStage:
    """What is to be staged, and how.

    Attributes:
        path: the file.
        read_as: how it is to be read.
        registry_id: into which registry.
        is_complete: whether records that are not in the file are to be closed.
    """

    path: Path
    read_as: ReadAs
    registry_id: int
    is_complete: bool


Told = Callable[[LoadedTable, list[Finding]], None]


def stage_import(
    listed: ListToStage,
    folder: Path,
    mark: str,
    current: Batches,
    known: Callable[[], Mapping[str, Batches]],
    told: Told,
) -> StagedImport:
    """Write the files of an import into a folder and return its manifest.

    Args:
        listed: the file, and how it is to be read.
        folder: where; what lies there is replaced.
        mark: the name of this staging.
        current: `CURRENT_COLUMNS` of the records that the registry has now.
        known: returns the registry's dictionaries; asked only if there are new texts.
        told: is called with what became of the rows, and with the findings.

    Raises:
        RegistryUnreadable, RegistryWithoutEvidence, MappingUnfit: if the file is refused.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    with duck_database(spill_folder=folder / "spill") as duck:
        loaded = load_registry(duck.connection, listed.path, listed.read_as)
        findings = list_findings(duck, loaded.columns)
        told(loaded, findings)
        _compare(duck, loaded.columns, current)
        counts = _count(duck)
        files = [*_write_closed(duck, folder, is_complete=listed.is_complete)]
        if counts["n_new"] + counts["n_changed"]:
            files += _write_added(duck, folder, listed.registry_id, known())
    staged = StagedImport(
        mark=mark,
        keys_made_by=key_stamp(),
        n_read=loaded.n_in,
        n_accepted=loaded.n_accepted,
        n_rejected=len(loaded.rejected),
        n_findings=len(findings),
        **counts,
        notes=loaded.notes,
        files=tuple(files),
    )
    _write_manifest(staged, folder / MANIFEST)
    return staged


def read_staged(folder: Path, mark: str) -> StagedImport | None:
    """Return the manifest of a staging; None if it is not there, not whole, or another one."""
    try:
        told: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = tuple(StagedFile(**file) for file in told.pop("files"))
        staged = StagedImport(**told | {"notes": tuple(told["notes"]), "files": files})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if staged.mark != mark or not all((folder / file.name).is_file() for file in files):
        return None
    return staged


def read_staged_rows(folder: Path, file: StagedFile) -> pa.RecordBatch:
    """Return the rows of one file."""
    with pa.OSFile(str(folder / file.name)) as source, pa.ipc.open_file(source) as reader:
        return reader.get_batch(0)


def _compare(duck: Duck, columns: tuple[str, ...], current: Batches) -> None:
    """Create ``current_records``, and keep of ``registry`` what is new or changed."""
    duck.add("current_records", pa.schema(list(CURRENT_COLUMNS.items())).empty_table())
    for batch in current:
        duck.connection.register("_current", pa.Table.from_batches([batch]))
        duck.connection.execute("INSERT INTO current_records SELECT * FROM _current")
        duck.connection.unregister("_current")
    duck.connection.execute(
        f"""CREATE TABLE compared AS SELECT r.rowid AS row, r.device_id,
        {_content_sql(columns)} AS content FROM registry r"""
    )
    duck.connection.execute(
        """CREATE TABLE changed AS SELECT c.row_no FROM current_records c
        JOIN compared USING (device_id) WHERE c.content <> compared.content"""
    )
    duck.connection.execute(
        """CREATE TABLE vanished AS SELECT row_no FROM current_records
        ANTI JOIN compared USING (device_id)"""
    )
    duck.connection.execute(
        """CREATE TABLE contents AS SELECT device_id, content FROM compared
        ANTI JOIN current_records USING (device_id, content)"""
    )
    if _one(duck, "compared") != _one(duck, "contents"):
        duck.connection.execute(
            "CREATE TABLE kept AS SELECT * FROM registry SEMI JOIN contents USING (device_id)"
        )
        duck.connection.execute("DROP TABLE registry")
        duck.connection.execute("ALTER TABLE kept RENAME TO registry")
    duck.connection.execute("DROP TABLE compared")


def _one(duck: Duck, table: str) -> int:
    row = duck.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _content_sql(columns: tuple[str, ...]) -> str:
    """Return the hash of a record's texts as SQL: 63 bits of an MD5, empty texts left out.

    It only tells one record from its own next state, so that few bits are enough, and MD5 is
    the same in every version of DuckDB.
    """
    texts = {name: f"r.{quoted(name)}" for name in sorted(columns)}
    parts = ", ".join(
        f"CASE WHEN {text} <> '' THEN {literal(name)} || chr(30) || length({text}) || chr(30) "
        f"|| {text} END"
        for name, text in texts.items()
    )
    return f"(md5_number_lower(concat_ws(chr(31), {parts})) >> 1)::BIGINT"


def _count(duck: Duck) -> dict[str, int]:
    n_changed = _one(duck, "changed")
    return {
        "n_current": _one(duck, "current_records"),
        "n_new": _one(duck, "contents") - n_changed,
        "n_changed": n_changed,
        "n_vanished": _one(duck, "vanished"),
    }


def _write_closed(duck: Duck, folder: Path, *, is_complete: bool) -> Iterator[StagedFile]:
    wanted = "changed" + (" UNION ALL SELECT row_no FROM vanished" if is_complete else "")
    sql = f"SELECT row_no FROM {wanted} ORDER BY row_no"
    reader = duck.connection.execute(sql).to_arrow_reader(_ROWS_PER_FILE)
    yield from _write_files(reader, folder, CLOSED)


def _write_added(
    duck: Duck, folder: Path, registry_id: int, known: Mapping[str, Batches]
) -> Iterator[StagedFile]:
    keyed = key_registry(duck, registry_id, known)
    for name in DICTIONARIES:
        rows = (batch.drop_columns(["registry_id"]) for batch in keyed.dictionary_rows(name))
        yield from _write_files(rows, folder, name)
    yield from _write_files(keyed.record_rows(beside="contents"), folder, ADDED)


def _write_files(rows: Batches, folder: Path, holds: str) -> Iterator[StagedFile]:
    """Write each batch that is not empty into a file of its own."""
    for number, batch in enumerate((batch for batch in rows if len(batch)), start=1):
        name = f"{holds}-{number:05d}.arrow"
        with (
            pa.OSFile(str(folder / name), "wb") as sink,
            pa.ipc.new_file(sink, batch.schema) as writer,
        ):
            writer.write_batch(batch)
        yield StagedFile(name, holds, len(batch))


def _write_manifest(staged: StagedImport, path: Path) -> None:
    with written_whole(path) as partial, partial.open("w", encoding="utf-8") as file:
        json.dump(asdict(staged), file)
        file.flush()
        os.fsync(file.fileno())
