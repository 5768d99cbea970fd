"""The index finds what comparing every product with every entry finds."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lib.random_products import even_product, even_scope, product_scopes, products
from tocsin.base.truth import Truth
from tocsin.identify.product import Product, ProductScope, is_product
from tocsin.identify.product_index import ProductIndex


def _by_comparing_all(held: list[Product], scope: ProductScope) -> list[tuple[int, Truth]]:
    compared = [
        (place, is_product(product, scope))
        for place, product in enumerate(held)
        if product.has_evidence
    ]
    return [(place, truth) for place, truth in compared if truth is not Truth.FALSE]


@settings(max_examples=200, deadline=None)
@given(st.lists(products(), max_size=12), st.lists(product_scopes(), min_size=1, max_size=4))
def test_the_index_misses_nothing(held: list[Product], scopes: list[ProductScope]) -> None:
    index = ProductIndex(held)
    for scope in scopes:
        assert list(index.matches(scope)) == _by_comparing_all(held, scope)


@pytest.mark.parametrize("seed", range(10))
def test_the_index_misses_nothing_in_a_crowd(seed: int) -> None:
    rng = Random(seed)
    held = [even_product(rng) for _ in range(60)]
    index = ProductIndex(held)
    for _ in range(60):
        scope = even_scope(rng)
        assert list(index.matches(scope)) == _by_comparing_all(held, scope), scope


@settings(max_examples=100, deadline=None)
@given(st.lists(products(), min_size=1, max_size=12), product_scopes())
def test_a_product_without_evidence_is_never_a_candidate(
    held: list[Product], scope: ProductScope
) -> None:
    found = ProductIndex(held).candidates(scope)
    assert all(held[place].has_evidence for place in found)
