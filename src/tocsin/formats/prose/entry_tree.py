"""From drafted entries to entries of a scope."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from tocsin.formats.prose.draft_entry import DraftEntry, listed_name
from tocsin.formats.prose.number_lists import NumberList
from tocsin.notice.scope import Entry

_MAX_TEXT = 4000
_NAME = re.compile(r"[^A-Za-z0-9]+")


def build_entries(drafts: Iterable[DraftEntry]) -> tuple[Entry, ...]:
    """Return the entries that drafts come to, unreviewed, each with a name of its own."""
    built: list[Entry] = []
    names: set[str] = set()
    for draft in drafts:
        for variant in draft.variants():
            tree = _tree(variant)
            if tree is None or any(_same(tree, entry) for entry in built):
                continue
            tree["entry"] = _new_name(variant, names)
            built.append(_validated(tree))
    return tuple(built)


def _same(tree: dict[str, Any], entry: Entry) -> bool:
    known = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    skipped = {"entry", "spans"}
    return {k: v for k, v in tree.items() if k not in skipped} == {
        k: v for k, v in known.items() if k not in skipped
    }


def _validated(tree: dict[str, Any]) -> Entry:
    """Return the entry; what its types refuse becomes text to read, never an error."""
    try:
        return Entry.model_validate(tree)
    except ValidationError as error:
        why = f"{error.errors()[0]['msg']}"
        kept = {key: tree[key] for key in ("entry", "affects", "excludes", "spans") if key in tree}
        unread = [
            *tree.get("unread", []),
            f"could not be written as constraints: {why}"[:_MAX_TEXT],
        ]
        return Entry.model_validate(kept | {"reviewed": False, "unread": unread})


def _tree(draft: DraftEntry) -> dict[str, Any] | None:
    product = _product(draft)
    if product is None:
        return None
    tree: dict[str, Any] = {"excludes" if draft.excludes else "affects": product}
    unread = list(draft.unread)
    if draft.software:
        parts = [part.bounds() for part in draft.software]
        tree["software"] = {"any_of": list({str(p): p for p in parts}.values())}
    for kind, read in draft.numbers.items():
        tree[listed_name(kind)] = _numbers(read)
    for day in draft.days:
        tree.setdefault(day.column, []).append(day.interval)
    if draft.facts:
        tree["facts"] = draft.facts
    if draft.only_in:
        tree["countries"] = {"only": list(dict.fromkeys(draft.only_in))}
    elif draft.other_than:
        tree["countries"] = {"other_than": list(dict.fromkeys(draft.other_than))}
    if draft.withheld:
        tree["withheld"] = draft.withheld[:_MAX_TEXT]
    if unread:
        tree["unread"] = [text[:_MAX_TEXT] for text in dict.fromkeys(unread)]
    tree["reviewed"] = False
    if information := _information(draft):
        tree["information"] = information
    tree["spans"] = [span.model_dump() for span in dict.fromkeys(draft.spans)]
    return tree


def _product(draft: DraftEntry) -> dict[str, Any] | None:
    product: dict[str, Any] = {}
    if draft.codes:
        product["models"] = list(dict.fromkeys(draft.codes))
    if draft.names and not draft.codes:
        product["names"] = list(dict.fromkeys(draft.names))
    if draft.dis:
        product["dis"] = list(dict.fromkeys(draft.dis))
    if not product:
        return None
    if draft.dis_unread:
        product["dis_unread"] = list(dict.fromkeys(draft.dis_unread))
    return product


def _numbers(read: NumberList) -> dict[str, Any]:
    """Return a list as an entry writes it; it has no place for open ends, so they are unread."""
    tree: dict[str, Any] = {}
    if read.any_of:
        tree["any_of"] = list(dict.fromkeys(read.any_of))
    if read.prefixes:
        tree["prefixes"] = list(dict.fromkeys(read.prefixes))
    if read.ranges:
        tree["ranges"] = [{"first": a, "last": b} for a, b in dict.fromkeys(read.ranges)]
    unread = [*read.unread, *(f"{bound} {number}" for bound, number in read.bounds)]
    if unread:
        tree["unread"] = "; ".join(dict.fromkeys(unread))[:_MAX_TEXT]
    return tree


def _information(draft: DraftEntry) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for what, text in draft.information:
        known = told.setdefault(what, [])
        if text not in known:
            known.append(text)
    return {what: texts[0] if len(texts) == 1 else texts for what, texts in told.items()}


def _new_name(draft: DraftEntry, names: set[str]) -> str:
    """Return a name that no entry bears yet, after the entry's first product."""
    first = next(iter((*draft.codes, *draft.names, *draft.dis)), "entry")
    stem = _NAME.sub("-", first.lower()).strip("-")[:40].strip("-") or "entry"
    stem = f"not-{stem}" if draft.excludes else stem
    name, count = stem, 1
    while name in names:
        count += 1
        name = f"{stem}-{count}"
    names.add(name)
    return name
