"""Nineteen real notices, written as our YAML, against the probes of the corpus.

A probe is a unit and what a careful reader says of it. The notices were written from the
scope texts alone; probes without a label are not counted.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tocsin.formats.notice_file import parse_tree, read_notice_text, read_notice_tree
from tocsin.match.engines.reference import match_records
from tocsin.notice.model import Notice
from tocsin.registry.record import DeviceRecord, read_record

NOTICES = Path(__file__).parent / "notices"
NOTICE_IDS = sorted(path.stem for path in NOTICES.glob("*.yaml"))

COLUMNS = {
    "model": "model",
    "ref": "catalogue_no",
    "product": "product",
    "software": "software_version",
    "lot": "lot",
    "serial": "serial",
    "udi_di": "udi",
    "serviced": "serviced_on",
    "shipped": "shipped_on",
    "retainer_ring": "fact.retainer_ring",
    "platform": "fact.platform",
}
VERDICTS = {
    "affected": "affected",
    "not_affected": "not_affected",
    "unresolved": "cannot_tell",
}


@cache
def read_notice(notice_id: str) -> Notice:
    """Return one of the notices beside this file."""
    path = NOTICES / f"{notice_id}.yaml"
    return read_notice_tree(parse_tree(read_notice_text(path), path), path)


def read_corpus_notices(corpus: Path) -> dict[str, Any]:
    """Return the corpus' notices by id; what follows the first space of an id is a remark."""
    text = (corpus / "notices" / "real_pump_notices.json").read_text("utf-8")
    return {notice["id"].partition(" ")[0]: notice for notice in json.loads(text)["notices"]}


def record_of(unit: dict[str, Any], firm: str) -> DeviceRecord:
    """Return the device record that a probe states."""
    row = {COLUMNS[key]: value for key, value in unit.items()}
    return read_record({"device_id": "probe", "manufacturer": firm, **row})


@pytest.mark.parametrize("notice_id", NOTICE_IDS)
def test_a_notice_reads_and_bears_its_file_name(notice_id: str) -> None:
    assert read_notice(notice_id).notice == notice_id


def test_every_notice_of_the_corpus_is_written(corpus: Path) -> None:
    assert sorted(read_corpus_notices(corpus)) == NOTICE_IDS


@pytest.mark.parametrize("notice_id", NOTICE_IDS)
def test_every_probe_gets_its_verdict(notice_id: str, corpus: Path) -> None:
    expected = read_corpus_notices(corpus)[notice_id]
    wrong = []
    for probe in expected["probes"]:
        if probe["expect"] is None:
            continue
        record = record_of(probe["unit"], expected["firm"])
        (found,) = match_records([read_notice(notice_id)], [record])
        if found.verdict != VERDICTS[probe["expect"]]:
            wrong.append((probe, found.verdict.value, found.reason_code))
    assert wrong == []
