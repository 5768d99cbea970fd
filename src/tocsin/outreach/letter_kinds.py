"""Which letters there are: for whom each is, and what makes somebody get it."""

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.base.verdict import Verdict
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.notice.model import Audience


class LetterKind(BaseModel):
    """One letter that can be written.

    Attributes:
        audience: for whom it is.
        verdict: for which verdict about a device its holder gets it; None: not by a verdict.
        meaning: what it tells.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    audience: Audience
    verdict: Verdict | None = None
    meaning: str


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    kinds: dict[str, LetterKind]


@cache
def letter_kinds() -> Mapping[str, LetterKind]:
    """Return every letter that can be written by its key, in the order of the table."""
    return load_data_file(data_folder("tocsin.outreach") / "letter_kinds.yaml", _Table).kinds
