"""Reading outside formats: device identifiers, CSAF advisories, FHIR exports.

Each part is measured against a peer or a limit; `benchmarks/lib/formats_*.py` say which.

Run: python -m benchmarks.formats [--quick] [--json FILE] [--part udi|csaf|fhir]
"""

import argparse
import os
import platform
import resource
from collections.abc import Callable
from pathlib import Path

from benchmarks.lib import formats_csaf, formats_fhir, formats_udi
from benchmarks.lib.part import Part
from tocsin.match.figures import BenchmarkResult

PARTS: dict[str, Callable[..., Part | None]] = {
    "udi": formats_udi.measure,
    "csaf": formats_csaf.measure,
    "fhir": formats_fhir.measure,
}


def report(name: str, part: Part) -> None:
    """Print the figures of a part."""
    print(f"== {name}: {', '.join(f'{n:,} {what}' for what, n in part.sizes.items())}")
    for what, value in part.seconds.items():
        print(f"{what:<44}{value:8.2f} s")
    for what, ratio in part.ratios.items():
        bar = part.bars.get(what)
        told = "" if bar is None else f"  bar {bar:g}: {'reached' if ratio <= bar else 'NOT'}"
        print(f"{what:<44}{ratio:8.2f} x{told}")


def joined(parts: dict[str, Part], *, quick: bool) -> BenchmarkResult:
    """Return the figures of all parts as one result."""
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return BenchmarkResult(
        benchmark="formats",
        quick=quick,
        sizes={f"{name}: {k}": v for name, part in parts.items() for k, v in part.sizes.items()},
        seconds={
            f"{name}: {k}": v for name, part in parts.items() for k, v in part.seconds.items()
        },
        ratios={f"{name}: {k}": v for name, part in parts.items() for k, v in part.ratios.items()},
        bars={f"{name}: {k}": v for name, part in parts.items() for k, v in part.bars.items()},
        peak_memory_mb={"process": round(peak_mb, 1)},
        environment={"cores": os.cpu_count(), "python": platform.python_version()},
    )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything, in a minute")
    parser.add_argument("--json", type=Path, help="write the result as `tocsin schema benchmark`")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be repeated")
    arguments = parser.parse_args()
    parts = {}
    for name in arguments.part or PARTS:
        part = PARTS[name](quick=arguments.quick)
        if part is None:
            print(f"== {name}: skipped, it needs the third-party data of TOCSIN_CORPUS")
            continue
        parts[name] = part
        report(name, part)
    if arguments.json:
        result = joined(parts, quick=arguments.quick)
        arguments.json.write_text(result.model_dump_json(indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
