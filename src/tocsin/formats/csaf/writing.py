"""Notices as CSAF 2.0 and 2.1 documents: security advisory or VEX.

The writer is strict: what it writes passes every mandatory test. It is a pure function, so
that the reader can tell by writing again whether a document is still what we wrote.
Source: CSAF 2.0 and 2.1, sections 3, 4 and 6.1; `docs/adr/0012-notices-in-csaf.md`.
"""

import json
import re
from typing import Any, Literal

from tocsin.formats.csaf.own_note import MAX_NOTE, noted_notice, own_notes
from tocsin.formats.csaf.publication import (
    CsafVersion,
    Publication,
    read_publication,
    written_frame,
)
from tocsin.formats.csaf.remedies import written_remediations
from tocsin.formats.csaf.tree import as_dict, as_list
from tocsin.formats.csaf.written_products import WrittenProduct, written_products
from tocsin.notice.describe import describe_entry, describe_open_points
from tocsin.notice.model import Notice

Profile = Literal["security-advisory", "vex"]
_SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")
_GROUPS = {"known_affected": "affected", "known_not_affected": "not-affected"}


def write_csaf(
    notice: Notice,
    csaf_version: CsafVersion = "2.0",
    profile: Profile = "security-advisory",
    publication: Publication = Publication(),  # noqa: B008 - it is frozen
) -> dict[str, Any]:
    """Return a notice as the tree of a CSAF document, all of its scalars texts.

    Args:
        notice: the notice; reading the document gives an equal one.
        csaf_version: the version of CSAF to write.
        profile: ``vex`` gives every product's status its action or impact statement.
        publication: what the publisher decides beside the notice.
    """
    products = written_products(notice)
    frame = written_frame(notice, csaf_version, publication)
    document = {
        "category": _category(products, profile),
        **frame,
        "notes": [*_notes(notice), *own_notes(notice)],
    }
    tree: dict[str, Any] = {"$schema": _SCHEMA} if csaf_version == "2.1" else {}
    groups = _product_groups(products)
    return {
        **tree,
        "document": document,
        "product_tree": {
            "branches": _branches(products),
            **({"product_groups": groups} if groups else {}),
        },
        "vulnerabilities": [_vulnerability(notice, products, csaf_version, profile)],
    }


def csaf_text(tree: dict[str, Any]) -> str:
    """Return a CSAF document as the text of its file."""
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def read_own_notice(tree: Any) -> Notice | None:
    """Return the notice that a document of ours was written from.

    None if the document is not ours, or is no longer what we wrote.
    """
    document = as_dict(as_dict(tree).get("document"))
    notice = noted_notice(document)
    if notice is None:
        return None
    csaf_version: CsafVersion = "2.1" if document.get("csaf_version") == "2.1" else "2.0"
    profile: Profile = "vex" if document.get("category") == "csaf_vex" else "security-advisory"
    again = write_csaf(notice, csaf_version, profile, read_publication(tree))
    return notice if again == tree else None


def _category(products: list[WrittenProduct], profile: Profile) -> str:
    if profile == "vex":
        return "csaf_vex"
    affected = any(product.status == "known_affected" for product in products)
    # An advisory needs an affected product; a notice may leave all of them open.
    return "csaf_security_advisory" if affected else "csaf_base"


def _notes(notice: Notice) -> list[dict[str, str]]:
    notes = []
    if notice.approval.state == "withdrawn":
        text = "This notice was withdrawn. It asks for nothing any more."
        notes.append({"category": "general", "text": text, "title": "Withdrawn"})
    contacts = [
        ", ".join(filter(None, (each.name, each.phone, each.email, each.url, each.hours)))
        for each in notice.contacts
    ]
    if text := "\n".join(filter(None, contacts)):
        notes.append({"category": "general", "text": text, "title": "Contacts"})
    lines = []
    for entry in notice.scope:
        word = "excludes" if entry.excludes else "affects"
        lines.append(f"{entry.entry} {word} {describe_entry(entry)}.")
        lines += [f"- open: {point}" for point in describe_open_points(entry)]
    text = "\n".join(lines)
    if len(text) > MAX_NOTE:
        text = text[:MAX_NOTE] + " ..."
    return [*notes, {"category": "details", "text": text, "title": "Scope"}]


def _branches(products: list[WrittenProduct]) -> list[dict[str, Any]]:
    """Return the tree of vendor, product and versions, each name once on its level."""
    vendors: dict[str, dict[str, Any]] = {}
    labels: dict[tuple[str, str], dict[str, Any]] = {}
    for written in products:
        vendor = vendors.setdefault(
            written.vendor, {"branches": [], "category": "vendor", "name": written.vendor}
        )
        if written.version is None:
            leaf = {"category": "product_name", "name": written.label, "product": written.product}
            vendor["branches"].append(leaf)
            continue
        label = labels.get((written.vendor, written.label))
        if label is None:
            label = {"branches": [], "category": "product_name", "name": written.label}
            labels[written.vendor, written.label] = label
            vendor["branches"].append(label)
        label["branches"].append(
            {
                "category": written.version.category,
                "name": written.version.name,
                "product": written.product,
            }
        )
    return list(vendors.values())


def _ids(products: list[WrittenProduct], status: str) -> list[str]:
    return [each.product["product_id"] for each in products if each.status == status]


def _product_groups(products: list[WrittenProduct]) -> list[dict[str, Any]]:
    """Return a group per told status; CSAF wants two products in one."""
    return [
        {"group_id": group, "product_ids": ids}
        for status, group in _GROUPS.items()
        if len(ids := _ids(products, status)) > 1
    ]


def _reference_to(products: list[WrittenProduct], status: str) -> dict[str, list[str]]:
    ids = _ids(products, status)
    if len(ids) > 1:
        return {"group_ids": [_GROUPS[status]]}
    return {"product_ids": ids} if ids else {}


def _vulnerability(
    notice: Notice, products: list[WrittenProduct], version: CsafVersion, profile: Profile
) -> dict[str, Any]:
    silent = version == "2.1" and profile != "vex"
    statuses = {
        "known_affected": "known_affected",
        "known_not_affected": "known_not_affected",
        # 2.0 and VEX have no word for "nobody has said".
        "open": "unknown" if silent else "under_investigation",
    }
    cves = [
        name
        for name in as_list(notice.information.get("vulnerabilities"))
        if isinstance(name, str) and _CVE.fullmatch(name)
    ]
    vulnerability: dict[str, Any] = {"cve": cves[0]} if len(cves) == 1 else {}
    vulnerability |= {
        "ids": [{"system_name": "Tocsin notice", "text": notice.notice}],
        "notes": [{"category": "description", "text": _hazard(notice, cves), "title": "Hazard"}],
        "product_status": {
            word: ids for status, word in statuses.items() if (ids := _ids(products, status))
        },
        "title": notice.title,
    }
    affected = _reference_to(products, "known_affected")
    if remediations := written_remediations(notice, affected):
        vulnerability["remediations"] = remediations
    if not_affected := _reference_to(products, "known_not_affected"):
        details = "The notice names these products as not affected."
        vulnerability["threats"] = [{"category": "impact", "details": details, **not_affected}]
    return vulnerability


def _hazard(notice: Notice, cves: list[str]) -> str:
    lines = [notice.hazard.what if notice.hazard else notice.title]
    if notice.hazard and notice.hazard.harms:
        lines.append(f"Possible harm: {', '.join(notice.hazard.harms)}.")
    if notice.hazard and notice.hazard.alarm:
        lines.append(f"Alarm: {notice.hazard.alarm}")
    if len(cves) > 1:
        lines.append(f"Together for {', '.join(cves)}.")
    return "\n".join(lines)
