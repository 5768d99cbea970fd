"""Which entries may concern which products, as the tables that the relational engine joins.

A *candidate* is an entry that may concern a product. The candidates of one product are
numbered, and each has two bits in a 64-bit word: the lower one says that the entry is not
refuted, the higher one that it surely holds. A value of a record, say a software version, has
a word for all candidates of its product at once; ``&`` of such words is Kleene's AND.
Source: `docs/adr/0009-each-value-judged-once.md`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from operator import attrgetter
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.base.collection_pause import pause_collection
from tocsin.base.steps import Step
from tocsin.base.truth import Truth
from tocsin.identify.day import HIGHEST_DAY, LOWEST_DAY
from tocsin.identify.product import Product, ProductScope
from tocsin.match.engines.compiled_scopes import CompiledScopes
from tocsin.match.engines.demands import NUMBER_KINDS, Demands
from tocsin.match.engines.layout import (
    ALL_BITS,
    ENTRY_BITS,
    NO_REASON,
    PLACES,
    PRODUCT_BITS,
    day_bounds,
    is_coded,
    stem_of,
)
from tocsin.match.rules import ENTRY, MAX_ENTRIES, PRODUCT, How
from tocsin.match.scopes import product_scope_of
from tocsin.match.unread_names import NamedProducts

_EVERY_DAY = Step(LOWEST_DAY - 1, HIGHEST_DAY + 2, Truth.TRUE)
_NO_ENTRY = -1

Ints = npt.NDArray[np.int64]


class Products(Protocol):
    """The distinct products of a registry; see `identify.product_index`."""

    @property
    def products(self) -> Sequence[Product]:
        """The products themselves."""

    def matches(self, scope: ProductScope) -> Iterable[tuple[int, Truth]]:
        """Yield place and truth of every product whose identity is not FALSE."""


class _Places:
    """Finds the products of an entry, those that its unread text names among them."""

    def __init__(self, products: Products) -> None:
        self._products = products
        self._named: NamedProducts | None = None
        self._found: dict[ProductScope, list[tuple[int, Truth]]] = {}

    def of(self, scope: ProductScope, texts: tuple[str, ...]) -> Iterable[tuple[int, Truth]]:
        """Return place and truth of every product whose identity is not FALSE."""
        if scope not in self._found:  # many entries are about the same products
            self._found[scope] = list(self._products.matches(scope))
        if not texts:
            return self._found[scope]
        self._named = self._named or NamedProducts(self._products.products)
        perhaps = dict.fromkeys(self._named.named(scope, texts), Truth.UNKNOWN)
        return (perhaps | dict(self._found[scope])).items()


# Per column of a piece: the attribute of the step or the item, and its type.
_STEP_BOUNDS = {
    "low_bound": ("low", pa.string()),
    "high_bound": ("high", pa.string()),
    "truth": ("truth", pa.int8()),
}
_NUMBER_BOUNDS = {
    "text_low": ("text_low", pa.string()),
    "text_high": ("text_high", pa.string()),
    "counter_low": ("counter_low", pa.string()),
    "counter_high": ("counter_high", pa.string()),
    "width_low": ("width_low", pa.int16()),
    "width_high": ("width_high", pa.int16()),
    "prefix_bound": ("prefix", pa.string()),
    "near": ("near", pa.bool_()),
    "skeleton_low": ("skeleton_low", pa.string()),
    "skeleton_high": ("skeleton_high", pa.string()),
    "stem_bound": ("stem", pa.string()),
}


@dataclass(frozen=True)
class CandidateTables:
    """What the relational engine joins with the records.

    Attributes:
        kinds: the kinds that some entry constrains, in the order of deciding.
        candidates: one row per product, entry and combination of its day intervals.
        openings: one row per product and block: the word of a value before its pieces are
            looked at (``free``), and what is added when the value is missing (``held``).
        pieces: per coded kind one row per piece of an entry.
        one_block: whether no product has more candidates than fit into one word.
        rivalry: whether some product has several candidates of one notice.
    """

    kinds: Sequence[str]
    candidates: pa.Table
    openings: pa.Table
    pieces: Mapping[str, pa.Table]
    one_block: bool
    rivalry: bool

    @property
    def product_nos(self) -> list[int]:
        """Return the products that some entry may concern."""
        return self.openings["product_no"].unique().to_pylist()  # type: ignore[no-any-return]


@pause_collection()
def make_candidates(scopes: CompiledScopes, products: Products, n_products: int) -> CandidateTables:
    """Return the candidates of every product.

    Args:
        scopes: the compiled notices.
        products: the distinct products; ``product_no`` is a product's place plus 1.
        n_products: how many there are.
    """
    found = _with_places(_without_lone_exclusions(_find(scopes, products, n_products)))
    coded = [kind for kind in scopes.kinds if is_coded(kind)]
    days = [kind for kind in scopes.kinds if not is_coded(kind)]
    found["candidate_no"] = np.arange(len(found["entry_no"]))
    columns = {name: found[name] for name in _CANDIDATE_COLUMNS}
    for kind in days:
        for name in day_bounds(kind):
            columns[name] = found[name]
    for kind in NUMBER_KINDS:
        if kind in coded:
            unread = np.array([kind in each.unread for each in scopes.demands] + [False])
            number = scopes.reasons.number(kind, How.UNREAD)
            columns[f"{kind}_open"] = np.where(unread[found["entry_no"]], number, NO_REASON)
    types = _CANDIDATE_COLUMNS | {name: pa.int32() for name in columns.keys() - _CANDIDATE_COLUMNS}
    return CandidateTables(
        kinds=scopes.kinds,
        candidates=pa.table({name: pa.array(columns[name], types[name]) for name in columns}),
        openings=_openings(scopes, found, coded),
        pieces={kind: _piece_table(kind, scopes.demands) for kind in coded},
        one_block=not found["block"].any(),
        rivalry=bool(found["rivals"].any()),
    )


_CANDIDATE_COLUMNS = {
    "candidate_no": pa.int32(),
    "product_no": pa.int32(),
    "block": pa.int32(),
    "maybe_bit": pa.int64(),
    "surely_bit": pa.int64(),
    "rivals": pa.int64(),
    "notice_no": pa.int32(),
    "entry_no": pa.int32(),
    "excludes": pa.bool_(),
    "open_reason": pa.int32(),
    "base": pa.int64(),
}


def _find(scopes: CompiledScopes, products: Products, n_products: int) -> dict[str, Ints]:
    """Return the columns of all candidates, in the order of notices and entries."""
    days = [kind for kind in scopes.kinds if not is_coded(kind)]
    names = ["product_no", "notice_no", "entry_no", "excludes", "open_reason", "base"]
    names += [name for kind in days for name in day_bounds(kind)]
    unclear = scopes.reasons.number(PRODUCT, How.UNCLEAR)
    places = _Places(products)
    rows: list[tuple[int, ...]] = []
    for entry_no, (notice_no, notice, ordinal, entry) in enumerate(scopes.entries()):
        demands = scopes.demands[entry_no]
        opened = NO_REASON if demands.open_reason is None else demands.open_reason
        combinations = _day_combinations([demands.days.get(kind) for kind in days])
        excludes = entry.excludes is not None
        for place, truth in places.of(product_scope_of(notice, entry), entry.unread_texts):
            reason = opened if truth is Truth.TRUE else unclear
            base = _base(ordinal, truth)
            rows += [
                (place + 1, notice_no, entry_no, excludes, reason, base, *bounds)
                for bounds in combinations
            ]
    found = np.array(rows, np.int64).reshape(len(rows), len(names))
    every_day = [int(bound) for _ in days for bound in _EVERY_DAY]
    unreviewed = scopes.reasons.number(ENTRY, How.UNREVIEWED)
    for notice_no, ordinal in scopes.held_back.items():
        base = _base(ordinal, Truth.FALSE)
        row = [0, notice_no, _NO_ENTRY, 0, unreviewed, base, *every_day]
        held = np.tile(np.array(row, np.int64), (n_products, 1))
        held[:, 0] = np.arange(1, n_products + 1)
        found = np.vstack([found, held])
    return dict(zip(names, found.T, strict=True))


def _base(ordinal: int, identity: Truth) -> int:
    """Return the part of a score that does not depend on the record."""
    return (int(identity) << PRODUCT_BITS) + ((MAX_ENTRIES - ordinal) << ENTRY_BITS)


def _day_combinations(demanded: Sequence[Sequence[Step[int]] | None]) -> list[tuple[int, ...]]:
    """Return the bounds of each way to take one interval per kind of day."""
    choices = [[_EVERY_DAY] if steps is None else steps for steps in demanded]
    return [tuple(chain.from_iterable(steps)) for steps in product(*choices)]


def _without_lone_exclusions(found: dict[str, Ints]) -> dict[str, Ints]:
    """Drop candidates that exclude a product which their notice does not affect."""
    pair = found["product_no"] * (int(found["notice_no"].max(initial=0)) + 1) + found["notice_no"]
    affected = np.unique(pair[found["excludes"] == 0])
    kept = np.isin(pair, affected)
    return {name: column[kept] for name, column in found.items()}


def _with_places(found: dict[str, Ints]) -> dict[str, Ints]:
    """Add block and bits of every candidate, and the bits of its rivals.

    Rivals are the other candidates of the same product and notice. Where a notice's
    candidates lie in two blocks, all bits are set: there may always be a rival.
    """
    order = np.lexsort((found["notice_no"], found["product_no"]))
    found = {name: column[order] for name, column in found.items()}
    of_product, notice = found["product_no"], found["notice_no"]
    places = np.arange(len(notice)) - _starts(of_product)[_group_of(of_product)]
    found["block"] = places // PLACES
    found["maybe_bit"] = bit = np.int64(1) << 2 * (places % PLACES)
    found["surely_bit"] = bit << 1
    pair = _group_of(of_product, notice)
    first = _starts(of_product, notice)
    all_of_pair = np.zeros(len(first), np.int64)
    np.add.at(all_of_pair, pair, bit)
    last = np.append(first[1:], len(notice)) - 1 if len(first) else first
    split = found["block"][first] != found["block"][last]
    found["rivals"] = np.where(split[pair], ALL_BITS, all_of_pair[pair] - bit)
    return found


def _group_of(*columns: Ints) -> Ints:
    """Return the number of each row's group; equal rows must be neighbours."""
    changed = np.zeros(len(columns[0]), bool)
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.cumsum(changed)


def _starts(*columns: Ints) -> Ints:
    """Return the place at which each group begins."""
    return np.unique(_group_of(*columns), return_index=True)[1]


def _openings(scopes: CompiledScopes, found: dict[str, Ints], coded: Sequence[str]) -> pa.Table:
    groups = _group_of(found["product_no"], found["block"])
    starts = _starts(found["product_no"], found["block"])
    columns = {
        "product_no": pa.array(found["product_no"][starts], pa.int32()),
        "block": pa.array(found["block"][starts], pa.int32()),
    }
    for kind in coded:
        demanding = np.array([kind in each.pieces for each in scopes.demands] + [False])
        held = np.where(demanding[found["entry_no"]], found["maybe_bit"], 0)
        free = np.where(held, 0, found["maybe_bit"] | found["surely_bit"])
        for name, bits in (("held", held), ("free", free)):
            words = np.zeros(len(starts), np.int64)
            np.add.at(words, groups, bits)
            columns[f"{stem_of(kind)}_{name}"] = pa.array(words)
    return pa.table(columns)


def _piece_table(kind: str, demands: Sequence[Demands]) -> pa.Table:
    bounds = _NUMBER_BOUNDS if kind in NUMBER_KINDS else _STEP_BOUNDS
    demanded = [each.pieces.get(kind, ()) for each in demands]
    pieces = list(chain.from_iterable(demanded))
    entry_no = np.repeat(np.arange(len(demanded)), [len(each) for each in demanded])
    return pa.table(
        {"entry_no": pa.array(entry_no, pa.int32())}
        | {
            column: pa.array(map(attrgetter(attribute), pieces), arrow_type)
            for column, (attribute, arrow_type) in bounds.items()
        }
    )
