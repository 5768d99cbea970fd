"""The last steps of a draft: facts, versions that a remedy names, and all that stays in doubt."""

from dataclasses import replace

from tocsin.base.truth import Truth
from tocsin.formats.prose.assembly import Assembly, covers
from tocsin.formats.prose.draft_entry import DraftEntry
from tocsin.formats.prose.facts import contrast, question_of
from tocsin.formats.prose.lexicon import known_words
from tocsin.formats.prose.names import members_of
from tocsin.formats.prose.phrase import Setting
from tocsin.identify.model_number import model_number
from tocsin.identify.version import UnreadableVersion, parse_version, satisfies


def finish(assembly: Assembly, setting: Setting) -> list[DraftEntry]:
    """Return all entries of a draft, the doubtful ones last."""
    for draft in [*assembly.drafts, *assembly.beyond, *assembly.exclusions]:
        _settle_facts(draft)
    for draft in assembly.drafts:
        draft.unread += [text for text in assembly.loose if text not in draft.unread]
    _fold_summaries(assembly, setting)
    _name_nameless(assembly)
    _apply_head(assembly)
    _apply_fix(assembly)
    uncovered = _uncovered(assembly)
    doubtful = _doubtful(assembly)
    return [*assembly.drafts, *assembly.exclusions, *assembly.beyond, *uncovered, *doubtful]


def _fold_summaries(assembly: Assembly, setting: Setting) -> None:
    """Fold a bare mention of products into the entries that tell the same products exactly.

    "The recalled pumps are the MiniMed 508 and the Paradigm series" beside a table of models
    and versions only sums up the table. Where the table may leave out some of what the
    sentence names, the sentence stays, unread.
    """
    limited = [draft for draft in assembly.drafts if draft.has_constraint]
    told = frozenset(m for draft in limited for m in _members(draft, setting))
    folded: set[int] = set()
    for place, draft in enumerate(assembly.drafts):
        if draft.has_constraint or set(draft.unread) - set(assembly.loose) or draft.dis:
            continue
        meant = _members(draft, setting)
        if meant and meant <= told:
            folded.add(place)
            limited[0].spans += draft.spans
        elif not meant.isdisjoint(told):
            draft.unread.append("said in general; other statements limit some of these products")
    assembly.drafts[:] = [
        draft for place, draft in enumerate(assembly.drafts) if place not in folded
    ]


def _members(draft: DraftEntry, setting: Setting) -> frozenset[str]:
    found = [members_of(text, setting) for text in (*draft.codes, *draft.names)]
    return frozenset().union(*found) if found and all(found) else frozenset()


def _settle_facts(draft: DraftEntry) -> None:
    known = known_words().facts
    for words in draft.qualities:
        if words[0] in known and len(words) == 2:
            name, value = words
            others = [other[1] for other in draft.opposites if other[0] == name]
            _add_fact(draft, name, value, others, question_of(name))
            continue
        against = [found for other in draft.opposites if (found := contrast(words, other))]
        if against:
            name, value, _ = against[0]
            _add_fact(draft, name, value, [found[2] for found in against], None)
        elif len(words) > 2:
            _add_fact(draft, "_".join(words[-2:]), " ".join(words[:-2]), [], None)
        else:
            _add_fact(draft, words[-1], words[0], [], None)


def _add_fact(draft: DraftEntry, name: str, value: str, others: list[str], ask: str | None) -> None:
    fact = draft.facts.setdefault(name, {"any_of": []})
    fact["any_of"] += [value] * (value not in fact["any_of"])
    known = list(dict.fromkeys([*fact.get("values", ()), *fact["any_of"], *others]))
    if len(known) > 1 and (others or "values" in fact):
        fact["values"] = known  # else nobody said which other values there are
    asked = " or ".join(known if len(known) > 1 else [f"{known[0]}, or something else"])
    fact["ask"] = ask or f"What is the {name.replace('_', ' ')}: {asked}?"


def _name_nameless(assembly: Assembly) -> None:
    """Give entries without a product all products of the others, unread: it may be any."""
    drafts = [*assembly.drafts, *assembly.exclusions]
    named = [draft for draft in drafts if draft.codes or draft.names or draft.dis]
    nameless = [draft for draft in drafts if not (draft.codes or draft.names or draft.dis)]
    for draft in nameless:
        if named:
            draft.names = [text for each in named for text in (*each.names, *each.codes)]
            draft.dis = [di for each in named for di in each.dis]
            draft.unread.append("of which product this is said")


def _apply_head(assembly: Assembly) -> None:
    """Give what the head says in brackets to the entries of the head's product."""
    head = assembly.head
    for draft in assembly.drafts:
        for name, value in head.facts.items():
            if name not in draft.facts:
                _add_fact(draft, name, value, [], question_of(name))
        if draft.is_head and head.is_title:
            draft.unread.append("Product: taken from the document's title")
        if draft.is_head and head.told:
            if draft.numbers:
                draft.information += [("product", told) for told in head.told]
            else:
                draft.unread += [f"Product: ({told})" for told in head.told]


def _apply_fix(assembly: Assembly) -> None:
    """Write the version that a remedy names, where it surely lies above what is affected."""
    versions = {part.at_least or part.equal for part in assembly.fixed} - {None}
    limited = [draft for draft in assembly.drafts if draft.software]
    if len(versions) != 1 or len(limited) != 1:
        return
    fixed = str(versions.pop())
    parts = limited[0].software
    if all(part.equal and _is_below(part.equal, fixed) for part in parts):
        limited[0].software = [replace(part, below=fixed) for part in parts]


def _is_below(version: str, fixed: str) -> bool:
    try:
        return satisfies(parse_version(version), "<", parse_version(fixed)) is Truth.TRUE
    except UnreadableVersion:
        return False


def _uncovered(assembly: Assembly) -> list[DraftEntry]:
    """Return doubtful entries for what the head names and the text says nothing of."""
    drafts, head = assembly.drafts, assembly.head
    if any(draft.is_head for draft in drafts) or not drafts:
        return []
    listed = {model_number(code.upper()).squeezed for draft in drafts for code in draft.codes}
    found = []
    for code in head.mentioned:
        squeezed = model_number(code.upper()).squeezed
        if not any(squeezed in each for each in listed) and not covers(drafts, code):
            why = f"Product: {code}; the text says nothing of it"
            found.append(DraftEntry(codes=[code], unread=[why]))
    if all(not draft.codes for draft in drafts):
        found += [
            DraftEntry(names=[name], unread=[f"Product: {name}; the text says nothing of it"])
            for name in head.alternatives
            if not covers(drafts, name) and name not in head.mentioned
        ]
    return found


def _doubtful(assembly: Assembly) -> list[DraftEntry]:
    """Return an entry that holds back every verdict of `not affected` while text is unread."""
    if not assembly.doubts:
        return []
    draft = DraftEntry(unread=list(dict.fromkeys(assembly.doubts)), spans=assembly.doubt_spans)
    head = assembly.head
    draft.names = [head.product or assembly.doubts[0][:200]]
    for each in assembly.drafts:
        draft.names += [name for name in (*each.names, *each.codes) if name not in draft.names]
        draft.dis += [di for di in each.dis if di not in draft.dis]
    return [draft]
