"""What every benchmark shares: its options, and how its figures are printed and written."""

import argparse
import os
import platform
from collections.abc import Collection
from pathlib import Path

from tocsin.match.figures import BenchmarkResult


def options_of(doc: str | None, quick: str = "a tenth of the records") -> argparse.ArgumentParser:
    """Return the options that each benchmark has.

    Args:
        doc: the benchmark's docstring; its first line is what `--help` says.
        quick: what `--quick` does.
    """
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--json", type=Path, help="write the result as `tocsin schema benchmark`")
    return parser


def environment() -> dict[str, object]:
    """Return what the figures were measured with."""
    return {"cores": os.cpu_count(), "python": platform.python_version()}


def tell(result: BenchmarkResult, file: Path | None, *, at_least: Collection[str] = ()) -> None:
    """Print the figures, each ratio with its bar, and write them if a file is named.

    Args:
        result: the figures.
        file: where to write them as JSON.
        at_least: the ratios that must reach their bar; the others may not exceed theirs.
    """
    print(", ".join(f"{n:,} {name}" for name, n in result.sizes.items()))
    for name, value in result.seconds.items():
        shown = f"{value:10,.2f} s" if value >= 1 else f"{1000 * value:10,.2f} ms"
        print(f"{name:<60}{shown}")
    for name, peak in result.peak_memory_mb.items():
        print(f"{name + ' peak':<60}{peak:10,.0f} MB")
    for name, ratio in result.ratios.items():
        bar, is_least = result.bars.get(name), name in at_least
        is_reached = bar is None or (ratio >= bar if is_least else ratio <= bar)
        verdict = "" if bar is None else f"  bar {bar:g}: {'' if is_reached else 'NOT '}reached"
        print(f"{name:<60}{ratio:10,.2f} x{verdict}")
    if file:
        file.write_text(result.model_dump_json(indent=1) + "\n", encoding="utf-8")
