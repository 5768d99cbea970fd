"""The three golden cases end to end: the documents' figures come out of the matching."""

import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet
import pytest

from tocsin.cli.main import run
from tocsin.match.figures import RevisionDiff
from tocsin.services.matching import MatchOptions, match_registry, write_verdicts
from tocsin.services.notices import read_notice
from tocsin.services.samples import CASES, case_notices, make_sample, write_sample

SEED = 1


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of one whole demo."""
    folder = tmp_path_factory.mktemp("demo")
    assert run(["demo", "--out", str(folder), "--seed", str(SEED), "--no-send"]) == 0
    return folder


@pytest.fixture(scope="module")
def summary(demo: Path) -> dict[str, Any]:
    """Return what `summary.json` says."""
    read: dict[str, Any] = json.loads((demo / "summary.json").read_text())
    return read


def test_every_figure_adds_up(summary: dict[str, Any]) -> None:
    b = summary["B"]
    for figures in (summary["A"], b["revision_1"], b["revision_2"], b["revision_3"], summary["C"]):
        verdicts = figures["verdicts"]
        assert set(verdicts) == {"affected", "not_affected", "cannot_tell"}
        assert sum(count["records"] for count in verdicts.values()) == figures["records"]


def test_case_a_has_4000_holders_and_all_three_verdicts(summary: dict[str, Any]) -> None:
    verdicts = summary["A"]["verdicts"]
    assert sum(count["holders"] for count in verdicts.values()) == 4_000
    assert all(count["records"] > 0 for count in verdicts.values())


def test_case_b_first_revision_is_45000_cartridges_at_5000_customers(
    summary: dict[str, Any],
) -> None:
    affected = summary["B"]["revision_1"]["verdicts"]["affected"]
    assert affected["quantity"] == 45_000
    assert affected["holders"] == pytest.approx(5_000, rel=0.03)


def test_case_b_second_revision_is_384000_cartridges(summary: dict[str, Any]) -> None:
    assert summary["B"]["revision_2"]["verdicts"]["affected"]["quantity"] == 384_000


def test_case_b_judges_8_million_cartridges_at_50000_customers(summary: dict[str, Any]) -> None:
    for revision in ("revision_1", "revision_2", "revision_3"):
        verdicts = summary["B"][revision]["verdicts"].values()
        assert sum(count["quantity"] for count in verdicts) == 8_000_000
        assert sum(count["holders"] for count in verdicts) == 50_000


def test_case_b_widening_takes_nobody_out_and_narrowing_brings_nobody_in(
    summary: dict[str, Any],
) -> None:
    wider, narrower = (RevisionDiff.model_validate(diff) for diff in summary["B"]["diffs"])
    assert wider.records is not None
    assert narrower.records is not None
    assert wider.records["newly_out"].records == 0
    assert wider.records["newly_in"].records > 0
    assert narrower.records["newly_in"].records == 0
    assert narrower.records["newly_out"].records > 0


def test_case_c_concerns_all_350_patients(summary: dict[str, Any]) -> None:
    verdicts = summary["C"]["verdicts"]
    assert verdicts["affected"]["holders"] == 350
    assert verdicts["cannot_tell"]["records"] == verdicts["not_affected"]["records"] == 0


@pytest.mark.parametrize("case", CASES)
def test_each_case_leaves_its_files(demo: Path, case: str) -> None:
    names = {path.name for path in (demo / case).iterdir()}
    assert names >= {"verdicts.parquet", "verdicts.csv", "triage.csv", "index.html"}
    assert {name for name in names if name.startswith("contacts_")} >= {
        "contacts_patient.csv",
        "contacts_clinician.csv",
    }
    assert not any(name.startswith(".") for name in names)


@pytest.mark.parametrize("case", CASES)
def test_the_triage_list_has_a_question_for_every_record(demo: Path, case: str) -> None:
    table = pyarrow.parquet.read_table(
        demo / case / "verdicts.parquet", columns=["verdict", "reason"]
    )
    n_open = pc.sum(pc.equal(table["verdict"], "cannot_tell")).as_py()
    lines = (demo / case / "triage.csv").read_text().splitlines()
    header = lines[0].split(",")
    assert "question" in header
    assert len(lines) == n_open + 1
    assert table["reason"].null_count == 0
    assert pc.min(pc.utf8_length(table["reason"])).as_py() > 0


def test_a_contact_list_has_one_line_per_person(demo: Path) -> None:
    lines = (demo / "b" / "contacts_patient.csv").read_text().splitlines()[1:]
    holders = [line.split(",")[1] for line in lines]
    assert len(set(holders)) == len(holders)


def test_the_same_seed_gives_the_same_verdicts(tmp_path: Path) -> None:
    written = []
    for attempt in ("first", "second"):
        path = tmp_path / f"{attempt}.csv"
        with match_registry(case_notices("c"), make_sample("c", SEED).registry) as matched:
            write_verdicts(matched, path)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_the_published_advisory_gives_every_record_of_case_a_the_same_verdict(
    corpus: Path,
) -> None:
    registry = make_sample("a", SEED).registry
    advisory = read_notice(corpus / "csaf" / "icsma" / "icsma-19-178-01.json")
    verdicts = []
    for notices in (case_notices("a"), [advisory]):
        with match_registry(notices, registry, MatchOptions(keep_all=True)) as matched:
            found = matched.matched.duck.connection.execute("SELECT row_no, truth FROM verdicts")
            verdicts.append(dict(found.fetchall()))
    assert verdicts[0] == verdicts[1]
    assert len(verdicts[0]) == registry.num_rows


def test_a_sample_on_disk_matches_as_it_does_in_memory(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    write_sample("a", folder, SEED)
    with match_registry([read_notice(folder / "case_a.yaml")], folder / "registry.csv") as matched:
        from_file = matched.summary.notices
    with match_registry(case_notices("a"), make_sample("a", SEED).registry) as matched:
        assert matched.summary.notices == from_file


def test_a_sample_never_overwrites(tmp_path: Path) -> None:
    arguments = ["sample", "c", "--out", str(tmp_path / "s")]
    assert run(arguments) == 0
    assert run(arguments) == 3
