"""200 version expressions of real advisories, read by hand, against versions of devices."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lib.csaf_documents import verdict_on
from tocsin.identify.version_expression import parse_version_expression
from tocsin.notice.model import Notice

FILE = Path(__file__).with_name("version_probes.yaml")
EXPRESSIONS: list[dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))["expressions"]
ROW = {"manufacturer": "Medtronic", "model": "MMT-522"}


def notice_on(each: dict[str, Any]) -> Notice:
    """Return a notice on one model whose software is what the expression says."""
    reading = parse_version_expression(each["expression"], ranged=each["in"] == "range")
    software: Any = {"any_of": [part.bounds() for part in reading.parts]}
    if reading.unread:
        software = {"unread": each["expression"]}
    return Notice.model_validate(
        {
            "notice": "N",
            "kind": "security-advisory",
            "title": "Probe",
            "issuers": [{"name": "Medtronic", "role": "manufacturer"}],
            "scope": [{"entry": "e", "affects": {"models": ["522"]}, "software": software}],
            "source": {"document": each["seen"], "checked_on": "2026-11-21"},
        }
    )


@pytest.mark.parametrize("each", EXPRESSIONS, ids=lambda each: each["expression"])
def test_every_version_gets_the_verdict_that_a_person_reads(each: dict[str, Any]) -> None:
    notice = notice_on(each)
    found = {
        version: verdict_on(notice, **ROW, software_version=version).value
        for version in each["probes"]
    }
    assert found == each["probes"]


@pytest.mark.parametrize("each", EXPRESSIONS, ids=lambda each: each["expression"])
def test_without_a_version_nobody_is_cleared(each: dict[str, Any]) -> None:
    verdict = verdict_on(notice_on(each), **ROW).value
    reading = parse_version_expression(each["expression"], ranged=each["in"] == "range")
    assert verdict == ("affected" if reading.all_versions else "cannot_tell")


def test_the_sample_is_large_and_mixed() -> None:
    assert len({(each["expression"], each["in"]) for each in EXPRESSIONS}) >= 200
    said = [verdict for each in EXPRESSIONS for verdict in each["probes"].values()]
    assert all(said.count(verdict) > 100 for verdict in ("affected", "not_affected", "cannot_tell"))
