"""`tocsin notice draft` as a user runs it: the file, what is said about it, and refusals."""

from pathlib import Path

import pytest

from tests.lib.pdf_letters import write_pdf
from tocsin.cli.main import run
from tocsin.formats.notice_file import parse_tree, read_notice_text, read_notice_tree

LETTER = """Firm: Example Devices
Product: HomeDose pump
Date: 2022-03-08

Model HD-100, software version 2.4A or lower. Model HD-110, lots L2201 and L2202.
Model HD-120 with a particular kind of battery 77.
"""
REGISTRY = (
    "device_id,manufacturer,model,software_version,lot\n"
    "D1,Example Devices,HD-100,2.4A,\n"
    "D2,Example Devices,HD-100,2.5,\n"
    "D3,Example Devices,HD-110,,L2209\n"
)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text(LETTER, "utf-8")
    return path


def draft(source: Path, *more: str) -> tuple[int, Path]:
    """Run the command; return its exit code and the file that it was to write."""
    out = source.with_suffix(".yaml")
    return run(["notice", "draft", str(source), "--out", str(out), *more]), out


def test_a_draft_is_written_and_explained(letter: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out = draft(letter)
    told = capfd.readouterr()
    assert code == 0
    assert told.out == ""
    assert "Entry hd-100 affects model HD-100; software 2.4A or lower." in told.err
    assert '"software version 2.4A or lower" was read as' in told.err
    assert "Not read: this text could not be read: 'Model HD-120 with a particular" in told.err
    assert "no record is not_affected" in told.err
    notice = read_notice_tree(parse_tree(read_notice_text(out), out), out)
    assert notice.manufacturer == "Example Devices"
    assert str(notice.issued_on) == "2022-03-08"
    assert not any(entry.reviewed for entry in notice.scope)
    assert [p.name for p in letter.parent.iterdir() if p.name.startswith(".")] == []


def test_the_draft_passes_the_check_and_clears_nobody(
    letter: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, out = draft(letter)
    assert run(["notice", "check", str(out)]) == 0
    registry = letter.with_name("devices.csv")
    registry.write_text(REGISTRY, "utf-8")
    capfd.readouterr()
    assert run(["match", str(out), "--registry", str(registry), "--all"]) == 0
    rows = [line.split(",") for line in capfd.readouterr().out.splitlines()[1:]]
    assert {row[0]: row[3] for row in rows} == {
        "D1": "affected",
        "D2": "cannot_tell",
        "D3": "cannot_tell",
    }


def test_a_pdf_and_a_web_page_are_drafted_with_firm_and_product_from_outside(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pdf, page = tmp_path / "a.pdf", tmp_path / "b.html"
    pdf.write_bytes(write_pdf([[(50, 700, "Model HD-100, all serial numbers.")]]))
    page.write_text("<p>Model HD-100, all serial numbers.</p>", "utf-8")
    for source in (pdf, page):
        code, out = draft(source, "--firm", "Example Devices", "--product", "HomeDose pump")
        assert code == 0
        assert "- HD-100" in out.read_text("utf-8")
    assert capfd.readouterr().err.count("Written: ") == 2


def test_a_file_that_is_there_is_never_replaced(
    letter: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = letter.with_suffix(".yaml")
    out.write_text("confirmed by two people", "utf-8")
    assert draft(letter)[0] == 3
    assert out.read_text("utf-8") == "confirmed by two people"
    assert "is there already" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "Lots 12 and 13 are affected.", "No product was found"),
        ("a.pdf", "%PDF-1.4 nothing", "cannot be read as PDF"),
        ("a.odt", "text", "neither .txt, .html nor .pdf"),
    ],
)
def test_what_cannot_be_drafted_is_refused_and_nothing_is_written(
    name: str, text: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / name
    source.write_text(text, "utf-8")
    code, out = draft(source)
    assert code == 3
    assert said in capfd.readouterr().err
    assert not out.exists()


def test_help_teaches(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["notice", "draft", "--help"]) == 0
    told = capfd.readouterr().out
    assert "reviewed: false" in told
    assert "Example: tocsin notice draft" in told
