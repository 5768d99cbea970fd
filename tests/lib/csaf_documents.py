"""Small CSAF documents to vary, and what an entry or a verdict says in short."""

from pathlib import Path
from typing import Any

from tocsin.base.verdict import Verdict
from tocsin.formats.csaf.reading import read_csaf
from tocsin.match.engines.reference import match_records
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry
from tocsin.registry.record import read_record

ALL = "all"
UNREAD = "unread"
# A version range, a list of ranges, ALL or UNREAD.
Software = str | list[dict[str, str]]


def at_most(text: str) -> Software:
    return [{"at_most": text}]


def below(text: str) -> Software:
    return [{"below": text}]


def equal(*texts: str) -> Software:
    return [{"equal": text} for text in texts]


def said_of_software(entry: Entry) -> Software:
    if entry.software.unread:
        assert not entry.software.any_of
        return UNREAD
    ranges = [part.model_dump(exclude_defaults=True) for part in entry.software.any_of]
    return ranges or ALL


def verdict_on(notice: Notice, **row: str | None) -> Verdict:
    (verdict,) = match_records([notice], [read_record({"device_id": "1", **row})])
    return verdict.verdict


def document(
    *branches: dict[str, Any], vulnerabilities: Any = (), **product_tree: Any
) -> dict[str, Any]:
    """Return a small valid document; each branch stands below the vendor."""
    vendor = {"category": "vendor", "name": "Acme Medical", "branches": list(branches)}
    return {
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "publisher": {"category": "vendor", "name": "Acme Medical"},
            "title": "Acme pumps",
            "tracking": {
                "id": "ACME 2024/1",
                "version": "1.2.0",
                "current_release_date": "2024-03-02T00:00:00Z",
                "initial_release_date": "2024-02-01T00:00:00Z",
                "revision_history": [{"number": "1"}, {"number": "2"}],
            },
        },
        "product_tree": {"branches": [vendor] if branches else [], **product_tree},
        "vulnerabilities": list(vulnerabilities),
    }


def pump(product_id: str, version: str, name: str = "Delos", full: str | None = None) -> Any:
    ranged = version[:1] in "<>"
    leaf = {
        "category": "product_version_range" if ranged else "product_version",
        "name": version,
        "product": {"product_id": product_id, "name": full or f"Acme Medical {name}: {version}"},
    }
    return {"category": "product_name", "name": name, "branches": [leaf]}


def status(cve: str = "CVE-2024-1", **statuses: list[str]) -> dict[str, Any]:
    return {"cve": cve, "product_status": statuses}


def read_small(tree: Any) -> Notice:
    return read_csaf(tree, Path("small.json"))


def sides(notice: Notice) -> dict[str, tuple[str, bool]]:
    return {
        entry.entry: ("affects" if entry.affects else "excludes", entry.no_status)
        for entry in notice.scope
    }
