"""The statements of a letter's reply form as questions, and what can be said to each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import Reply as ReplyBlock
from tocsin.outreach.letter_blocks import fields_in
from tocsin.outreach.reply import Doing, instruction_key


class Means(StrEnum):
    """What a statement of a reply form means.

    UNDERSTOOD: the letter was received and understood.
    DONE: something that the letter asks for is done.
    NONE: they have nothing of what the letter is about.
    NUMBER: something to write in, such as how many.
    CALL: they want to be called.
    FORWARDED: they have passed devices on, and say to whom.
    """

    UNDERSTOOD = "understood"
    DONE = "done"
    NONE = "none"
    NUMBER = "number"
    CALL = "call"
    FORWARDED = "forwarded"


_TO_WRITE_IN = re.compile(r"\s*\.{4,}")
_DOINGS = {
    Means.UNDERSTOOD: (Doing.DONE, Doing.NOT_UNDERSTOOD),
    Means.DONE: (Doing.DONE, Doing.NOT_YET, Doing.NOT_FOR_ME),
    Means.NONE: (Doing.DONE, Doing.NOT_FOR_ME),
    Means.CALL: (Doing.DONE, Doing.NOT_FOR_ME),
    Means.FORWARDED: (Doing.DONE, Doing.NOT_FOR_ME),
    Means.NUMBER: (),
}


@dataclass(frozen=True)
class ReplyLine:
    """A statement of a letter's reply form.

    Attributes:
        key: its name in answers.
        text: in the letter's language.
        means: what it counts for.
    """

    key: str
    text: str
    means: Means

    @property
    def doings(self) -> tuple[Doing, ...]:
        """Return what can be said to it; empty where something is written in."""
        return _DOINGS[self.means]

    @property
    def has_text(self) -> bool:
        """Whether something is written to it."""
        return self.means in {Means.NUMBER, Means.FORWARDED}


def reply_lines(letter: LetterText) -> list[ReplyLine]:
    """Return the statements of a letter's reply form, in their order."""
    blocks = [block for block in letter.blocks if isinstance(block, ReplyBlock)]
    found = {line.key: line for block in blocks for line in _lines(block)}
    return list(found.values())


def _lines(block: ReplyBlock) -> Iterator[ReplyLine]:
    for place, statement in enumerate(block.statements):
        is_number = _TO_WRITE_IN.search(statement) is not None
        means = Means.NUMBER if is_number else Means.DONE
        text = _TO_WRITE_IN.sub(" …", statement)
        for name in fields_in(text):
            text = text.replace(f"{{{name}}}", "…")
        means = Means(block.means[place]) if block.means else means
        yield ReplyLine(instruction_key(statement), text, means)


def of_meaning(lines: Sequence[ReplyLine], *means: Means) -> list[str]:
    """Return the keys of the lines that mean one of some things."""
    return [line.key for line in lines if line.means in means]
