"""Preparing a registry changes no verdict, and keys that do not hold are not used."""

from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.lib.engines import registry_table
from tests.lib.random_records import random_rows
from tests.lib.random_scopes import Wishes, random_notices
from tocsin.compute.keying import READERS
from tocsin.compute.verdict_table import output_relation
from tocsin.formats.registry_file import ReadAs
from tocsin.formats.registry_parquet import REGISTRY_KEYS
from tocsin.match.engines.layout import key_columns
from tocsin.notice.model import Notice
from tocsin.services.matching import MatchOptions, match_registry
from tocsin.services.registries import prepare_registry

Found = dict[tuple[str, str], tuple[str, str, str]]


def match(notices: list[Notice], registry: Path) -> tuple[Found, bool, tuple[str, ...]]:
    """Return the answers, whether prepared keys were used, and what was told."""
    with match_registry(notices, registry, MatchOptions(keep_all=True)) as run:
        rows = run.matched.duck.arrow(output_relation(run.matched)).to_pylist()
        used = REGISTRY_KEYS in run.matched.duck.table_names()
        found = {
            (row["device_id"], row["notice_id"]): (row["verdict"], row["entry"], row["reason_code"])
            for row in rows
        }
        return found, used, run.loaded.notes


@pytest.mark.parametrize("seed", range(6))
def test_verdicts_are_the_same_with_and_without_preparing(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    notices = random_notices(rng, 6, Wishes())
    rows = random_rows(rng, notices, 300, Wishes())
    plain, ready = tmp_path / "plain.parquet", tmp_path / "ready.parquet"
    pq.write_table(registry_table(rows), plain)
    prepare_registry(plain, ReadAs(), ready)
    before, used_before, _ = match(notices, plain)
    after, used_after, notes = match(notices, ready)
    assert (used_before, used_after, notes) == (False, True, ())
    assert after == before
    assert len({verdict for verdict, *_ in before.values()}) > 1


def _prepared(tmp_path: Path) -> tuple[list[Notice], Path]:
    rng = Random(7)
    notices = random_notices(rng, 6, Wishes())
    plain, ready = tmp_path / "plain.parquet", tmp_path / "ready.parquet"
    pq.write_table(registry_table(random_rows(rng, notices, 200, Wishes())), plain)
    prepare_registry(plain, ReadAs(), ready)
    return notices, ready


@pytest.mark.parametrize("column", ["software_version", "lot", "serial", "key.lot_counter"])
def test_a_file_that_was_edited_is_read_anew(tmp_path: Path, column: str) -> None:
    notices, ready = _prepared(tmp_path)
    table = pq.read_table(ready)
    place = table.schema.names.index(column)
    texts = [None if text is None else "9" + text for text in table.column(column).to_pylist()]
    assert any(texts)
    edited = table.set_column(place, column, pa.array(texts, pa.string()))
    pq.write_table(edited, ready)  # what we wrote about the file stays in it
    plain = tmp_path / "again.parquet"
    kept = [name for name in edited.schema.names if not name.startswith("key.")]
    pq.write_table(edited.select(kept).replace_schema_metadata(), plain)
    found, used, notes = match(notices, ready)
    assert not used
    assert "changed after it was prepared" in notes[-1]
    assert found == match(notices, plain)[0]


def test_keys_of_another_version_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices, ready = _prepared(tmp_path)
    before = match(notices, ready)[0]
    monkeypatch.setattr("tocsin.compute.registry_keys.key_stamp", lambda: "0.0.9 another")
    found, used, notes = match(notices, ready)
    assert not used
    assert "another version of Tocsin" in notes[-1]
    assert found == before


def test_a_copy_that_other_programs_wrote_keeps_its_keys(tmp_path: Path) -> None:
    notices, ready = _prepared(tmp_path)
    before = match(notices, ready)[0]
    table = pq.read_table(ready)
    order = list(range(table.num_rows))[::-1]
    pq.write_table(table.take(order), ready)
    found, used, _ = match(notices, ready)
    assert used
    assert found == before


def test_a_prepared_file_has_keys_of_every_kind(tmp_path: Path) -> None:
    _, ready = _prepared(tmp_path)
    names = {name for name in pq.read_schema(ready).names if name.startswith("key.")}
    assert names == {f"key.{name}" for kind in READERS for name in key_columns(kind)}
