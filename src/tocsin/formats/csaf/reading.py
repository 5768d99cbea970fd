"""CSAF security advisories and VEX documents (2.0 and 2.1, tolerantly) as notices.

The notice is a draft: a person confirms it before it is released. Vulnerability details
are left out; the hazard says effects only. A document that we wrote gives the very notice
that it was written from.
Source: https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html and its successor 2.1.
"""

import gc
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from tocsin.base.errors import NoticeInvalid, NoticeUnreadable
from tocsin.formats.csaf.own_note import is_own_note
from tocsin.formats.csaf.products import entry_name, entry_of
from tocsin.formats.csaf.tree import (
    as_dict,
    as_list,
    as_text,
    list_products,
    vulnerability_names,
)
from tocsin.formats.csaf.unlisted import open_entries
from tocsin.formats.csaf.writing import read_own_notice
from tocsin.formats.notice_file import read_notice_tree
from tocsin.notice.model import Notice

_ROLES = {"vendor": "manufacturer"}
_EFFECT = re.compile(r"\b(?:could|may|might|can|would)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[a-z)][.!?])\s+(?=[A-Z])")
_INSTRUCTING = {"mitigation", "workaround", "vendor_fix", "optional_patch"}
_UNFIXED = {"none_available", "no_fix_planned"}
_MAX_HAZARD = 400
_MAX_INSTRUCTIONS = 40


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the search for cycles, of which a document's values have none.

    It takes half of the time on a document with many products, again and again for nothing.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


@_no_collection()
def read_csaf(tree: Any, path: Path) -> Notice:
    """Return the notice that a CSAF document states, with one entry per listed product.

    Args:
        tree: the document, as `notice_file.parse_json` reads it.
        path: where it stands, for error sentences.

    Raises:
        NoticeUnreadable: if it is no CSAF 2 document, has no tracking id or lists no product.
        NoticeInvalid: if what it says cannot be a notice.
    """
    document = as_dict(as_dict(tree).get("document"))
    tracking = as_dict(document.get("tracking"))
    document_id = as_text(tracking.get("id"))
    _check_version(document, path)
    if not document_id or not re.search(r"[A-Za-z0-9]", document_id):
        raise NoticeUnreadable(
            f"The CSAF document {path} has no document.tracking.id, so that nobody could refer "
            "to it. Nothing was read. Ask its publisher for a valid document."
        )
    if (own := read_own_notice(tree)) is not None:
        return own
    title = as_text(document.get("title")) or document_id
    scope = _scope_of(tree, title)
    if not scope:
        raise NoticeUnreadable(
            f"The CSAF document {path} ({document_id}) {_why_without_products(document)} "
            "Nothing can be matched against it."
        )
    notice = {
        "notice": re.sub(r"[^A-Za-z0-9._:()\-]+", "-", document_id).lstrip("-._:()")[:120],
        "revision": _revision(tracking),
        "kind": "security-advisory",
        "title": title,
        "issuers": _issuers(document, scope),
        "issued_on": _day(tracking.get("initial_release_date")) or _last_day(tracking),
        "links": list(_links(document)),
        "hazard": {"what": _effects(document) or title, "fix_available": _fix_available(tree)},
        "scope": scope,
        "instructions": _instructions(tree),
        "approval": {"state": "draft"},
        "information": _information(tree, document, tracking),
        "source": {
            "document": document_id,
            "url": _own_url(document),
            "checked_on": _last_day(tracking),
        },
    }
    _check_origin(notice, path)
    return read_notice_tree(notice, path)


def _check_version(document: dict[str, Any], path: Path) -> None:
    version = as_text(document.get("csaf_version")) or "2.0"
    if not version.startswith("2."):
        raise NoticeUnreadable(
            f"The document {path} says that it is CSAF {version[:20]!r}; versions 2.0 and 2.1 "
            "can be read. Nothing was read. Ask its publisher for one of these."
        )


def _check_origin(notice: dict[str, Any], path: Path) -> None:
    missing = "publisher and vendor" if not notice["issuers"] else "date of release"
    if not notice["issuers"] or notice["source"]["checked_on"] is None:
        raise NoticeInvalid(
            f"The CSAF document {path} ({notice['notice']}) has no readable {missing}. "
            "Nothing was read. Ask its publisher for a valid document."
        )


def _category(document: dict[str, Any]) -> str:
    return re.sub(r"[\s_\-]+", "_", (as_text(document.get("category")) or "").lower())


def _why_without_products(document: dict[str, Any]) -> str:
    endings = {"csaf_withdrawn": "withdrawn", "csaf_superseded": "superseded"}
    if ended := endings.get(_category(document)):
        return f"was {ended} by its publisher and lists no product."
    return "lists no product."


def _scope_of(tree: Any, title: str) -> list[dict[str, Any]]:
    document = as_dict(tree)
    vulnerabilities = vulnerability_names(document)
    taken: Counter[str] = Counter()
    entries = [
        entry_of(listed, entry_name(listed, taken), title, vulnerabilities)
        for listed in list_products(document)
    ]
    vex = _category(as_dict(document.get("document"))) == "csaf_vex"
    return entries + list(open_entries(entries, taken, vex=vex))


def _revision(tracking: dict[str, Any]) -> int:
    """Return the version if it is a whole number, else how many revisions there were."""
    version = as_text(tracking.get("version")) or ""
    if re.fullmatch(r"[0-9]{1,9}", version) and int(version) > 0:
        return int(version)
    return max(1, len(as_list(tracking.get("revision_history"))))


def _day(value: Any) -> date | None:
    text = as_text(value) or ""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _last_day(tracking: dict[str, Any]) -> date | None:
    """Return the day of the current release, else of the last one that is dated."""
    history = [
        _day(as_dict(each).get("date")) for each in as_list(tracking.get("revision_history"))
    ]
    return (
        _day(tracking.get("current_release_date"))
        or max(filter(None, history), default=None)
        or _day(tracking.get("initial_release_date"))
    )


def _issuers(document: dict[str, Any], scope: list[dict[str, Any]]) -> list[dict[str, str]]:
    publisher = as_dict(document.get("publisher"))
    issuers = []
    if name := as_text(publisher.get("name")):
        role = _ROLES.get(as_text(publisher.get("category")) or "", "coordinator")
        issuers.append({"name": name, "role": role})
    makers = dict.fromkeys(
        maker
        for entry in scope
        if (maker := (entry.get("affects") or entry.get("excludes") or {}).get("manufacturer"))
    )
    return issuers + [
        {"name": maker, "role": "manufacturer"}
        for maker in makers
        if {"name": maker, "role": "manufacturer"} not in issuers
    ]


def _references(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield category, summary and web address of each reference."""
    for each in map(as_dict, as_list(document.get("references"))):
        url = as_text(each.get("url")) or ""
        if re.match(r"https?://\S+$", url):
            category = as_text(each.get("category")) or "external"
            yield category, as_text(each.get("summary")) or url, url


def _links(document: dict[str, Any]) -> Iterator[dict[str, str]]:
    seen = {url for category, _, url in _references(document) if category == "self"}
    for _, summary, url in _references(document):
        if url not in seen:
            seen.add(url)
            yield {"notice": summary, "relation": "related", "url": url}


def _own_url(document: dict[str, Any]) -> str | None:
    own = [url for category, _, url in _references(document) if category == "self"]
    pages = [url for url in own if not url.lower().endswith(".json")]
    return next(iter(pages + own), None)


def _effects(document: dict[str, Any]) -> str | None:
    """Return what the document's risk evaluation says can happen, in short."""
    for note in map(as_dict, as_list(document.get("notes"))):
        heading = (as_text(note.get("title")) or "").lower()
        if heading not in {"risk evaluation", "impact", "risk assessment"}:
            continue
        text = " ".join((as_text(note.get("text")) or "").split())
        kept = ""
        for sentence in filter(_EFFECT.search, _SENTENCE_END.split(text)):
            if kept and len(kept) + len(sentence) > _MAX_HAZARD:
                break
            kept = f"{kept} {sentence}".strip()
        if kept:
            return kept
    return None


def _remediations(tree: Any) -> Iterator[dict[str, Any]]:
    for vulnerability in as_list(as_dict(tree).get("vulnerabilities")):
        for each in map(as_dict, as_list(as_dict(vulnerability).get("remediations"))):
            kept = {
                "category": as_text(each.get("category")),
                "details": as_text(each.get("details")),
                "url": as_text(each.get("url")),
                "product_ids": [
                    text for found in as_list(each.get("product_ids")) if (text := as_text(found))
                ],
            }
            yield {key: value for key, value in kept.items() if value}


def _fix_available(tree: Any) -> bool | None:
    """Return False if the document only says that there is no fix, else None: not told."""
    categories = {each.get("category") for each in _remediations(tree)}
    return False if categories & _UNFIXED and "vendor_fix" not in categories else None


def _instructions(tree: Any) -> dict[str, list[str]]:
    """Return the remediations that are whole sentences, for the facility that runs the device."""
    texts = [
        " ".join(each["details"].split())
        for each in _remediations(tree)
        if each.get("category") in _INSTRUCTING and "details" in each
    ]
    sentences = [text for text in dict.fromkeys(texts) if text.endswith(".") and " " in text]
    return {"facility": sentences[:_MAX_INSTRUCTIONS]} if sentences else {}


def _information(tree: Any, document: dict[str, Any], tracking: dict[str, Any]) -> dict[str, Any]:
    distribution = as_dict(document.get("distribution"))
    notes = {
        as_text(note.get("title")): as_text(note.get("text"))
        for note in map(as_dict, as_list(document.get("notes")))
        if as_text(note.get("category")) in {"other", "details", "description"}
        and not is_own_note(note)
    }
    unique = {repr(each): each for each in _remediations(tree)}
    kept = {
        "format": f"CSAF {as_text(document.get('csaf_version')) or '2.0'}",
        "category": as_text(document.get("category")),
        "status": as_text(tracking.get("status")),
        "version": as_text(tracking.get("version")),
        "aliases": [text for each in as_list(tracking.get("aliases")) if (text := as_text(each))],
        "tlp": as_text(as_dict(distribution.get("tlp")).get("label")),
        "sharing_group": as_text(as_dict(distribution.get("sharing_group")).get("id")),
        "licence": as_text(document.get("license_expression")),
        "namespace": as_text(as_dict(document.get("publisher")).get("namespace")),
        "vulnerabilities": vulnerability_names(as_dict(tree)),
        "notes": {title: text for title, text in notes.items() if title and text},
        "remediations": list(unique.values()),
    }
    return {key: value for key, value in kept.items() if value}
