"""What a golden case hands out: a registry, its holders, and what was invented."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class CaseSample:
    """A synthetic registry for one golden case.

    Attributes:
        case: the letter of the case, lower case.
        title: what the case is about, in one line.
        registry: device records; columns as in `registry.schema.COLUMNS`.
        holders: persons and organisations; columns as in `registry.schema.HOLDER_COLUMNS`.
        assumptions: what we invented, one plain sentence each. Whatever is said nowhere
            in the case document and not listed here as a public fact belongs here.
    """

    case: str
    title: str
    registry: pa.Table
    holders: pa.Table
    assumptions: tuple[str, ...]
