"""Where a fact or a data file comes from."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class Source(BaseModel):
    """The origin of facts: a document or page, when it was read, when to read it again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: str
    url: str | None = None
    checked_on: date
    next_review: date | None = None
    note: str | None = None
