"""`tocsin udi`: a bar code in words."""

from pathlib import Path

import pytest

from tocsin.cli.main import run

DI = "00718175003305"


def test_a_bar_code_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["udi", f"(01){DI}(17)271200(10)A1"]) == 0
    said = capsys.readouterr().out
    for words in (f"(DI): {DI}", "GS1", "Lot: A1", "Expires on: 2027-12", "Check digit: right."):
        assert words in said
    assert "Serial" not in said


def test_what_is_in_doubt_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["udi", f"(01){DI[:-1]}6(10)2.4A"]) == 0
    said = capsys.readouterr().out
    for words in ("WRONG", "Lot: 2.4A  (in doubt", "written like a software version"):
        assert words in said


def test_a_text_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["udi", "pump"]) == 3
    told = capsys.readouterr().err
    assert "'pump' cannot be read" in told
    assert "Traceback" not in told


def test_a_match_lists_identifiers_that_are_mistyped_or_none(tmp_path: Path) -> None:
    registry = tmp_path / "devices.csv"
    registry.write_text(
        "device_id,manufacturer,model,udi\n"
        "D1,Medtronic,MMT-522,(01)00718175003306(21)5\n"
        "D2,Medtronic,MMT-522,(01)00718175003306(21)6\n"
        "D3,Medtronic,MMT-522,hello\n"
        f"D4,Medtronic,MMT-522,(01){DI}(21)7\nD5,Medtronic,MMT-522,\n"
    )
    out = tmp_path / "verdicts.csv"
    notice = Path(__file__).parents[2] / "src/tocsin/cases/data/case_a.yaml"
    assert run(["match", str(notice), "--registry", str(registry), "--out", str(out)]) == 0
    found = (tmp_path / "verdicts.findings.csv").read_text().splitlines()[1:]
    assert [line.split(",")[:3] for line in found] == [
        ["udi", "00718175003306", "2"],
        ["udi", "hello", "1"],
    ]
    assert out.read_text().count(",affected,") == 5
