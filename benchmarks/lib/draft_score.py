"""Drafts of notices against their probes: what was read as labelled, left open, or wrong."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocsin.formats.prose.draft import DraftHints, ScopeDraft, draft_scope
from tocsin.formats.prose.text_tables import read_plain_document
from tocsin.match.engines.reference import match_records
from tocsin.notice.model import Notice
from tocsin.registry.record import read_record

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
    "made": "made_on",
    "manufactured": "made_on",
    "expires": "expires_on",
    "country": "country",
}
VERDICTS = {
    "affected": "affected",
    "not_affected": "not_affected",
    "unresolved": "cannot_tell",
}
FULLY, PARTLY, WRONGLY = "fully", "partly", "wrongly"


@dataclass
class NoticeScore:
    """How the draft of one notice answers its probes."""

    notice: str
    forms: tuple[str, ...]
    right: int = 0
    open: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    cleared_unreviewed: int = 0
    unread: int = 0

    @property
    def read(self) -> str:
        """Return whether it was read fully, partly or wrongly."""
        if self.wrong:
            return WRONGLY
        return PARTLY if self.unread or self.open else FULLY


def read_corpus_notices(corpus: Path) -> list[dict[str, Any]]:
    """Return the notices of the corpus with their probes."""
    text = (corpus / "notices" / "real_pump_notices.json").read_text("utf-8")
    return list(json.loads(text)["notices"])


def file_text(notice: Mapping[str, Any]) -> str:
    """Return a notice of the corpus as the file that a person would draft from."""
    head = [f"Firm: {notice['firm']}", f"Product: {notice['product']}"]
    if notice.get("initiated"):
        head.append(f"Date: {notice['initiated']}")
    return "\n".join([*head, "", notice["scope_text"], ""])


def notice_of(scope: ScopeDraft) -> Notice | None:
    """Return a drafted scope as a notice; None if it has no entry that affects."""
    if all(entry.affects is None for entry in scope.entries):
        return None
    firm = scope.head.firm
    issuer = {"name": firm or "nobody", "role": "manufacturer" if firm else "coordinator"}
    return Notice.model_validate(
        {
            "notice": "draft",
            "kind": "recall",
            "title": "draft",
            "issuers": [issuer],
            "scope": scope.entries,
            "source": {"document": "draft", "checked_on": "2026-11-20"},
        }
    )


def verdict_of(notice: Notice, row: Mapping[str, str | None], *, as_if_reviewed: bool) -> str:
    """Return the verdict on one record."""
    record = read_record({"device_id": "probe", **row})
    (found,) = match_records([notice], [record], as_if_reviewed=as_if_reviewed)
    return found.verdict.value


def row_of(unit: Mapping[str, Any], firm: str) -> dict[str, Any]:
    """Return the registry row of a probe; what no column holds is a fact."""
    named = {COLUMNS.get(key, f"fact.{key}"): value for key, value in unit.items()}
    return {"manufacturer": firm, **named}


def score_notice(
    name: str,
    text: str,
    probes: Sequence[tuple[Mapping[str, Any], str]],
    forms: Iterable[str] = (),
) -> NoticeScore:
    """Return how the draft of a text answers probes, given as registry row and verdict."""
    scope = draft_scope(read_plain_document(text))
    notice = notice_of(scope)
    score = NoticeScore(name, tuple(forms))
    score.unread = sum(bool(entry.unread or entry.withheld) for entry in scope.entries)
    for row, expected in probes:
        found = (
            verdict_of(notice, row, as_if_reviewed=True) if notice is not None else "cannot_tell"
        )
        shown = f"{name}: {dict(row)} is {found}, not {expected}"
        if found == expected:
            score.right += 1
        elif found == "cannot_tell":
            score.open.append(shown)
        else:
            score.wrong.append(shown)
        if notice and verdict_of(notice, row, as_if_reviewed=False) == "not_affected":
            score.cleared_unreviewed += 1
    return score


def score_corpus(corpus: Path) -> list[NoticeScore]:
    """Return the score of every notice of the corpus; probes without a label do not count."""
    scores = []
    for notice in read_corpus_notices(corpus):
        probes = [
            (row_of(probe["unit"], notice["firm"]), VERDICTS[probe["expect"]])
            for probe in notice["probes"]
            if probe["expect"] is not None
        ]
        scores.append(score_notice(notice["id"], file_text(notice), probes, notice["scope_forms"]))
    return scores


def count_forms(scores: Iterable[NoticeScore]) -> dict[str, Counter[str]]:
    """Return per scope form how many notices are read fully, partly and wrongly."""
    forms: dict[str, Counter[str]] = {}
    for score in scores:
        for form in score.forms:
            forms.setdefault(form, Counter())[score.read] += 1
    return forms


def draft_enforcement_records(corpus: Path) -> list[ScopeDraft]:
    """Return a draft of each openFDA enforcement record of the corpus."""
    path = corpus / "openfda" / "device_enforcement.json"
    return [
        draft_scope(
            read_plain_document(record["code_info"]),
            DraftHints(
                firm=record["recalling_firm"],
                product=record["product_description"],
                day_order="mdy",
            ),
        )
        for record in json.loads(path.read_text("utf-8"))
    ]


def draft_advisory_notes(corpus: Path) -> list[ScopeDraft]:
    """Return a draft of the prose of each CSAF advisory of the corpus."""
    drafts = []
    for path in sorted((corpus / "csaf" / "icsma").glob("*.json")):
        document = json.loads(path.read_text("utf-8"))["document"]
        prose = "\n\n".join(note["text"] for note in document.get("notes", ()))
        drafts.append(
            draft_scope(read_plain_document(prose), DraftHints(product=document["title"]))
        )
    return drafts


def read_of(scope: ScopeDraft) -> str:
    """Return whether a scope without probes was read fully or partly."""
    if not scope.entries or any(e.unread or e.withheld for e in scope.entries):
        return PARTLY
    return FULLY
