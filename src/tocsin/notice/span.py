"""Where in a text something was read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class TextSpan(BaseModel):
    """A piece of a document and what it was read as; it never decides a verdict.

    Attributes:
        start: offset of its first character in the document's text.
        end: offset after its last character.
        text: the piece as printed, in one line.
        read_as: what it was taken to mean, in words; ``unread`` where it was not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    text: Annotated[str, Field(max_length=4000)]
    read_as: Annotated[str, Field(max_length=4000)]
