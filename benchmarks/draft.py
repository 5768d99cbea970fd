"""Drafts from free text: per form how many are read fully, partly, wrongly, and the probe score.

Run: python -m benchmarks.draft [--quick] [--json FILE]; it needs the third-party data that
TOCSIN_CORPUS points to. The bar: 85 % of the probes as labelled and no wrong verdict, as if the
drafts were reviewed; without that, no `not_affected` at all.
"""

import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.lib.draft_score import (
    FULLY,
    PARTLY,
    WRONGLY,
    NoticeScore,
    count_forms,
    draft_advisory_notes,
    draft_enforcement_records,
    read_of,
    score_corpus,
)
from benchmarks.lib.result import environment, options_of
from tocsin.match.figures import BenchmarkResult

BAR_RIGHT = 0.85


def main() -> int:
    """Measure, print the tables, and return 1 where a bar is missed."""
    arguments = options_of(__doc__, "leave out the advisories' prose").parse_args()
    corpus = Path(os.environ.get("TOCSIN_CORPUS", ""))
    if not (corpus / "notices").is_dir():
        print("Skipped: there is no third-party data (set TOCSIN_CORPUS).")
        return 0
    started = time.perf_counter()
    scores = score_corpus(corpus)
    seconds = {"notices": time.perf_counter() - started}
    _print_forms(scores)
    result = _result(scores, seconds, quick=arguments.quick)
    _print_scopes("openFDA enforcement records", map(read_of, draft_enforcement_records(corpus)))
    if not arguments.quick:
        started = time.perf_counter()
        _print_scopes("prose of CSAF advisories", map(read_of, draft_advisory_notes(corpus)))
        seconds["advisories"] = time.perf_counter() - started
    if arguments.json:
        arguments.json.write_text(result.model_dump_json(indent=1) + "\n", "utf-8")
    return _print_score(scores, result)


def _print_forms(scores: Iterable[NoticeScore]) -> None:
    print(f"{'form':<42}{FULLY:>8}{PARTLY:>8}{WRONGLY:>9}")
    for form, counts in sorted(count_forms(scores).items()):
        print(f"{form:<42}{counts[FULLY]:>8}{counts[PARTLY]:>8}{counts[WRONGLY]:>9}")


def _print_scopes(what: str, readings: Iterable[str]) -> None:
    counts = Counter(readings)
    print(f"{what:<42}{counts[FULLY]:>8}{counts[PARTLY]:>8}        -")


def _result(
    scores: list[NoticeScore], seconds: dict[str, float], *, quick: bool
) -> BenchmarkResult:
    right = sum(score.right for score in scores)
    n_open = sum(len(score.open) for score in scores)
    wrong = sum(len(score.wrong) for score in scores)
    total = right + n_open + wrong
    return BenchmarkResult(
        benchmark="draft",
        quick=quick,
        sizes={
            "notices": len(scores),
            "probes": total,
            "as_labelled": right,
            "left_open": n_open,
            "wrong": wrong,
            "cleared_unreviewed": sum(score.cleared_unreviewed for score in scores),
        },
        seconds=seconds,
        ratios={"as_labelled": right / total},
        bars={"as_labelled": BAR_RIGHT},
        peak_memory_mb={"this": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024},
        environment=environment(),
    )


def _print_score(scores: list[NoticeScore], result: BenchmarkResult) -> int:
    for score in scores:
        for sentence in (*score.wrong, *score.open):
            print(f"  {sentence}")
    sizes = result.sizes
    print(
        f"{sizes['as_labelled']} of {sizes['probes']} probes as labelled "
        f"({result.ratios['as_labelled']:.0%}, bar {BAR_RIGHT:.0%}); "
        f"{sizes['wrong']} wrong (bar 0); "
        f"{sizes['cleared_unreviewed']} cleared by an unreviewed draft (bar 0); "
        f"{result.seconds['notices']:.1f} s."
    )
    kept = result.ratios["as_labelled"] >= BAR_RIGHT
    return 0 if kept and not sizes["wrong"] and not sizes["cleared_unreviewed"] else 1


if __name__ == "__main__":
    sys.exit(main())
