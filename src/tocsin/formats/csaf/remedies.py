"""Precautions, instructions and remedies of a notice as remediations of a CSAF document."""

from collections.abc import Iterator
from typing import Any

from tocsin.notice.model import Notice

_FIXES = {"exchange", "replacement", "correction"}


def written_remediations(notice: Notice, products: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the remediations for the affected products; empty if there are none.

    Every affected product has at least one, as the VEX profile asks.

    Args:
        notice: the notice.
        products: ``product_ids`` or ``group_ids`` of the affected products.
    """
    if not products:
        return []
    told = list(dict.fromkeys(_told(notice)))
    if not told and notice.hazard and notice.hazard.fix_available is False:
        told = [("none_available", "The notice says that there is no fix.")]
    if not told:
        told = [("mitigation", "The notice names no remedy. Ask its issuer.")]
    return [{"category": category, "details": details, **products} for category, details in told]


def _told(notice: Notice) -> Iterator[tuple[str, str]]:
    for remedy in notice.remedies:
        if remedy.kind == "none":
            continue
        kind = remedy.kind.capitalize().replace("-", " ")
        words = [f"{kind} ({remedy.audience})", remedy.details]
        if remedy.for_years is not None:
            words.append(f"for {remedy.for_years} years")
        category = "vendor_fix" if remedy.kind in _FIXES else "mitigation"
        yield category, ": ".join(filter(None, words))
    for by_audience in (notice.precautions, notice.instructions):
        for audience, texts in by_audience.items():
            for text in texts:
                yield "mitigation", f"For {audience}: {text}"
