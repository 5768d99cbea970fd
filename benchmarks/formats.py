"""Reading outside formats: device identifiers, CSAF advisories, FHIR exports.

Each part is measured against a peer or a limit; `benchmarks/lib/formats_*.py` say which.

Run: python -m benchmarks.formats [--quick] [--json FILE] [--part udi|csaf|fhir]
"""

import resource
from collections.abc import Callable

from benchmarks.lib import formats_csaf, formats_fhir, formats_udi
from benchmarks.lib.part import Part
from benchmarks.lib.result import environment, options_of, tell
from tocsin.match.figures import BenchmarkResult

PARTS: dict[str, Callable[..., Part | None]] = {
    "udi": formats_udi.measure,
    "csaf": formats_csaf.measure,
    "fhir": formats_fhir.measure,
}


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
        environment=environment(),
    )


def main() -> None:
    """Measure, print and write."""
    parser = options_of(__doc__, "less of everything, in a minute")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be repeated")
    arguments = parser.parse_args()
    parts = {}
    for name in arguments.part or PARTS:
        part = PARTS[name](quick=arguments.quick)
        if part is None:
            print(f"{name}: skipped, it needs the third-party data of TOCSIN_CORPUS")
            continue
        parts[name] = part
    tell(joined(parts, quick=arguments.quick), arguments.json)


if __name__ == "__main__":
    main()
