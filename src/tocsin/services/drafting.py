"""A draft of a notice from free text: read, written down, and said in sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from tocsin.base.errors import NoticeUnreadable, OutputRefused
from tocsin.base.provenance import Source
from tocsin.formats.notice_file import write_notice
from tocsin.formats.prose.document import Document
from tocsin.formats.prose.draft import DraftHints, ScopeDraft, draft_scope
from tocsin.formats.prose.source import read_document
from tocsin.formats.whole_file import write_text_whole
from tocsin.notice.describe import describe_entry, describe_open_points
from tocsin.notice.model import Issuer, Kind, Notice

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("discontinuation", r"\bdiscontinu|\bout of production\b|\bend of (?:life|sale)"),
    ("security-advisory", r"\bsecurity advisory\b|\bvulnerabilit|\bcve-\d"),
    ("removal", r"\bmarket removal\b|\bremoval\b"),
    ("recall", r"\brecall|\brückruf|\brappel de|\bretirada\b|\bterugroep|\båterkall"),
    ("correction", r"\bcorrection\b|\bfield (?:safety )?corrective\b|\bkorrektur"),
)
_UNFIT = re.compile(r"[^A-Za-z0-9._:()-]+")
_NOBODY = "not stated in the document"


@dataclass(frozen=True)
class NoticeDraft:
    """A drafted notice and what was read of the document.

    Attributes:
        notice: the notice, all its entries unreviewed.
        scope: what was read, and what was not.
        text: the document's text, into which spans point.
    """

    notice: Notice
    scope: ScopeDraft
    text: str


def draft_notice(
    path: Path, hints: DraftHints | None = None, today: date | None = None
) -> NoticeDraft:
    """Return a draft of the notice that a text, HTML or PDF file states.

    ``today`` is written as the day on which the document was read; the clock's by default.

    Raises:
        NoticeUnreadable: if the file cannot be read, or names no product.
    """
    document = read_document(path)
    scope = draft_scope(document, hints)
    if not scope.entries or all(entry.affects is None for entry in scope.entries):
        raise NoticeUnreadable(
            f"No product was found in {path}. Nothing was written. Begin the file with a line "
            "`Product: ...` (and `Firm: ...`), or give --product and --firm."
        )
    notice = Notice(
        notice=_notice_id(path),
        kind=_kind_of(document),
        title=(scope.head.product or document.title or path.stem)[:300],
        issuers=(_issuer(scope),),
        issued_on=date.fromisoformat(scope.head.issued_on) if scope.head.issued_on else None,
        scope=scope.entries,
        information={"drafted_from": path.name, "sentences_passed_over": scope.passed_over},
        source=Source(document=path.name, checked_on=today or datetime.now(UTC).date()),
    )
    return NoticeDraft(notice, scope, document.text)


def write_draft(draft: NoticeDraft, out: Path) -> None:
    """Write a draft as YAML; the file appears whole or not at all.

    Raises:
        OutputRefused: if a file of that name is there already, or the folder is missing.
    """
    if out.exists():
        raise OutputRefused(
            f"{out} is there already. Nothing was written, so that no confirmed entry is lost. "
            "Choose another name for --out, or delete the file."
        )
    if not out.parent.is_dir():
        raise OutputRefused(f"The folder {out.parent} does not exist. Nothing was written.")
    write_text_whole(out, write_notice(draft.notice))


def explain_draft(draft: NoticeDraft) -> Iterator[str]:
    """Yield what was read, entry by entry, and what was not, in sentences."""
    head = draft.scope.head
    yield (
        f"Entries mean products of {head.firm}."
        if head.firm
        else "The document names no firm in a line `Firm: ...`: no other maker's device is cleared."
    )
    for entry in draft.notice.scope:
        word = "affects" if entry.affects else "excludes"
        yield f"Entry {entry.entry} {word} {describe_entry(entry)}."
        for span in entry.spans:
            if span.read_as != "unread":
                yield f'  "{_short(span.text)}" was read as {_short(span.read_as)}.'
        yield from (
            f"  Not read: {_short(point)}."
            for point in describe_open_points(entry)
            if "confirmed" not in point
        )
        if told := ", ".join(sorted(entry.information)):
            yield f"  For information only, clears nobody: {told}."
    if draft.scope.passed_over:
        yield (
            f"{draft.scope.passed_over} sentences say nothing about which devices are concerned "
            "and were passed over."
        )
    yield (
        f"{len(draft.notice.scope)} entries were drafted, none of them reviewed: until somebody "
        "compares each with the document and sets `reviewed: true`, no record is not_affected."
    )


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:157]}..."


def _notice_id(path: Path) -> str:
    fit = _UNFIT.sub("-", path.stem).strip("-.:_()")[:100]
    return fit if fit and fit[0].isalnum() else f"draft-{fit}".rstrip("-")


def _issuer(scope: ScopeDraft) -> Issuer:
    if scope.head.firm:
        return Issuer(name=scope.head.firm, role="manufacturer")
    return Issuer(name=_NOBODY, role="coordinator")


def _kind_of(document: Document) -> Kind:
    text = f"{document.title or ''}\n{document.text}"[:200_000].lower()
    counts: Sequence[tuple[int, Kind]] = [
        (len(re.findall(pattern, text)), kind) for kind, pattern in _KINDS
    ]
    most, kind = max(counts, key=lambda pair: pair[0])
    return kind if most else "safety-alert"
