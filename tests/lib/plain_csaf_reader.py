"""What a reader that knows nothing of Tocsin takes from a CSAF document: who is cleared."""

from collections.abc import Iterator
from typing import Any

Tree = dict[str, Any]


def cleared_rows(tree: Tree) -> Iterator[dict[str, str | None]]:
    """Yield registry rows that such a reader holds for not affected, one per product."""
    cleared = {
        product_id
        for vulnerability in tree["vulnerabilities"]
        for status in ("known_not_affected", "fixed", "first_fixed")
        for product_id in vulnerability["product_status"].get(status, ())
    }
    for vendor in tree["product_tree"]["branches"]:
        for label in vendor["branches"]:
            for leaf in label.get("branches", [label]):
                if leaf["product"]["product_id"] not in cleared:
                    continue
                row = _row(vendor["name"], label["name"], leaf)
                if None not in row.values():
                    yield row


def _row(vendor: str, label: str, leaf: Tree) -> dict[str, str | None]:
    row: dict[str, str | None] = {
        "device_id": leaf["product"]["product_id"],
        "manufacturer": vendor,
        "product": label,
    }
    helper = leaf["product"].get("product_identification_helper", {})
    for key, column in (("model_numbers", "model"), ("skus", "catalogue_no")):
        if key in helper:
            row[column] = helper[key][0]
            row.pop("product", None)
    if leaf["category"] == "product_version":
        row["software_version"] = leaf["name"]
    elif leaf["category"] == "product_version_range":
        row["software_version"] = _one_of(leaf["name"].removeprefix("vers:intdot/").split("|")[0])
    return row


def _one_of(constraint: str) -> str | None:
    """Return a version that satisfies a constraint of dotted numbers; None if there is none."""
    if constraint[:2] in {"<=", ">="}:
        return constraint[2:]
    if constraint[0] == "<":
        return "0" if constraint.strip("<.0") else None
    raise AssertionError(f"nobody can be sure of {constraint!r}")
