"""The frame of a CSAF document that we write: publisher, distribution, tracking, references."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

from tocsin.formats.csaf.tree import as_dict, as_list, as_text
from tocsin.notice.model import Notice

CsafVersion = Literal["2.0", "2.1"]
TlpLabel = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]

_TLP_LABELS: tuple[TlpLabel, ...] = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
# CSAF 2.0 knows TLP 1: what is not there becomes the next stricter label.
_TLP_1 = {"CLEAR": "WHITE", "AMBER+STRICT": "RED"}
_CATEGORIES = {
    "manufacturer": "vendor",
    "marketing-authorisation-holder": "vendor",
    "coordinator": "coordinator",
    "payer": "user",
}
_URI = re.compile(
    r"https?://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%\-]*)?"
)
_URN = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9\-]{1,31}:[A-Za-z0-9._~:@!$&'()*+,;=%/\-]+")
_MAX_LISTED = 500
_SUMMARY = re.compile(r"Revision ([0-9]{1,12}) of the notice\.")


@dataclass(frozen=True)
class Publication:
    """What a publisher decides about a document beside the notice.

    Attributes:
        namespace: a web address (or URN) that the publisher controls; a made-up URN of the
            publisher's name if not given.
        tlp: the Traffic Light Protocol 2 label; what the notice says, else ``CLEAR`` for
            a released notice and ``AMBER`` for a draft.
        released_on: day of release per revision, as far as known.
    """

    namespace: str | None = None
    tlp: TlpLabel | None = None
    released_on: Mapping[int, date] = field(default_factory=dict)


def is_uri(text: str) -> bool:
    """Whether a text is a web address or URN as every validator takes it."""
    return bool(_URI.fullmatch(text) or _URN.fullmatch(text)) and not re.search(
        r"%(?![0-9A-Fa-f]{2})|#.*#", text
    )


def read_tlp(text: str | None) -> TlpLabel | None:
    """Return the TLP 2 label that a text names, that of TLP 1 among them; else None."""
    label = (text or "").upper().removeprefix("TLP:").strip()
    label = {"WHITE": "CLEAR"}.get(label, label)
    return next((known for known in _TLP_LABELS if known == label), None)


def read_publication(tree: Any) -> Publication:
    """Return how a CSAF document was published."""
    document = as_dict(as_dict(tree).get("document"))
    tlp = as_dict(as_dict(document.get("distribution")).get("tlp")).get("label")
    released_on = {}
    for step in map(as_dict, as_list(as_dict(document.get("tracking")).get("revision_history"))):
        revision = _SUMMARY.fullmatch(as_text(step.get("summary")) or "")
        try:
            day = date.fromisoformat((as_text(step.get("date")) or "")[:10])
        except ValueError:
            continue
        if revision:
            released_on[int(revision[1])] = day
    return Publication(
        as_text(as_dict(document.get("publisher")).get("namespace")),
        read_tlp(as_text(tlp)),
        released_on,
    )


def written_frame(
    notice: Notice, csaf_version: CsafVersion, publication: Publication
) -> dict[str, Any]:
    """Return the ``document`` object without category and notes."""
    document: dict[str, Any] = {
        "csaf_version": csaf_version,
        "distribution": {"tlp": {"label": _tlp(notice, csaf_version, publication)}},
        "publisher": _publisher(notice, publication),
        "title": notice.title,
        "tracking": _tracking(notice, publication),
    }
    if references := list(_references(notice)):
        document["references"] = references
    return document


def _tlp(notice: Notice, csaf_version: CsafVersion, publication: Publication) -> str:
    told = notice.information.get("tlp")
    label = publication.tlp or read_tlp(told if isinstance(told, str) else None)
    if label is None:
        label = "CLEAR" if notice.approval.state in {"released", "withdrawn"} else "AMBER"
    return _TLP_1.get(label, label) if csaf_version == "2.0" else label


def _publisher(notice: Notice, publication: Publication) -> dict[str, str]:
    issuer = notice.issuers[0]
    told = notice.information.get("namespace")
    known = [text for text in (publication.namespace, told) if isinstance(text, str)]
    made_up = f"urn:tocsin:publisher:{quote(issuer.name.lower(), safe='')}"
    return {
        "category": _CATEGORIES.get(issuer.role, "other"),
        "name": issuer.name,
        "namespace": next(filter(is_uri, known), made_up),
    }


def _tracking(notice: Notice, publication: Publication) -> dict[str, Any]:
    known = dict(publication.released_on)
    own_days = [notice.issued_on, notice.approval.on, notice.source.checked_on]
    first = known.get(1) or next(day for day in own_days if day)
    last = known.get(notice.revision) or notice.approval.on or first
    # A history of a million revisions would be valid and useless: then minor versions count.
    minor = notice.revision > _MAX_LISTED
    listed = [1, notice.revision] if minor else range(1, notice.revision + 1)
    history: list[dict[str, str]] = []
    day = first
    for revision in listed:
        day = max(day, last if revision == notice.revision else known.get(revision, day))
        history.append(
            {
                "date": f"{day.isoformat()}T00:00:00Z",
                "number": f"1.{len(history)}.0" if minor else str(revision),
                "summary": f"Revision {revision} of the notice.",
            }
        )
    return {
        "current_release_date": history[-1]["date"],
        "generator": {"engine": {"name": "Tocsin"}},
        "id": notice.notice,
        "initial_release_date": history[0]["date"],
        "revision_history": history,
        "status": "final" if notice.approval.state in {"released", "withdrawn"} else "draft",
        "version": history[-1]["number"],
    }


def _references(notice: Notice) -> Iterator[dict[str, str]]:
    source = notice.source
    if source.url and is_uri(source.url):
        yield {"category": "external", "summary": source.document or source.url, "url": source.url}
    for link in notice.links:
        if link.url and is_uri(link.url):
            summary = f"{link.relation}: {link.notice}"
            yield {"category": "external", "summary": summary, "url": link.url}
