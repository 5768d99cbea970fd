"""Count how the version expressions of real advisories are read; write the page of counts.

Run: python scripts/count_version_expressions.py FOLDER

FOLDER holds the third-party lists (`csaf/*_version_expressions.json`). The page keeps counts
only; no text of a document.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tocsin.identify.version_expression import ExpressionReading, parse_version_expression

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "version-expressions.md"
LISTS = {
    "icsma_version_expressions.json": "Medical advisories: every expression",
    "ics_unique_version_expressions.json": "Industrial advisories: every distinct expression",
}
OUTCOMES = (
    "all versions",
    "one bound",
    "two bounds",
    "one version",
    "list of versions",
    "several ranges",
    "unreadable",
    "product in doubt",
)
_HEAD = """# Version expressions

<!-- Written by scripts/count_version_expressions.py from the advisories. Do not edit. -->

How Tocsin reads what advisories write in the branches `product_version` and
`product_version_range`. An expression is read surely, as a whole, or it is unreadable: then the
version constraint is UNKNOWN, and every such record `cannot_tell`. *Product in doubt* is unreadable
as well, and the text may name a model, an option or another product: then the whole entry waits for
a person's review.

The form is what the expression looks like, told by the lists themselves; the columns are what it
was read as. Examples with their verdicts: `tests/acceptance/version_probes.yaml`.

Source: CISA ICS and ICS medical advisories in CSAF 2.0 (US Government work), checked on 2026-11-21,
next review 2027-11-21.
"""


def outcome_of(reading: ExpressionReading) -> str:
    """Return what an expression was read as, one of `OUTCOMES`."""
    if reading.unread is not None:
        return "product in doubt" if reading.doubts_product else "unreadable"
    if reading.all_versions:
        return "all versions"
    bounds = [part.bounds() for part in reading.parts]
    if all(set(each) == {"equal"} for each in bounds):
        return "one version" if len(bounds) == 1 else "list of versions"
    if len(bounds) > 1:
        return "several ranges"
    return "one bound" if len(bounds[0]) == 1 else "two bounds"


def count_outcomes(listed: Iterable[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Return per form how many expressions were read as what."""
    found: dict[str, Counter[str]] = {}
    for each in listed:
        ranged = each["category"] == "product_version_range"
        reading = parse_version_expression(each["name"], ranged=ranged)
        found.setdefault(each["form"], Counter())[outcome_of(reading)] += 1
    return found


def render_table(title: str, counts: dict[str, Counter[str]]) -> str:
    """Return a Markdown table: one row per form, the most frequent first."""
    rows = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    total: Counter[str] = sum((counter for _, counter in rows), Counter())
    lines = [
        f"## {title}",
        "",
        f"| form | {' | '.join(OUTCOMES)} | all |",
        f"|---|{'---:|' * (len(OUTCOMES) + 1)}",
    ]
    for form, counter in [*rows, ("**all**", total)]:
        numbers = [str(counter[outcome] or "") for outcome in OUTCOMES]
        lines.append(f"| {form} | {' | '.join(numbers)} | {counter.total()} |")
    return "\n".join(lines) + "\n"


def render_page(folder: Path) -> str:
    """Return the page of counts of the lists in a folder of third-party data."""
    tables = []
    for name, title in LISTS.items():
        listed = json.loads((folder / "csaf" / name).read_text("utf-8"))
        tables.append(render_table(title, count_outcomes(listed)))
    return "\n".join([_HEAD, *tables])


def main(arguments: Sequence[str]) -> int:
    """Write the page; return the exit code."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    PAGE.write_text(render_page(Path(arguments[0])), "utf-8")
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
