"""The conformance documents of CSAF 2.0 and 2.1: none is dropped, none gives a traceback."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.lib.csaf_documents import verdict_on
from tests.lib.csaf_validation import mandatory_faults
from tocsin.base.errors import NoticeInvalid, NoticeUnreadable
from tocsin.base.verdict import Verdict
from tocsin.formats.csaf.reading import read_csaf
from tocsin.formats.csaf.tree import is_csaf
from tocsin.formats.csaf.writing import csaf_text, write_csaf
from tocsin.formats.notice_file import parse_json, read_notice_text

pytestmark = pytest.mark.corpus
VERSIONS = ("2.0", "2.1")
# Tests on which the validator and the published cases of 2.1, still a draft, differ.
DISPUTED = {
    "6.1.4", "6.1.7", "6.1.13", "6.1.14", "6.1.24", "6.1.27.13", "6.1.30", "6.1.50",
}  # fmt: skip


def _documents(corpus: Path, version: str) -> list[Path]:
    folder = corpus / "csaf" / f"oasis_{version}"
    found = [
        path
        for path in sorted(folder.rglob("*.json"))
        if "schema" not in path.parent.name and not path.name.endswith(".result.json")
    ]
    assert len(found) > 100
    return found


def _defined_ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for each in value for found in _defined_ids(each)]
    if not isinstance(value, dict):
        return []
    own = [value["product_id"]] if isinstance(value.get("product_id"), str) else []
    return own + [found for each in value.values() for found in _defined_ids(each)]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_a_notice_or_a_sentence(version: str, corpus: Path) -> None:
    outcomes: Counter[str] = Counter()
    for path in _documents(corpus, version):
        try:
            tree = parse_json(read_notice_text(path), path)
            if not is_csaf(tree):
                outcomes["other"] += 1
                continue
            notice = read_csaf(tree, path)
        except (NoticeInvalid, NoticeUnreadable) as error:
            outcomes["sentence" if str(path) in error.sentence else "no place"] += 1
            continue
        outcomes["read"] += 1
        listed = _defined_ids(tree.get("product_tree"))
        kept = [e.information["product_id"] for e in notice.scope if "product_id" in e.information]
        assert not Counter(listed) - Counter(kept), path.name
    assert outcomes["read"] > 60
    assert outcomes["sentence"] > 20
    assert not outcomes["no place"]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_read_can_be_written(version: str, corpus: Path) -> None:
    """Valid, whatever the document was; and equal when it is read again."""
    n_written = 0
    for path in _documents(corpus, version)[::3]:
        try:
            tree = parse_json(read_notice_text(path), path)
            notice = read_csaf(tree, path) if is_csaf(tree) else None
        except (NoticeInvalid, NoticeUnreadable):
            continue
        if notice is None:
            continue
        written = write_csaf(notice, "2.0" if n_written % 2 else "2.1")
        assert mandatory_faults(written) == [], path.name
        assert read_csaf(parse_json(csaf_text(written), path), path) == notice, path.name
        n_written += 1
    assert n_written > 15


@pytest.mark.parametrize("version", VERSIONS)
def test_the_validator_is_an_oracle(version: str, corpus: Path) -> None:
    """It agrees with the published cases, so that its word on what we write counts."""
    folder = corpus / "csaf" / f"oasis_{version}"
    cases = json.loads((folder / "testcases.json").read_text("utf-8"))["tests"]
    n_agreed, disputed = 0, set()
    for case in cases:
        for kind in ("failures", "valid") if case["group"] == "mandatory" else ():
            for each in case.get(kind, ()):
                path = folder / each["name"]
                if not path.exists():
                    continue
                if (mandatory_faults(json.loads(path.read_text("utf-8"))) == []) is each["valid"]:
                    n_agreed += 1
                else:
                    disputed.add(case["id"])
    assert n_agreed > 50
    assert disputed <= (DISPUTED if version == "2.1" else set())


def _listed(tree: Any) -> list[tuple[str, dict[str, str]]]:
    """Return product_id and registry row of each version below a vendor's product."""
    found = []
    for vendor in tree["product_tree"].get("branches", ()):
        for product in vendor.get("branches", ()):
            for leaf in product.get("branches", ()):
                if [vendor["category"], product["category"], leaf["category"]] == [
                    "vendor", "product_name", "product_version",
                ] and "product" in leaf:  # fmt: skip
                    row = {"manufacturer": vendor["name"], "product": product["name"]}
                    row["software_version"] = leaf["name"]
                    found.append((leaf["product"]["product_id"], row))
    return found


def _told(tree: Any, product_id: str) -> Verdict:
    """Return what a VEX says of a product, by its statuses alone."""
    statuses = [
        {s for s, ids in v["product_status"].items() if product_id in ids} - {"recommended"}
        for v in tree["vulnerabilities"]
    ]
    if any("known_affected" in each for each in statuses):
        return Verdict.AFFECTED
    cleared = all(each and each <= {"known_not_affected", "fixed"} for each in statuses)
    return Verdict.NOT_AFFECTED if cleared else Verdict.CANNOT_TELL


@pytest.mark.parametrize("version", VERSIONS)
def test_a_vex_gives_every_listed_product_its_verdict(version: str, corpus: Path) -> None:
    seen: Counter[Verdict] = Counter()
    folder = corpus / "csaf" / f"oasis_{version}" / "examples" / "csaf" / "csaf_vex"
    for path in sorted(folder.glob("*.json")):
        tree = parse_json(read_notice_text(path), path)
        notice = read_csaf(tree, path)
        for product_id, row in _listed(tree):
            told = _told(tree, product_id)
            assert verdict_on(notice, **row) is told, (path.name, row)
            seen[told] += 1
            row["software_version"] = "977.1"
            assert verdict_on(notice, **row) is Verdict.CANNOT_TELL, (path.name, row)
    assert all(seen[verdict] for verdict in Verdict)
