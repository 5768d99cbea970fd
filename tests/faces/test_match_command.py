"""The commands as a user runs them: what is printed, written, and with which exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest

from tocsin.cli.main import run

NOTICE = Path(__file__).parents[2] / "src/tocsin/cases/data/case_a.yaml"
HEADER = "device_id,holder_id,manufacturer,model,software_version,shipped_on,note\n"
ROWS = (
    "D1,H1,Medtronic,MMT-522NAS,,2008-01-02,kept\n"
    "D2,H2,Medtronic,MMT-723LNAS,2.4A,2011,\n"
    "D3,H2,Medtronic,MMT-723LNAS,,2011,\n"
    "D4,H3,Medtronic,MMT-1711K,,,\n"
    "D5,H4,,,,,\n"
)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a registry and returns its path."""

    def _write(text: str | bytes = HEADER + ROWS, name: str = "devices.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def match(registry: Path, *more: str) -> int:
    """Run `tocsin match` of case A's notice."""
    return run(["match", str(NOTICE), "--registry", str(registry), *more])


def test_rows_go_to_standard_output_and_figures_to_standard_error(
    write: Write, capfd: pytest.CaptureFixture[str]
) -> None:
    assert match(write()) == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("device_id,notice_id,revision,verdict,entry,reason_code,reason,")
    assert [line.split(",")[0] for line in lines[1:]] == ["D1", "D2", "D3", "D5"]
    assert "affected" in err
    assert "2 records" in err


def test_unknown_columns_are_kept_and_all_lists_everybody(write: Write, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.parquet"
    assert match(write(), "--all", "--out", str(out)) == 0
    rows = pyarrow.parquet.read_table(out).to_pylist()
    verdicts = {row["device_id"]: row["verdict"] for row in rows}
    assert verdicts == {
        "D1": "affected",
        "D2": "affected",
        "D3": "cannot_tell",
        "D4": "not_affected",
        "D5": "cannot_tell",
    }
    assert rows[0]["note"] == "kept"
    assert rows[0]["holder_id"] == "H1"


def test_json_and_csv_say_the_same(write: Write, tmp_path: Path) -> None:
    registry = write()
    as_json, as_csv = tmp_path / "v.json", tmp_path / "v.csv"
    assert match(registry, "--out", str(as_json)) == 0
    assert match(registry, "--out", str(as_csv)) == 0
    rows = json.loads(as_json.read_text())
    assert [row["device_id"] for row in rows] == ["D1", "D2", "D3", "D5"]
    assert len(as_csv.read_text().splitlines()) == len(rows) + 1


def test_summary_counts_each_holder_once_under_the_most_urgent_verdict(
    write: Write, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.json"
    assert match(write(), "--out", str(tmp_path / "v.csv"), "--summary", str(summary)) == 0
    verdicts = json.loads(summary.read_text())["notices"][0]["verdicts"]
    assert verdicts["affected"]["holders"] == 2  # H2 has an affected and an open pump
    assert verdicts["cannot_tell"]["holders"] == 1
    assert sum(count["records"] for count in verdicts.values()) == 5


def test_rows_that_cannot_be_records_are_set_aside_and_counted(
    write: Write, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    registry = write(HEADER + ROWS + "D1,H9,Medtronic,MMT-508,,,\nD6,H9\n")
    assert match(registry, "--out", str(tmp_path / "v.csv")) == 4
    rejected = (tmp_path / "v.rejected.csv").read_text().splitlines()
    assert len(rejected) == 1 + 3  # both rows of D1, and the short line
    assert "3 of 7 rows" in capfd.readouterr().err
    assert "D1" not in (tmp_path / "v.csv").read_text()


def test_figures_are_zero_when_every_row_is_set_aside(
    write: Write, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    registry = write(HEADER + "D1,H1\n")
    assert match(registry, "--out", str(tmp_path / "v.csv")) == 4
    assert "1 of 1 rows" in capfd.readouterr().err
    assert len((tmp_path / "v.csv").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "is empty"),
        ("mark.csv", b"\xef\xbb\xbf", "is empty"),
        ("blank.csv", b"\n\ndevice_id,model\n1,2\n", "first line"),
        ("wide.csv", b"device_id," + b"x" * 150_000 + b"\n1,2\n", "header"),
        ("header.csv", HEADER.encode(), "no rows"),
        ("latin1.csv", (HEADER + "D1,H1,M\xe9dtronic,x,,,\n").encode("latin-1"), "UTF-8"),
        ("nul.csv", b"device_id,model\nD1,\x00\n", "NUL"),
        ("no_key.csv", b"id,model\n1,2\n", "no column device_id"),
        ("no_product.csv", b"device_id,lot\n1,2\n", "names a product"),
        ("twice.csv", b"device_id,model,model\n1,2,3\n", "more than once"),
        ("open_quote.csv", b'device_id,model\n1,"MMT-522\n2,MMT-508\n', "never closed"),
        ("no.parquet", b"PAR1 nonsense", "Parquet"),
    ],
)
def test_an_unusable_registry_is_refused_with_a_sentence(
    write: Write,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    sentence: str,
) -> None:
    assert match(write(content, name), "--out", str(tmp_path / "v.csv")) == 3
    err = capfd.readouterr().err
    assert sentence in err
    assert "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + ROWS).encode("utf-16"),
        b"\xef\xbb\xbf" + (HEADER + ROWS).encode(),
        (HEADER + ROWS).replace(",", ";").encode(),
        (HEADER + ROWS).replace(",", "\t").encode(),
        (HEADER + ROWS).replace("\n", "\r\n").encode(),
    ],
    ids=["utf-16", "bom", "semicolons", "tabs", "crlf"],
)
def test_other_ways_to_write_csv_give_the_same_verdicts(
    write: Write, capfd: pytest.CaptureFixture[str], content: bytes
) -> None:
    assert match(write(content)) == 0
    out = capfd.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in out[1:]] == ["D1", "D2", "D3", "D5"]


def test_a_line_of_ten_megabytes_is_set_aside(write: Write, tmp_path: Path) -> None:
    registry = write(HEADER + ROWS + f"D9,{'x' * 10_000_000},,,,,\n")
    assert match(registry, "--out", str(tmp_path / "v.csv")) == 4
    assert "longer than" in (tmp_path / "v.rejected.csv").read_text()


DATED = """notice: dated
kind: recall
title: Pumps shipped in the first week of 2011
issuers: [{name: Medtronic, role: manufacturer}]
scope:
  - {entry: week, affects: {models: [MMT-522]}, shipped_on: {from: 2011-01-01, to: 2011-01-07}}
source: {document: invented for this test, checked_on: 2026-11-20}
"""


@pytest.mark.parametrize(
    ("shipped_on", "verdict"),
    [
        ("2011-01-07", "affected"),
        ("2011-01-08", "not_affected"),
        ("2011", "cannot_tell"),
        ("2010", "not_affected"),
        ("31/02/2020", "cannot_tell"),
        ("03/04/2011", "cannot_tell"),
        ("", "cannot_tell"),
    ],
)
def test_a_doubtful_date_never_clears_and_is_listed(
    write: Write, tmp_path: Path, shipped_on: str, verdict: str
) -> None:
    notice, out = tmp_path / "dated.yaml", tmp_path / "v.json"
    notice.write_text(DATED)
    registry = write(f"device_id,manufacturer,model,shipped_on\nD1,Medtronic,522,{shipped_on}\n")
    code = run(["match", str(notice), "-r", str(registry), "--all", "--out", str(out)])
    assert code == 0
    assert [row["verdict"] for row in json.loads(out.read_text())] == [verdict]
    assert (tmp_path / "v.findings.csv").exists() == ("/" in shipped_on)


def test_formulas_in_a_registry_cannot_start_in_a_spreadsheet(
    write: Write, capfd: pytest.CaptureFixture[str]
) -> None:
    match(write('device_id,manufacturer,model\nD1,Medtronic,MMT-522\n"=1+1",Medtronic,522\n'))
    assert "\n'=1+1," in capfd.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("notice: [unclosed", "cannot be read as YAML"),
        ("a: &x [1]\nb: *x\n", "anchors"),
        ("!!python/object/apply:os.system [ls]", "tags"),
        ("{" * 50, "JSON"),
        ("[" * 2000, "deep"),
        ("notice: a\nnotice: b\n", "twice"),
        (DATED.replace("to: 2011-01-07", "to: 2010-01-07"), "ends before it begins"),
        (DATED.replace("shipped_on: {", "shiped_on: {"), "not known"),
        (
            DATED.replace(
                "shipped_on: {from: 2011-01-01, to: 2011-01-07}",
                "lots: {ranges: [{first: GWX206, last: GWX001}]}",
            ),
            "ends before it begins",
        ),
        (DATED.replace("kind: recall", "kind: recal"), "kind"),
    ],
)
def test_a_bad_notice_is_refused_with_the_place(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    path = tmp_path / "notice.yaml"
    path.write_text(text)
    assert run(["notice", "check", str(path)]) == 3
    err = capfd.readouterr().err
    assert sentence in err
    assert "Traceback" not in err


def test_a_json_of_100_mb_is_refused_without_reading_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.write(b'{"a": "')
        file.truncate(100_000_000)
    assert run(["notice", "check", str(path)]) == 3
    assert "100 MB" in capfd.readouterr().err


def test_bad_usage_is_exit_2_and_says_what_exists(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["macth"]) == 2
    assert "match" in capfd.readouterr().err
    assert run(["match", str(NOTICE)]) == 2
    assert run(["match", str(NOTICE), "-r", "x.csv", "--assume", "maker"]) == 2


def test_explain_shows_the_reasoning_as_a_tree(
    write: Write, capfd: pytest.CaptureFixture[str]
) -> None:
    registry = write()
    assert run(["explain", str(NOTICE), "-r", str(registry), "--device", "D3"]) == 0
    out = capfd.readouterr().out
    assert out.startswith("[UNKNOWN] cannot_tell:")
    assert "software 2.4A or lower" in out
    assert "To settle it:" in out
    assert run(["explain", str(NOTICE), "-r", str(registry), "--device", "D99"]) == 3


def test_notice_check_says_what_it_will_match(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["notice", "check", str(NOTICE)]) == 0
    out = capfd.readouterr().out
    assert "Entry p523-723 affects model 523 or 723; software 2.4A or lower." in out
    assert "clears nobody" in out


def test_notice_diff_counts_whom_a_revision_moves(
    write: Write, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    narrower = tmp_path / "narrower.yaml"
    text = NOTICE.read_text().replace("revision: 1", "revision: 2")
    kept = [line for line in text.splitlines() if "entry: p522-722," not in line]
    narrower.write_text("\n".join(kept))
    command = ["notice", "diff", str(NOTICE), str(narrower), "-r", str(write()), "--json"]
    assert run(command) == 0
    found = json.loads(capfd.readouterr().out)
    assert [change["entry"] for change in found["scope"]] == ["p522-722"]
    assert found["records"]["newly_out"]["records"] == 1
    assert found["records"]["newly_in"]["records"] == 0


@pytest.mark.parametrize(
    "kind", ["notice", "registry", "holders", "output", "summary", "diff", "benchmark"]
)
def test_schema_prints_a_json_schema(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", kind]) == 0
    assert "properties" in json.loads(capfd.readouterr().out)


def test_contacts_are_written_for_the_holders(write: Write, tmp_path: Path) -> None:
    holders = tmp_path / "holders.csv"
    holders.write_text(
        "holder_id,kind,name,email,address_lines,language,represented_by,minor\n"
        "H1,person,Kim Example,,1 Way|Town,es,H8,true\n"
        "H8,person,Sam Example,sam@example.org,,es,,\n"
    )
    out = tmp_path / "v.csv"
    assert match(write(), "--holders", str(holders), "--out", str(out)) == 0
    (contacts,) = tmp_path.glob("v.*.contacts.csv")
    lines = contacts.read_text().splitlines()
    assert len(lines) == 1 + 3  # H1, H2, H4: also who is not in the holders file
    assert any("H1,H8,Sam Example,affected" in line and "e-mail" in line for line in lines)
    assert sum("repair the contact" in line for line in lines) == 2


def test_interrupt_leaves_nothing_half_written(tmp_path: Path) -> None:
    registry = tmp_path / "many.csv"
    with registry.open("w") as file:
        file.write("device_id,manufacturer,model,serial\n")
        file.writelines(f"D{n},Medtronic,MMT-522,S{n}\n" for n in range(1_500_000))
    out = tmp_path / "v.csv"
    command = [sys.executable, "-m", "tocsin.cli.main", "match", NOTICE, "-r", registry, "-o", out]
    codes = []
    for delay_s in (0.7, 1.4, 2.1):
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        )
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert b"Traceback" not in err
        assert process.returncode in {0, 130}, err  # 0: it was done before
        codes.append(process.returncode)
        written = {path.name for path in tmp_path.iterdir()}
        assert written == ({"many.csv"} if process.returncode else {"many.csv", "v.csv"})
        out.unlink(missing_ok=True)
    assert 130 in codes
