"""What stands against a letter's text before it can be reviewed; pure, most important first."""

from collections.abc import Collection

from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import Callout
from tocsin.outreach.letter_checklists import open_items
from tocsin.outreach.letter_fields import letter_fields
from tocsin.outreach.letter_wording import find_forbidden
from tocsin.outreach.readability import read_hardness
from tocsin.outreach.short_texts import MOST_PARTS, count_parts, longest_beside


def find_faults(text: LetterText, ticked: Collection[str]) -> list[str]:
    """Return one sentence per fault of a text; none if it can be reviewed.

    Args:
        text: the letter.
        ticked: items of its checklists that a person has ticked for this very text.
    """
    faults = []
    first = text.blocks[0]
    if text.audience == "patient" and not (
        isinstance(first, Callout) and first.urgency == "emergency"
    ):
        faults.append("A letter to patients begins with what to do in an emergency.")
    if unknown := sorted(text.fields() - set(letter_fields())):
        faults.append(f"Nothing ever fills the fields {', '.join(unknown)}.")
    faults += [f"The words {each.words!r}: {each.why}." for each in find_forbidden(text)]
    faults += [
        f"Too hard to read: {each.index.replace('_', ' ')} is {each.value:g}, the bound "
        f"{each.bound:g}. Shorter sentences and shorter words help."
        for each in read_hardness(text)
        if not each.is_met
    ]
    if text.short and count_parts(text.short + " " * longest_beside()) > MOST_PARTS:
        faults.append(f"The short text and its link do not fit into {MOST_PARTS} text messages.")
    if missing := open_items(text, ticked):
        faults.append(f"Not ticked on the checklist: {', '.join(missing)}.")
    return faults
