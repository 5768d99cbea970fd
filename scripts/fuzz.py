"""Fuzz every reader of outside text: no crash, no input that takes over a second, bounded memory.

Usage: make fuzz [FUZZ_ARGS="--runs 100000 udi version"]. What was found interesting is kept in
.fuzz/NAME and makes the next run better; an input that fails is kept as .fuzz/NAME.found-*.
"""

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".fuzz"
SECONDS_PER_INPUT = 1
MEGABYTES = 2048
LONGEST_INPUT = 4000
_LAST_LINES = 25


@dataclass(frozen=True)
class Outcome:
    """What came of one target."""

    name: str
    n_runs: int
    seconds: float
    failure: str | None

    @property
    def sentence(self) -> str:
        """Return the outcome as one line."""
        rate = self.n_runs / self.seconds if self.seconds else 0
        told = "FAILED" if self.failure else "nothing found"
        return (
            f"{self.name:<20} {self.n_runs:>10,} inputs {self.seconds:>8.0f} s {rate:>9,.0f}/s  "
            f"{told}"
        )


def fuzz(name: str, runs: int) -> Outcome:
    """Return what came of a number of inputs to one target, in a process of its own.

    An input that took too long is tried again alone: on a busy machine it may only have waited.
    """
    corpus, started, n_runs = write_seeds(name), time.monotonic(), 0
    while True:
        ended = _drive(name, f"-runs={runs - n_runs}", str(corpus))
        done = re.search(r"number_of_executed_units: (\d+)", ended.stderr)
        n_runs += int(done[1]) if done else 0
        slow = re.search(r"Test unit written to (\S+found-timeout-\S+)", ended.stderr)
        if not (slow and done and n_runs < runs and _drive(name, slow[1]).returncode == 0):
            break
        Path(slow[1]).unlink()
    tail = "\n".join((ended.stdout + ended.stderr).splitlines()[-_LAST_LINES:])
    failure = tail if ended.returncode else None
    return Outcome(name, n_runs, time.monotonic() - started, failure)


def _drive(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [
        *(sys.executable, "-m", "tests.fuzz.drive", name, *arguments),
        *(f"-timeout={SECONDS_PER_INPUT}", f"-rss_limit_mb={MEGABYTES}"),
        *(f"-max_len={LONGEST_INPUT}", f"-dict={FOLDER / name}.dict", "-print_final_stats=1"),
        f"-artifact_prefix={FOLDER / name}.found-",
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def write_seeds(name: str) -> Path:
    """Write a target's seeds and words for the fuzzer; return the folder of seeds."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - the drive imports it instrumented

    corpus = FOLDER / name
    corpus.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(TARGETS[name].seeds):
        (corpus / f"seed-{place}").write_bytes(seed.encode())
    words = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in TARGETS[name].words)
    Path(f"{corpus}.dict").write_text("".join(f'"{word}"\n' for word in words), encoding="ascii")
    return corpus


def main() -> int:
    """Fuzz the targets that are asked for; return 1 if one of them failed."""
    sys.path.insert(0, str(ROOT))
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - it needs the path above

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", help=f"targets: {', '.join(TARGETS)}; all by default")
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs per target")
    parser.add_argument("--jobs", type=int, default=2, help="targets at the same time")
    options = parser.parse_args()
    if unknown := set(options.names) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    names = options.names or list(TARGETS)
    print(f"{len(names)} targets, {options.runs:,} inputs each; .fuzz keeps what is interesting.")
    failed = False
    with ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(lambda name: fuzz(name, options.runs), names):
            print(outcome.sentence, flush=True)
            if outcome.failure:
                failed = True
                print(outcome.failure)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
