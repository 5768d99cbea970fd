"""How often a long test has tried something, kept over its runs in `.tocsin-long`.

What other code has passed does not count: the file names the sources that it speaks of.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

ROOT = Path(__file__).parents[2]
IS_LONG = bool(os.environ.get("TOCSIN_LONG"))


@dataclass(frozen=True)
class KeptCounts:
    """The counts of one test: a file, and the modules that they speak of (below src/tocsin)."""

    path: Path
    sources: str

    def read(self) -> Counter[str]:
        """Return what these sources have passed so far."""
        if not self.path.is_file():
            return Counter()
        told = json.loads(self.path.read_text("utf-8"))
        return Counter(told["counts"] if told["sources"] == self.sources else {})

    def add(self, more: Mapping[str, int]) -> Counter[str]:
        """Keep what was passed now too; return all. The file is written whole or not at all.

        Several runs at once take turns.
        """
        self.path.parent.mkdir(exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as turn:
            flock(turn, LOCK_EX)
            counts = self.read() + Counter(more)
            day = str(datetime.now(tz=UTC).date())
            told = {"sources": self.sources, "on": day, "counts": counts}
            partial = self.path.with_suffix(".partial")
            partial.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
            partial.replace(self.path)
        return counts


def kept_counts(name: str, modules: Sequence[str]) -> KeptCounts:
    """Return the counts of one test for the modules as they are now."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(module.encode() + (ROOT / "src" / "tocsin" / module).read_bytes())
    return KeptCounts(ROOT / ".tocsin-long" / f"{name}.json", digest.hexdigest()[:16])


def repeat_until(
    wanted: int, unit: str, kept: KeptCounts, once: Callable[[int], Mapping[str, int]]
) -> Counter[str]:
    """Try once; in the long mode again and again, until so many were tried over all runs.

    Args:
        wanted: how many of ``unit`` the long mode must have tried in all.
        unit: the count that is looked at.
        kept: where the counts of the long mode are.
        once: is called with the number of the turn, and returns what it has tried.

    Returns:
        What was tried: now, or in the long mode in all.
    """
    if not IS_LONG:
        return Counter(once(0))
    counts = kept.read()
    while counts[unit] < wanted:
        counts = kept.add({**once(counts["turns"]), "turns": 1})
    return counts
