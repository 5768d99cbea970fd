"""What a letter is made of: blocks, each an immutable value; no mark-up in any text.

A text is one line; it may name a field in braces, ``{hotline}``, that is filled in when the letter
is made for a person. What the fields are stands in `outreach.letter_fields`.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_FIELD = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
_REFUSED = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _check_line(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in _REFUSED or character in _DIRECTION:
            raise ValueError(
                f"the character U+{ord(character):04X} does not belong into a letter's text; a "
                "new line is a new block"
            )
    rest = _FIELD.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError("a brace stands in a letter only around the name of a field")
    return text


Line = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_check_line)]
Lines = Annotated[tuple[Line, ...], Field(min_length=1, max_length=60)]


class BlockPart(BaseModel):
    """Ground of all parts of a letter: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _number(value: Any) -> Any:
    """In a file of ours every scalar is text."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


class Heading(BlockPart):
    """A heading inside the letter; level 1 is below the letter's subject."""

    kind: Literal["heading"] = "heading"
    level: Annotated[Literal[1, 2], BeforeValidator(_number)] = 1
    text: Line


class Paragraph(BlockPart):
    """A paragraph."""

    kind: Literal["paragraph"] = "paragraph"
    text: Line


class ListOf(BlockPart):
    """Points in no order."""

    kind: Literal["list"] = "list"
    items: Lines


class Steps(BlockPart):
    """Points in the order in which they are done."""

    kind: Literal["steps"] = "steps"
    items: Lines


class Callout(BlockPart):
    """What must not be missed; an emergency comes first on a page."""

    kind: Literal["callout"] = "callout"
    urgency: Literal["emergency", "important"] = "important"
    lines: Lines


class Table(BlockPart):
    """A table with a heading for each column."""

    kind: Literal["table"] = "table"
    caption: Line
    columns: Lines
    rows: Annotated[tuple[Lines, ...], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _has_full_rows(self) -> Self:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"row {number} of the table has {len(row)} cells for "
                    f"{len(self.columns)} columns"
                )
        return self


class Devices(BlockPart):
    """The table of the addressee's own devices, filled in for each person."""

    kind: Literal["devices"] = "devices"
    caption: Line
    columns: dict[Literal["product", "model", "serial", "lot", "software", "quantity"], Line] = (
        Field(min_length=1)
    )


class Contact(BlockPart):
    """Whom to call or write to."""

    kind: Literal["contact"] = "contact"
    name: Line
    phone: Line | None = None
    email: Line | None = None
    url: Line | None = None
    hours: Line | None = None


StatementMeans = Literal["understood", "done", "none", "number", "call", "forwarded"]
"""As `reply_lines.Means` has them."""


class Reply(BlockPart):
    """How to answer: the page behind the code of the letter, and the form to send back.

    Attributes:
        lines: how to answer.
        statements: what is ticked on the printed form; empty: there is no form.
        means: what each statement means for the answer page; without, each is something to do.
        signature: the words before the place to sign and date; None: nobody signs.
    """

    kind: Literal["reply"] = "reply"
    lines: Lines
    statements: tuple[Line, ...] = ()
    means: tuple[StatementMeans, ...] = ()
    signature: Line | None = None

    @model_validator(mode="after")
    def _has_a_meaning_each(self) -> Self:
        if self.means and len(self.means) != len(self.statements):
            raise ValueError(
                f"the reply has {len(self.means)} meanings for {len(self.statements)} statements"
            )
        return self


Block = Annotated[
    Heading | Paragraph | ListOf | Steps | Callout | Table | Devices | Contact | Reply,
    Field(discriminator="kind"),
]


def texts_of(block: Block) -> Iterator[str]:
    """Yield the texts of a block in the order in which they are read."""
    match block:
        case Heading() | Paragraph():
            yield block.text
        case ListOf() | Steps():
            yield from block.items
        case Callout():
            yield from block.lines
        case Table():
            yield block.caption
            yield from block.columns
            for row in block.rows:
                yield from row
        case Devices():
            yield block.caption
            yield from block.columns.values()
        case Contact():
            told = (block.name, block.phone, block.email, block.url, block.hours)
            yield from (text for text in told if text)
        case Reply():
            yield from block.lines
            yield from block.statements
            if block.signature:
                yield block.signature


def fields_in(text: str) -> list[str]:
    """Return the names of the fields that a text names, in order.

    >>> fields_in("Call {hotline}, {hotline_hours}.")
    ['hotline', 'hotline_hours']
    """
    return _FIELD.findall(text)
