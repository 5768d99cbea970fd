"""What a reader that knows nothing of Tocsin takes from a CSAF document: who is cleared."""

from collections.abc import Iterator
from typing import Any

Tree = dict[str, Any]


def cleared_rows(tree: Tree) -> Iterator[dict[str, str]]:
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
                if leaf["product"]["product_id"] in cleared:
                    yield _row(vendor["name"], label["name"], leaf)


def _row(vendor: str, label: str, leaf: Tree) -> dict[str, str]:
    row = {"device_id": leaf["product"]["product_id"], "manufacturer": vendor, "product": label}
    helper = leaf["product"].get("product_identification_helper", {})
    for key, column in (("model_numbers", "model"), ("skus", "catalogue_no")):
        if key in helper:
            row[column] = helper[key][0]
            row.pop("product", None)
    if leaf["category"] == "product_version":
        row["software_version"] = leaf["name"]
    elif leaf["category"] == "product_version_range":
        first = leaf["name"].removeprefix("vers:intdot/").split("|")[0]
        row["software_version"] = {">": first[2:], "<": "0"}.get(first[0], first)
        if first.startswith("<="):
            row["software_version"] = first[2:]
    return row
