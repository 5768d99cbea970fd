"""Feeds and CSAF as another program reads them."""

import hashlib
import json
import urllib.request
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.lib.csaf_validation import mandatory_faults
from tocsin.formats.csaf.writing import read_own_notice
from tocsin.services.samples import case_notices

ATOM = "{http://www.w3.org/2005/Atom}"


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode()


def test_atom_lists_every_notice_with_its_page(demo: str) -> None:
    feed = ET.fromstring(_read(f"{demo}/fr/notices.atom"))
    assert feed.findtext(f"{ATOM}updated") == "2020-07-20T00:00:00Z"
    links = [entry.find(f"{ATOM}link").get("href") for entry in feed.iter(f"{ATOM}entry")]
    assert len(links) == 3
    for link in links:
        assert "<h1" in _read(link)
    summaries = {entry.findtext(f"{ATOM}summary") for entry in feed.iter(f"{ATOM}entry")}
    assert any("cartouche" in summary for summary in summaries)


def test_json_feed_says_the_same(demo: str) -> None:
    feed = json.loads(_read(f"{demo}/en/notices.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{demo.replace('127.0.0.1', 'localhost')}/en/notices.json"
    assert [item["date_modified"][:10] for item in feed["items"]] == [
        "2020-07-20", "2019-06-27", "2011-04-05",
    ]  # fmt: skip


def test_from_the_metadata_every_document_is_found_and_its_hash_fits(demo: str) -> None:
    metadata = json.loads(_read(f"{demo}/.well-known/csaf/provider-metadata.json"))
    assert metadata["role"] == "csaf_publisher"  # no TLS, no provider
    (feed_of,) = metadata["distributions"][1]["rolie"]["feeds"]
    feed = json.loads(_read(feed_of["url"]))["feed"]
    directory = metadata["distributions"][0]["directory_url"]
    listed = _read(f"{directory}index.txt").split()
    assert {directory + path for path in listed} == {
        entry["content"]["src"] for entry in feed["entry"]
    }
    known = {case_notices(case)[-1].notice: case_notices(case)[-1] for case in "abc"}
    for entry in feed["entry"]:
        text = _read(entry["content"]["src"])
        (hashed,) = [link["href"] for link in entry["link"] if link["rel"] == "hash"]
        assert _read(hashed).split()[0] == hashlib.sha256(text.encode()).hexdigest()
        tree = json.loads(text)
        assert mandatory_faults(tree) == []
        assert read_own_notice(tree) == known[entry["id"]]
    assert len(_read(f"{directory}changes.csv").splitlines()) == 3


def test_the_metadata_have_the_shape_of_the_standard(demo: str, corpus: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    folder = corpus / "csaf" / "oasis_2.0" / "json_schema"
    schema = json.loads((folder / "provider_json_schema.json").read_text("utf-8"))
    whole = json.loads((folder / "csaf_json_schema.json").read_text("utf-8"))
    schema["properties"]["publisher"] = whole["properties"]["document"]["properties"]["publisher"]
    metadata = json.loads(_read(f"{demo}/.well-known/csaf/provider-metadata.json"))
    jsonschema.Draft202012Validator(schema).validate(metadata)
