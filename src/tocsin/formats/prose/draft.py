"""From a document to drafted entries: the whole way, from text to entries with their spans."""

from dataclasses import dataclass, replace

from tocsin.formats.prose.announced import find_announcement
from tocsin.formats.prose.assembly import Assembly
from tocsin.formats.prose.clauses import split_clauses
from tocsin.formats.prose.day_forms import day_order_of
from tocsin.formats.prose.document import Document
from tocsin.formats.prose.entry_tree import build_entries
from tocsin.formats.prose.exclusions import exclude
from tocsin.formats.prose.finish import finish
from tocsin.formats.prose.head import Head, make_head, read_head
from tocsin.formats.prose.interpret import interpret
from tocsin.formats.prose.phrase import EITHER, LOT, SERIAL, SOFTWARE, Setting
from tocsin.formats.prose.readers import read_clause
from tocsin.formats.prose.relevance import is_about_scope, is_denying, is_denying_heading
from tocsin.formats.prose.said import Said, span_of
from tocsin.formats.prose.segments import split_products
from tocsin.formats.prose.statements import Statement, split_statements
from tocsin.formats.prose.table_rows import read_table
from tocsin.formats.prose.tokens import Tokens, read_tokens, text_of
from tocsin.notice.scope import Entry

_LONGEST_TITLE = 120
SHORT_TEXT = 14
"""Up to this many statements a text is all scope: nothing in it is passed over as mere prose."""


@dataclass(frozen=True, slots=True)
class DraftHints:
    """What is known of a text beside the text itself; where the text has head lines, they win.

    Attributes:
        firm: the manufacturer as spelt.
        product: the product's name or description, as long as it may be.
        issued_on: the day of the notice, as ISO text.
        day_order: how numeric dates are written (``mdy``, ``dmy``), if the source is known.
        distribution: where the devices went, in words; information for every entry.
        quantity: how many they are, in words; information for every entry.
    """

    firm: str | None = None
    product: str | None = None
    issued_on: str | None = None
    day_order: str | None = None
    distribution: str | None = None
    quantity: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeDraft:
    """What was drafted from a text.

    Attributes:
        head: firm, product and day.
        entries: drafted entries, unreviewed, with their spans.
        unread: text that bears on the scope and could not be read.
        passed_over: how many sentences say nothing about which devices are concerned.
    """

    head: Head
    entries: tuple[Entry, ...]
    unread: tuple[str, ...]
    passed_over: int


def draft_entries(text: str, hints: DraftHints | None = None) -> tuple[Entry, ...]:
    """Return the scope entries that a text states, all of them unreviewed.

    What could not be read stands in ``unread`` of an entry, so that it clears nobody.
    """
    return draft_scope(Document(text), hints).entries


def draft_scope(document: Document, hints: DraftHints | None = None) -> ScopeDraft:
    """Return the scope that a document states, with what could not be read of it."""
    hints = hints or DraftHints()
    said, body = read_head(document.text)
    head = make_head(
        said.get("firm") or hints.firm,
        said.get("product") or hints.product,
        said.get("date") or hints.issued_on,
        body,
    )
    if head.product is None and (title := _title_of(document, body)):
        head = replace(make_head(head.firm, title, head.issued_on, body), is_title=True)
    tokens = [
        token
        for start, end in document.prose(body)
        for token in read_tokens(document.text, start, end)
    ]
    order = hints.day_order or day_order_of(read_tokens(document.text))
    setting = head.setting(document.text, order)
    assembly = Assembly(head)
    for table in document.tables:
        denied_table = is_denying(_lines_before(document.text, table.start))
        for row in read_table(table, setting):
            row.denied = row.denied or denied_table
            assembly.affirm_row(row)
    statements = split_statements(tokens)
    is_short = len(statements) <= SHORT_TEXT and not document.tables
    passed_over = 0
    open_kind: str | None = None
    denied: int | None = None
    for place, statement in enumerate(statements):
        if denied is not None and (statement.announces or statement.block > denied):
            denied = None
        if is_denying_heading(statement):
            # The list stands in the heading's paragraph, or makes up the next one.
            denied = statements[place + 1].block if place + 1 < len(statements) else None
            continue
        listed = _take_statement(
            statement, assembly, setting, open_kind, is_short=is_short, denying=denied is not None
        )
        passed_over += listed is None
        open_kind = next(iter(listed or ()), None) or _announced_kind(statement)
    if not assembly.drafts:
        _take_whole(assembly, document, body)
    for what, told in (("distribution", hints.distribution), ("quantity", hints.quantity)):
        for draft in assembly.drafts if told else ():
            draft.information.append((what, str(told)))
    entries = build_entries(finish(assembly, setting))
    return ScopeDraft(head, entries, tuple(dict.fromkeys(assembly.doubts)), passed_over)


def _take_statement(
    statement: Statement,
    assembly: Assembly,
    setting: Setting,
    open_kind: str | None,
    *,
    is_short: bool,
    denying: bool,
) -> list[str] | None:
    """Take a statement into the assembly.

    Returns:
        The kinds of numbers that it lists; None if it does not bear on the scope.
    """
    listed: list[str] | None = None
    limit: str | None = None
    for clause in split_clauses(statement.tokens):
        excludes = clause.excludes or denying
        whole = read_clause(clause.tokens, setting, excludes=excludes)
        parts = split_products(whole, setting)
        for part in parts:
            reading = whole if len(parts) == 1 else read_clause(part, setting, excludes=excludes)
            kind = limit if clause.leans else open_kind
            said = interpret(reading, setting, excludes=excludes, open_kind=kind)
            if len(parts) > 1 and said.has_product and not said.has_constraint and not said.every:
                said.unread.append(text_of(setting.text, clause.tokens))
            limit = _limit_of(said)
            if not is_about_scope(clause, said, is_short=is_short):
                continue
            listed = [*(listed or []), *said.numbers]
            if excludes:
                exclude(assembly, said)
            else:
                assembly.affirm(said)
    return listed


def _limit_of(said: Said) -> str | None:
    """Return the one kind of constraint of a clause, which `except` may go on with."""
    kinds = (said.kinds() | said.every) & {SOFTWARE, LOT, SERIAL, EITHER}
    return next(iter(kinds)) if len(kinds) == 1 else None


def _announced_kind(statement: Statement) -> str | None:
    """Return the kind of numbers that a heading announces for the statements after it."""
    if not statement.announces:
        return None
    for at in range(len(statement.tokens)):
        found = find_announcement(statement.tokens, at)
        if found and found.kinds & {LOT, SERIAL}:
            return EITHER if found.kinds >= {LOT, SERIAL} else min(found.kinds & {LOT, SERIAL})
    return None


def _lines_before(text: str, end: int) -> Tokens:
    """Return the last line with words before a place, as tokens."""
    before = text[max(0, end - 400) : end].rstrip()
    start = before.rfind("\n") + 1
    return read_tokens(before[start:])


def _title_of(document: Document, body: int) -> str | None:
    """Return what a document calls itself, if it says more than its scope."""
    lines = document.text[body:].strip().split("\n", 2)
    if document.title:
        return document.title
    first = " ".join(lines[0].split())
    if len(lines) < 3 or len(first) > _LONGEST_TITLE or any(char.isdecimal() for char in first):
        return None
    return first.strip(" .:*#-") or None


def _take_whole(assembly: Assembly, document: Document, body: int) -> None:
    """Keep the whole text unread where nothing in it could be read as a scope."""
    whole = " ".join(document.text[body:].split())[:2000]
    said = Said(unread=[whole or "the document does not say which units are concerned"])
    if body < len(document.text):
        said.spans = [span_of(document.text, body, len(document.text), "unread")]
    draft = assembly.head_draft()
    draft.take(said)
    if draft.codes or draft.names or draft.dis:
        assembly.drafts.append(draft)
