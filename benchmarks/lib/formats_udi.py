"""Columns of device identifiers, nearly all different, against `biip` (GS1 only; the same fields).

Processor time of one core is counted. Before it counts, every column must say what each of its
texts says alone, and biip must agree on GTIN, lot and serial.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from biip.gs1_messages import GS1Message
from biip.symbology import SymbologyIdentifier

from benchmarks.lib.part import Part
from benchmarks.lib.udi_texts import MIXTURE, make_texts
from tocsin.identify.udi.column import SCHEMA, parse_udi_column
from tocsin.identify.udi.text import UnreadableUdi, parse_udi

FULL, QUICK = 1_000_000, 100_000
PEER_SAMPLE, CHECKED, REPEATS = 5_000, 5_000, 5
LIMIT_PER_S, PEER_FACTOR = 300_000, 15
KINDS = ("mixed", *(kind for kind in MIXTURE if kind != "other"))
PEER_KINDS = ("bracketed", "scan")

Fields = tuple[Any, ...]


def read_with_biip(text: str) -> Fields:
    """Return what biip reads: GTIN, lot, serial and the two days."""
    if text.startswith("("):
        message = GS1Message.parse_hri(text)
    else:
        message = GS1Message.parse(text[len(SymbologyIdentifier.extract(text)) :])
    found: dict[str, Any] = dict.fromkeys(("01", "10", "21", "11", "17"))
    for element in message.element_strings:
        if element.ai.ai in found:
            found[element.ai.ai] = element.date or element.value
    return tuple(found.values())


def check_outputs(kind: str, texts: list[str]) -> None:
    """Compare the column with each text alone, and with biip where it reads the kind.

    Raises:
        SystemExit: if they differ.
    """
    rows = parse_udi_column(texts).to_pylist()
    for text, row in zip(texts, rows, strict=True):
        try:
            udi: object = parse_udi(text)
        except UnreadableUdi:
            udi = None
        alone = [getattr(udi, name, None) for name in SCHEMA.names if name != "doubts"]
        if alone != [row[name] for name in SCHEMA.names if name != "doubts"]:
            raise SystemExit(f"Column and single text differ on {text!r}. No figure counts.")
        if kind in PEER_KINDS:
            peer = read_with_biip(text)[:3]
            if peer != (row["di"], row["lot"], row["serial"]):
                raise SystemExit(f"biip reads {text!r} otherwise: {peer}. No figure counts.")


def cpu_s(work: Callable[[], object]) -> float:
    """Return the processor time that some work takes, in seconds."""
    started = time.process_time()
    work()
    return time.process_time() - started


def race(n: int) -> dict[str, float]:
    """Return the median seconds per million texts of each contender and kind."""
    seconds: dict[str, list[float]] = {}
    columns = {kind: pa.array(make_texts(kind, n)) for kind in KINDS}
    for column in columns.values():
        parse_udi_column(column[:100])
    for _ in range(REPEATS):
        for kind, column in columns.items():
            taken = cpu_s(lambda column=column: parse_udi_column(column))
            seconds.setdefault(f"ours, {kind}", []).append(taken / n)
        for kind in PEER_KINDS:
            sample = columns[kind][:PEER_SAMPLE].to_pylist()
            taken = cpu_s(lambda sample=sample: [read_with_biip(text) for text in sample])
            seconds.setdefault(f"biip, {kind}", []).append(taken / len(sample))
    return {name: statistics.median(values) * 1e6 for name, values in seconds.items()}


def measure(*, quick: bool) -> Part:
    """Return the figures."""
    n = QUICK if quick else FULL
    pa.set_cpu_count(1)
    for kind in KINDS:
        check_outputs(kind, make_texts(kind, CHECKED, seed=2))
    seconds = race(n)
    limit_s = 1e6 / LIMIT_PER_S
    ratios = {f"ours / limit, {kind}": seconds[f"ours, {kind}"] / limit_s for kind in KINDS}
    for kind in PEER_KINDS:
        name = f"{PEER_FACTOR} x ours / biip, {kind}"
        ratios[name] = PEER_FACTOR * seconds[f"ours, {kind}"] / seconds[f"biip, {kind}"]
    return Part(
        sizes={"texts of each kind": n, "texts of each kind, biip": min(n, PEER_SAMPLE)},
        seconds={f"{name}, per million": value for name, value in seconds.items()},
        ratios=ratios,
        bars=dict.fromkeys(ratios, 1.0),
    )
