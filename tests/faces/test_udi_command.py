"""`tocsin udi`: a bar code in words."""

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
