"""The golden cases' synthetic registries, as values and as files."""

from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from tocsin.base.errors import OutputRefused
from tocsin.cases.sample import CaseSample
from tocsin.formats.notice_file import parse_tree, read_notice_tree
from tocsin.formats.whole_file import written_whole
from tocsin.notice.model import Notice

CASES = ("a", "b", "c")
_NOTICE_FILES = {
    "a": ("case_a.yaml",),
    "b": ("case_b_revision_1.yaml", "case_b_revision_2.yaml", "case_b_revision_3.yaml"),
    "c": ("case_c.yaml",),
}


def make_sample(case: str, seed: int) -> CaseSample:
    """Return the synthetic registry and holders of a case; the same for the same seed."""
    sample: CaseSample = import_module(f"tocsin.cases.case_{case}").sample(
        np.random.default_rng(seed)
    )
    return sample


def fewer_holders(sample: CaseSample, n_most: int | None) -> CaseSample:
    """Return a sample with at most so many holders of devices, evenly chosen; all without."""
    known = pc.unique(sample.registry["holder_id"].combine_chunks()).drop_null()
    if n_most is None or len(known) <= n_most:
        return sample
    places = [number * len(known) // n_most for number in range(n_most)]
    return with_holders(sample, known.take(pa.array(places)))


def with_holders(sample: CaseSample, chosen: pa.Array) -> CaseSample:
    """Return a sample with some holders of devices, their clinics, and the clinicians of these.

    Args:
        sample: the whole one.
        chosen: keys of holders.
    """
    holders = sample.holders
    devices = sample.registry.filter(pc.is_in(sample.registry["holder_id"], chosen))
    theirs = holders.filter(pc.is_in(holders["holder_id"], chosen))
    columns = [
        table["clinic_id"].combine_chunks()
        for table in (devices, theirs)
        if "clinic_id" in table.column_names
    ]
    clinics = pa.concat_arrays(columns or [pa.array([], pa.string())]).drop_null()
    stays = pc.or_(
        pc.is_in(holders["holder_id"], pa.concat_arrays([chosen, clinics])),
        pc.and_(pc.equal(holders["kind"], "clinician"), pc.is_in(holders["clinic_id"], clinics)),
    )
    left = holders.filter(pc.fill_null(stays, fill_value=False))
    return replace(sample, registry=devices, holders=left)


def notice_texts(case: str) -> dict[str, str]:
    """Return a case's notice files by name, in order of revision."""
    folder = files("tocsin.cases") / "data"
    return {name: (folder / name).read_text("utf-8") for name in _NOTICE_FILES[case]}


def case_notices(case: str) -> list[Notice]:
    """Return a case's notice, all its revisions in order."""
    return [
        read_notice_tree(parse_tree(text, Path(name)), Path(name))
        for name, text in notice_texts(case).items()
    ]


def write_sample(case: str, folder: Path, seed: int) -> list[Path]:
    """Write a case's registry, holders, notices and assumptions; return the files.

    Raises:
        OutputRefused: if a file of that name is there already.
    """
    sample = make_sample(case, seed)
    texts = notice_texts(case) | {
        "assumptions.txt": "\n".join([sample.title, *sample.assumptions]) + "\n"
    }
    tables = {"registry.csv": sample.registry, "holders.csv": sample.holders}
    paths = [folder / name for name in (*tables, *texts)]
    if there := [path.name for path in paths if path.exists()]:
        raise OutputRefused(
            f"The folder {folder} already has {', '.join(there)}. Nothing was written; choose an "
            "empty folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_csv(table, folder / name)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return paths


def write_csv(table: pa.Table, path: Path) -> None:
    """Write an Arrow table as CSV, whole or not at all; null is an empty cell."""
    with written_whole(path) as partial:
        pyarrow.csv.write_csv(table, partial)
