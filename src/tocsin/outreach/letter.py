"""A letter's text: for an audience, in a language, for a country; hashed as canonical JSON.

The source of a letter and its national versions are the same kind of value; the source has no
country. Values are immutable: a changed text is another value with another SHA-256.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tocsin.notice.model import Audience
from tocsin.outreach.letter_blocks import Block, BlockPart, Line, fields_in, texts_of
from tocsin.outreach.letter_kinds import letter_kinds

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class LetterText(BlockPart):
    """The text of a letter.

    Attributes:
        letter: which letter it is, one of `letter_kinds`, such as ``patient-affected``.
        audience: for whom.
        language: BCP 47 language, with a script where one needs to be named.
        country: for which country; None in a source.
        prepared_by: whether a person wrote it, or a machine whose text a person must review.
        subject: of the letter, its heading, and the subject of an e-mail.
        blocks: what it says, in order.
        short: what a text message says of it, before the link to the letter; fields may stand in
            it. Without, a message only says that there is a letter.
    """

    letter: Key
    audience: Audience
    language: Language
    country: Country | None = None
    prepared_by: Literal["person", "machine"] = "person"
    subject: Line
    blocks: Annotated[tuple[Block, ...], Field(min_length=1, max_length=200)]
    short: Annotated[Line, Field(max_length=240)] | None = None

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Self:
        kind = letter_kinds().get(self.letter)
        if kind is None:
            raise ValueError(f"there is no letter {self.letter!r}; see `tocsin letter kinds`")
        if kind.audience != self.audience:
            raise ValueError(
                f"the letter {self.letter} is for the audience {kind.audience}, not {self.audience}"
            )
        return self

    @property
    def name(self) -> str:
        """Return which version it is: letter, language and country."""
        return " ".join(filter(None, (self.letter, self.language, self.country)))

    def texts(self) -> Iterator[str]:
        """Yield all texts in the order in which they are read."""
        yield self.subject
        for block in self.blocks:
            yield from texts_of(block)
        if self.short:
            yield self.short

    def fields(self) -> frozenset[str]:
        """Return the names of the fields that must be filled in."""
        return frozenset(name for text in self.texts() for name in fields_in(text))


def letter_bytes(text: LetterText) -> bytes:
    """Return a text as canonical JSON, defaults written out: what is hashed and signed.

    A letter without a short text, or without meanings of what is ticked, keeps the bytes that it
    had before there were any.
    """
    tree = text.model_dump(mode="json", exclude={"short"} if text.short is None else None)
    for block in tree["blocks"]:
        if not block.get("means", True):
            del block["means"]
    return json.dumps(
        tree,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    ).encode()


def letter_sha256(text: LetterText) -> str:
    """Return the SHA-256 of a text's bytes, hexadecimal."""
    return sha256(letter_bytes(text)).hexdigest()


def letter_lines(text: LetterText) -> list[str]:
    """Return a text as lines that a person can compare: one per text, marked by its block.

    >>> paragraph = {"kind": "paragraph", "text": "Stop using it."}
    >>> tree = {"letter": "clinician", "audience": "clinician", "language": "en",
    ...         "subject": "Pumps", "blocks": [paragraph]}
    >>> letter_lines(LetterText.model_validate(tree))
    ['# Pumps', 'Stop using it.']
    """
    lines = [f"# {text.subject}"]
    marks = {"heading": "## ", "list": "- ", "steps": "1. ", "callout": "! ", "reply": "> "}
    for block in text.blocks:
        mark = marks.get(block.kind, "")
        lines += [f"{mark}{line}" for line in texts_of(block)]
    if text.short:
        lines.append(f"sms: {text.short}")
    return lines
