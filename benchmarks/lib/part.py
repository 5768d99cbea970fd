"""The figures of one part of a benchmark."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """Sizes, seconds, ratios and their bars, by name."""

    sizes: dict[str, int]
    seconds: dict[str, float]
    ratios: dict[str, float]
    bars: dict[str, float] = field(default_factory=dict)
