"""The figures of a match and of a revision, as they are written and exchanged."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tocsin.base.verdict import Verdict


class FigurePart(BaseModel):
    """Ground of all figures: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Count(FigurePart):
    """How much falls under one verdict.

    Attributes:
        records: device records.
        quantity: units, as far as the records state them.
        holders: holders, each counted once under the most urgent verdict it has.
        quantity_unknown: records that state no quantity (unknown, not one).
    """

    records: int = 0
    quantity: int = 0
    holders: int = 0
    quantity_unknown: int = 0


class NoticeFigures(FigurePart):
    """The figures of one notice against one registry; the verdicts add up to ``records``."""

    notice: str
    revision: int
    records: int
    verdicts: dict[Verdict, Count]


class MatchSummary(FigurePart):
    """What a match found.

    Attributes:
        records: device records that were judged.
        rejected: rows that were set aside and not judged.
        gaps: records without product evidence, listed once for several notices; with one
            notice they are among its ``cannot_tell``.
        assumptions: what the user said about all records.
        warnings: sentences that belong to the figures.
    """

    software_version: str
    registry: str
    records: int
    rejected: int = 0
    gaps: int = 0
    assumptions: dict[str, str] = Field(default_factory=dict)
    warnings: list[str] = Field(default_factory=list)
    notices: list[NoticeFigures]


class Change(StrEnum):
    """What a new revision means for a record."""

    NEWLY_IN = "newly_in"
    NEWLY_OUT = "newly_out"
    CONTACT_AGAIN = "contact_again"
    UNCHANGED = "unchanged"


class ScopeChange(FigurePart):
    """An entry that differs between two revisions."""

    entry: str
    change: str
    was: str | None = None
    now: str | None = None


class RevisionDiff(FigurePart):
    """What changes between two revisions of a notice; ``records`` only with a registry."""

    notice: str
    old_revision: int
    new_revision: int
    scope: list[ScopeChange]
    instructions_changed: bool
    records: dict[Change, Count] | None = None


class BenchmarkResult(FigurePart):
    """One benchmark: named ratios, sizes, seconds and peak memory."""

    benchmark: str
    quick: bool
    sizes: dict[str, int]
    seconds: dict[str, float]
    ratios: dict[str, float]
    bars: dict[str, float]
    peak_memory_mb: dict[str, float]
    environment: dict[str, Any] = Field(default_factory=dict)
