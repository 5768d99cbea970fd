"""What a text says is not concerned, as entries that exclude; never more than it surely says."""

from dataclasses import replace

from tocsin.formats.prose.assembly import Assembly, without_stems
from tocsin.formats.prose.draft_entry import DraftEntry
from tocsin.formats.prose.facts import contrast
from tocsin.formats.prose.lexicon import known_words
from tocsin.formats.prose.number_lists import NumberList
from tocsin.formats.prose.said import HARD, Said
from tocsin.identify.numbering import parse_numbering


def exclude(assembly: Assembly, said: Said) -> None:
    """Take what a clause says is not concerned."""
    if _is_rest(said):
        _inform(assembly, said)
        return
    if said.information and _says_nothing_else(said):
        _inform(assembly, said)
        return
    if said.unread or said.narrows:
        _exclude_openly(assembly, said)
        return
    told = bool(said.facts)
    said.facts = [words for words in said.facts if not _opposes(assembly, words)]
    told = told and not said.facts
    redundant = [kind for kind, read in said.numbers.items() if _lies_beyond(assembly, kind, read)]
    for kind in redundant:
        _inform(assembly, said)
        del said.numbers[kind]
    limits = said.has_constraint or bool(said.not_in)
    if not (said.has_product or limits) and (told or redundant):
        return
    for draft in _products_of(assembly, said):
        draft.take(said)
        draft.only_in, draft.other_than = list(said.only_in), list(said.not_in)
        draft.qualities = list(said.facts)
        draft.days = [replace(day, manner=HARD) for day in draft.days]
        if not (said.has_product or limits):
            draft.unread = ["what is excluded is not said"]
        assembly.exclusions.append(draft)


def _says_nothing_else(said: Said) -> bool:
    limits = said.has_product or said.has_constraint or said.not_in
    return not (limits or said.unread or said.narrows or said.every or said.head)


def _exclude_openly(assembly: Assembly, said: Said) -> None:
    """Keep open whether devices in scope are excluded, where the exclusion is not surely read."""
    for draft in _products_of(assembly, Said()):
        draft.unread = [*said.unread, *said.narrows]
        draft.spans = list(said.spans)
        assembly.exclusions.append(draft)


def _is_rest(said: Said) -> bool:
    """Whether a clause only says that whatever was not named is not concerned."""
    return bool(said.rest) and not (said.has_product or said.has_constraint)


def _inform(assembly: Assembly, said: Said) -> None:
    for draft in assembly.context or assembly.drafts:
        draft.information += said.information
        draft.information += [("not_affected", span.text) for span in said.spans]
        draft.spans += said.spans


def _opposes(assembly: Assembly, words: tuple[str, ...]) -> bool:
    """Whether a quality only is the opposite of one that an entry asks for."""
    known = known_words().facts
    found = False
    for draft in [*assembly.drafts, *assembly.beyond]:
        for own in draft.qualities:
            same_fact = own[0] in known and own[0] == words[0] and own != words
            if same_fact or contrast(own, words):
                draft.opposites.append(words)
                found = True
    return found


def _lies_beyond(assembly: Assembly, kind: str, read: NumberList) -> bool:
    """Whether an open end begins only where all that is listed ends, so that it says no more."""
    if not read.bounds or read.any_of or read.ranges or read.prefixes or read.unread:
        return False
    listed = [draft.numbers[kind] for draft in assembly.drafts if kind in draft.numbers]
    if not listed or any(each.any_of or each.prefixes or each.bounds for each in listed):
        return False
    return all(
        _is_beyond(bound, number, first, last)
        for bound, number in read.bounds
        for each in listed
        for first, last in each.ranges
    )


def _is_beyond(bound: str, number: str, first: str, last: str) -> bool:
    low, high, at = parse_numbering(first), parse_numbering(last), parse_numbering(number)
    if at.prefix != low.prefix or at.width != low.width or low.width != high.width or not at.width:
        return False
    if bound.endswith("from"):
        return at.counter > high.counter or (bound != "from" and at.counter == high.counter)
    return at.counter < low.counter or (bound != "to" and at.counter == low.counter)


def _products_of(assembly: Assembly, said: Said) -> list[DraftEntry]:
    """Return excluding entries of the products that a clause names, or of all in force."""
    if said.codes:
        return [DraftEntry(excludes=True, codes=without_stems(said.codes), dis=said.dis)]
    if said.names and not (said.head and said.has_constraint):
        return [DraftEntry(excludes=True, names=said.names, dis=said.dis)]
    found: list[DraftEntry] = []
    for each in assembly.drafts or [assembly.head_draft()]:
        names = [] if each.codes else list(each.names)
        draft = DraftEntry(excludes=True, codes=list(each.codes), names=names, dis=list(each.dis))
        if draft not in found:
            found.append(draft)
    return found
