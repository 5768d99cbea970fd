"""Versions of a product that a CSAF document does not list, though it clears others.

"Version 2.0 is fixed" says nothing about 1.0, unless the document tells which versions of that
product are affected; a VEX speaks of the versions that it lists and of no other. Then the
product gets one more entry: *affects*, without status, so that what the document does not
clear stays open.
Source: `docs/adr/0011-documents-that-clear.md`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tocsin.formats.csaf.names import words_of
from tocsin.formats.csaf.products import free_name

Entry = dict[str, Any]


def open_entries(entries: Iterable[Entry], taken: Counter[str], *, vex: bool) -> Iterator[Entry]:
    """Yield an entry without status per product whose other versions are not spoken of.

    Args:
        entries: the entries of all listed products, as a notice file writes them.
        taken: the names that entries bear.
        vex: whether the document is a VEX: it speaks of the versions that it lists only,
            while an advisory lists all that are affected.
    """
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        groups.setdefault(_product_of(entry), []).append(entry)
    for of_product in groups.values():
        affecting = [entry for entry in of_product if "affects" in entry]
        told = any(not entry["no_status"] for entry in affecting)
        clears = len(affecting) < len(of_product)
        if (vex or (clears and not told)) and all(map(_is_bounded, affecting)):
            yield _open_entry(of_product, taken)


def _open_entry(of_product: Sequence[Entry], taken: Counter[str]) -> Entry:
    names = [name for entry in of_product for name in _side(entry)["names"]]
    return {
        "entry": free_name(f"{of_product[0]['entry'][:50]}-not-listed", taken),
        "affects": {**_side(of_product[0]), "names": list(dict.fromkeys(names))},
        "no_status": True,
        "reviewed": all(entry["reviewed"] for entry in of_product),
        "information": {
            "not_listed": "versions of this product of which the document says nothing",
            "beside": [entry["entry"] for entry in of_product],
        },
    }


def _side(entry: Entry) -> dict[str, Any]:
    side: dict[str, Any] = entry.get("affects") or entry["excludes"]
    return side


def _is_bounded(entry: Entry) -> bool:
    """Whether an entry names versions, so that it leaves others out."""
    return "any_of" in entry["software"]


def _product_of(entry: Entry) -> tuple[str, ...]:
    """Return what an entry's product is called, for comparing entries of one document."""
    side = _side(entry)
    return (side["manufacturer"] or "", *words_of(side["names"][0]))
