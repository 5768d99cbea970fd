"""The entries of a scope as products of a CSAF document, each with its status.

Another reader must never see a wider *not affected* than the notice means. So a product is
``known_not_affected`` only if CSAF can say all of the entry: product and versions. What an
entry that affects asks beyond that (lots, serials, days, facts) stands in words, and the
whole product is listed as affected. What is UNKNOWN to us is open to others.
Source: `docs/adr/0012-notices-in-csaf.md`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tocsin.base.truth import Truth
from tocsin.formats.csaf.products import free_name
from tocsin.formats.csaf.tree import shortened
from tocsin.formats.csaf.version_text import VersionBranch, version_branches
from tocsin.identify.family import known_families
from tocsin.identify.manufacturer import compare_manufacturers
from tocsin.identify.product import Product, ProductScope, is_product
from tocsin.match.scopes import number_sets, product_scope_of
from tocsin.notice.describe import describe_constraints, describe_open_points
from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry, ProductPart

Status = Literal["known_affected", "known_not_affected", "open"]
_MAX_LABELS = 500
NOBODY = "unknown"


@dataclass(frozen=True)
class WrittenProduct:
    """A product as the document lists it.

    Attributes:
        vendor: name of the vendor branch.
        label: name of the product branch.
        version: the branch below it, if any.
        product: the ``full_product_name_t``.
        status: its status; ``open`` is written as the format's word for it.
    """

    vendor: str
    label: str
    version: VersionBranch | None
    product: dict[str, Any]
    status: Status


@dataclass(frozen=True)
class _Label:
    """A name for a product branch, and what identifies the product beside it."""

    text: str
    helper: tuple[tuple[str, str], ...] = ()
    said: str | None = None

    @property
    def in_full(self) -> str:
        """Return the label within the full product name.

        A bare number names no product, and says so, lest a name without it be cleared.
        """
        return self.said or self.text


def written_products(notice: Notice) -> list[WrittenProduct]:
    """Return the products of a notice's scope, in its order, with different ids."""
    taken: Counter[str] = Counter()
    return [product for entry in notice.scope for product in _products_of(notice, entry, taken)]


def _products_of(notice: Notice, entry: Entry, taken: Counter[str]) -> Iterator[WrittenProduct]:
    family = known_families().get(entry.product.family or "")
    vendor = notice.manufacturer_of(entry) or (family.manufacturer if family else NOBODY)
    ranges = version_branches(entry.software)
    conditions = _conditions(entry, ranges)
    theirs = family.manufacturer if family else vendor
    known = family or not entry.product.family
    if not known or compare_manufacturers(vendor, theirs) is not Truth.TRUE:
        conditions.append(f"of the family {entry.product.family}")
    branches: Sequence[VersionBranch | None] = ranges or (None,)
    for label in _labels(entry.product, family.name if family else None):
        surely = _is_surely(product_scope_of(notice, entry), vendor, label)
        for version in branches:
            name = free_name(entry.entry, taken)
            yield WrittenProduct(
                vendor,
                label.text,
                version,
                _product(entry, name, _full_name(vendor, label, version, conditions), label),
                _status(entry, ranges, surely=surely),
            )


def _full_name(
    vendor: str, label: _Label, version: VersionBranch | None, conditions: Sequence[str]
) -> str:
    called = f"{vendor} {label.in_full}"
    full = f"{called}: {version.words}" if version else called
    return shortened(f"{full}; only {'; '.join(conditions)}" if conditions else full)


def _conditions(entry: Entry, ranges: Sequence[VersionBranch] | None) -> list[str]:
    """Return in words what the branches do not say of an entry."""
    asked = describe_constraints(entry)
    if ranges is not None:
        asked.pop("software", None)
    said = [*asked.values()]
    if _is_open(entry):
        said.append("not told for which units")
    if not entry.reviewed:
        said.append("a draft that nobody has confirmed")
    if entry.excludes:
        said.append("named as not affected")
    return said


def _product(entry: Entry, product_id: str, full_name: str, label: _Label) -> dict[str, Any]:
    product: dict[str, Any] = {"name": full_name, "product_id": product_id}
    helper: dict[str, Any] = {}
    for key, text in label.helper:
        helper.setdefault(key, []).append(text)
    if entry.product.dis:
        helper["x_generic_uris"] = [
            {"namespace": "https://id.gs1.org", "uri": f"https://id.gs1.org/01/{di}"}
            for di in dict.fromkeys(entry.product.dis)
        ]
    if helper:
        product["product_identification_helper"] = helper
    return product


def _labels(part: ProductPart, family: str | None) -> list[_Label]:
    """Return a label per model or catalogue number, else per name, else for the family."""
    stem = part.names[0] if part.names else family
    codes = [("model_numbers", code) for code in part.models]
    codes += [("skus", code) for code in part.catalogue if code not in part.models]
    if len(codes) > _MAX_LABELS:
        listed = tuple((key, _escaped(code)) for key, code in dict.fromkeys(codes))
        return [_Label(shortened(stem or f"one of the models {', '.join(part.models)}"), listed)]
    if codes:
        return [
            _Label(
                f"{stem} {code}" if stem else code,
                ((key, _escaped(code)),),
                None if stem else f"product with the number {code}",
            )
            for key, code in dict.fromkeys(codes)
        ]
    if part.names:
        return [_Label(name) for name in dict.fromkeys(part.names)]
    if family or part.family:
        return [_Label(family or part.family or "")]
    return [_Label("any product with only this device identifier")]


def _escaped(code: str) -> str:
    """Return a number with what CSAF takes for wildcards marked as plain characters."""
    return "".join(f"\\{char}" if char in "\\*?" else char for char in code)


def _is_open(entry: Entry) -> bool:
    """Whether the entry can surely concern no device at all."""
    numbers = (entry.lots, entry.serials)
    return bool(
        entry.no_status
        or entry.withheld
        or entry.unread
        or entry.product.dis_unread
        or entry.software.unread
        or entry.software.withheld
        or any(each.withheld for each in numbers)
        or any(each.unread and not number_sets(each) for each in numbers)
    )


def _status(entry: Entry, ranges: Sequence[VersionBranch] | None, *, surely: bool) -> Status:
    """Return an entry's status; ``surely`` tells whether its label is surely its product."""
    if _is_open(entry):
        return "open"
    if entry.affects:
        return "known_affected"
    asked = set(describe_constraints(entry)) - {"software"}
    exact = ranges is not None and all(version.sure for version in ranges)
    whole = exact and not asked and entry.reviewed and not any(describe_open_points(entry))
    return "known_not_affected" if whole and surely and not entry.product.dis else "open"


def _is_surely(product: ProductScope, vendor: str, label: _Label) -> bool:
    """Whether we ourselves take a record with this vendor and label for the product."""
    numbers = dict(label.helper)
    if len(label.helper) > 1:
        return False
    model, catalogue_no = numbers.get("model_numbers"), numbers.get("skus")
    name = None if label.helper else label.text
    record = Product(vendor, name, model, catalogue_no, None)
    return is_product(record, product) is Truth.TRUE
