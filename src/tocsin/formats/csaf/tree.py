"""The product tree of a CSAF document: every product that it lists, with its statuses.

Reads 2.0 and 2.1 and what is neither: whatever has not the expected type is passed over,
but no product that the document defines or refers to is lost.
Source: CSAF 2.0, sections 3.1 and 3.2.2 to 3.2.3.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_ID_LISTS = {"product_ids", "products"}
_REFERENCES = {
    "product_reference",
    "relates_to_product_reference",
    "beginning_product_reference",
    "next_product_reference",
}
MAX_TEXT = 1500
# CSAF 2.1 allows 30. Below this, what stands above a product is cut, so that a file of
# nothing but brackets cannot make a path of a million names.
MAX_BRANCHES = 60


def is_csaf(tree: Any) -> bool:
    """Whether a tree claims to be a CSAF document."""
    document = as_dict(as_dict(tree).get("document"))
    category = as_text(document.get("category")) or ""
    return "csaf_version" in document or category.lower().startswith("csaf_")


def as_dict(value: Any) -> dict[str, Any]:
    """Return a mapping, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return a list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str | None:
    """Return a text without surrounding space, shortened if huge; None if there is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    return shortened(value.encode("utf-8", "replace").decode().replace("\x00", " ").strip()) or None


def shortened(text: str) -> str:
    """Return a text, cut where it is too long to be a name or a sentence."""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 4] + " ..."


@dataclass(frozen=True)
class ListedProduct:
    """A product as a document lists it.

    Attributes:
        product_id: its id; empty if the document gives none.
        full_name: its full product name.
        path: the branches above it, outermost first, as (category, name).
        helper: what the document gives to identify it: model and serial numbers.
        relation: what it is made of, where it is one product on another.
        statuses: per status the vulnerabilities in which it has it.
        faults: why the listing itself is in doubt.
    """

    product_id: str
    full_name: str | None = None
    path: tuple[tuple[str, str], ...] = ()
    helper: dict[str, Any] = field(default_factory=dict)
    relation: str | None = None
    statuses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    def names_of(self, *categories: str) -> tuple[str, ...]:
        """Return the names of the branches of some categories, outermost first."""
        return tuple(name for category, name in self.path if category in categories and name)


def vulnerability_names(tree: dict[str, Any]) -> list[str]:
    """Return a name for each vulnerability, all different: its CVE, its place where that fails."""
    names: dict[str, None] = {}
    for place, each in enumerate(as_list(tree.get("vulnerabilities")), start=1):
        name = as_text(as_dict(each).get("cve")) or f"vulnerability {place}"
        while name in names:
            name = f"{name} ({place})"
        names[name] = None
    return list(names)


def list_products(tree: dict[str, Any]) -> list[ListedProduct]:
    """Return every product that a document defines or refers to, in its order."""
    product_tree = as_dict(tree.get("product_tree"))
    listed = [*_from_branches(product_tree), *_from_names(product_tree)]
    listed += _from_relations(product_tree)
    defined = Counter(product.product_id for product in listed if product.product_id)
    listed += [
        ListedProduct(product_id, faults=("the product tree does not define this product_id",))
        for product_id in _referred_ids(tree)
        if product_id not in defined
    ]
    statuses = _statuses(tree)
    assumed = _assumed_status(tree)
    return [
        ListedProduct(
            each.product_id,
            each.full_name,
            each.path,
            each.helper,
            each.relation,
            (statuses.get(each.product_id, assumed) if each.product_id else {}),
            (*each.faults, *_faults_of_id(each.product_id, defined)),
        )
        for each in listed
    ]


def _assumed_status(tree: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the status of a product without one: affected in an informational advisory.

    A user must assume that all products mentioned there are affected.
    Source: CSAF 2.0 and 2.1, section 4.3.
    """
    category = as_text(as_dict(tree.get("document")).get("category")) or ""
    informational = category.lower() == "csaf_informational_advisory"
    return {"known_affected": ()} if informational and not tree.get("vulnerabilities") else {}


def _faults_of_id(product_id: str, defined: Counter[str]) -> Iterator[str]:
    if not product_id:
        yield "the product has no product_id, so that no status can be told"
    elif defined[product_id] > 1:
        yield f"the product_id stands for {defined[product_id]} products"


def _product(value: Any, **more: Any) -> ListedProduct:
    product = as_dict(value)
    return ListedProduct(
        as_text(product.get("product_id")) or "",
        as_text(product.get("name")),
        helper=as_dict(product.get("product_identification_helper")),
        **more,
    )


def _from_branches(product_tree: dict[str, Any]) -> Iterator[ListedProduct]:
    stack: list[tuple[tuple[tuple[str, str], ...], Any]] = [
        ((), branch) for branch in reversed(as_list(product_tree.get("branches")))
    ]
    while stack:
        above, value = stack.pop()
        branch = as_dict(value)
        step = (as_text(branch.get("category")) or "", as_text(branch.get("name")) or "")
        deep = len(above) >= MAX_BRANCHES
        path = above if deep else (*above, step)
        faults = ("it stands below too many branches",) if deep else ()
        below = as_list(branch.get("branches"))
        if isinstance(branch.get("product"), dict):
            yield _product(branch["product"], path=path, faults=faults)
        elif not below:
            ends = "the branch ends without a product"
            yield ListedProduct("", path=path, faults=(*faults, ends))
        stack += [(path, each) for each in reversed(below)]


def _from_names(product_tree: dict[str, Any]) -> Iterator[ListedProduct]:
    for each in as_list(product_tree.get("full_product_names")):
        yield _product(each)


def _from_relations(product_tree: dict[str, Any]) -> Iterator[ListedProduct]:
    for key in ("relationships", "product_paths"):
        for each in as_list(product_tree.get(key)):
            relation = as_dict(each)
            steps = [relation, *map(as_dict, as_list(relation.get("subpaths")))]
            words = [as_text(step.get("category")) or "" for step in steps]
            ids = [as_text(found) or "?" for step in steps for found in _references(step)]
            said = f"{' '.join(filter(None, words)) or 'relation'} of {', '.join(ids)}"
            yield _product(relation.get("full_product_name"), relation=said)


def _references(step: dict[str, Any]) -> Iterator[Any]:
    return (value for key, value in step.items() if key in _REFERENCES)


def _statuses(tree: dict[str, Any]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return per product_id and status the names of the vulnerabilities."""
    found: dict[str, dict[str, list[str]]] = {}
    names = vulnerability_names(tree)
    for name, value in zip(names, as_list(tree.get("vulnerabilities")), strict=True):
        for status, ids in as_dict(as_dict(value).get("product_status")).items():
            for product_id in dict.fromkeys(filter(None, map(as_text, as_list(ids)))):
                found.setdefault(product_id, {}).setdefault(status, []).append(name)
    return {
        product_id: {status: tuple(said) for status, said in statuses.items()}
        for product_id, statuses in found.items()
    }


def _referred_ids(tree: dict[str, Any]) -> list[str]:
    """Return every product_id that anything in the document refers to, in its order."""
    found: dict[str, None] = {}
    stack: list[Any] = [tree.get("vulnerabilities"), tree.get("product_tree")]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += reversed(value)
        for key, inner in as_dict(value).items():
            lists = [inner] if key in _ID_LISTS else []
            if key == "product_status":
                lists = list(as_dict(inner).values())
            ids = [each for ids in lists for each in as_list(ids)]
            ids += [inner] if key in _REFERENCES else []
            found |= dict.fromkeys(filter(None, map(as_text, ids)))
            stack.append(inner)
    return list(found)
