"""Products that a notice names inside text that could not be read."""

from random import Random

import pytest

from tests.lib.random_records import DEVICES, DOUBTFUL
from tests.lib.random_scopes import PRODUCTS, SENTENCES, notice_tree
from tocsin.identify.product import Product, ProductScope
from tocsin.match.scopes import product_scope_of
from tocsin.match.unread_names import NamedProducts, may_be_named
from tocsin.notice.model import Notice
from tocsin.registry.record import read_product

SCOPE = ProductScope("Example Devices", codes=("EX-100",))


def product(**stated: str) -> Product:
    return read_product({"manufacturer": "Example Devices", **stated})


@pytest.mark.parametrize(
    ("stated", "text", "named"),
    [
        ({"model": "EX-200"}, "and EX-200 units", True),
        ({"model": "EX 200"}, "and ex-200 units", True),
        ({"model": "EX-200B"}, "and EX-200 units", True),
        ({"model": "EX-200"}, "and EX-200B units", True),
        ({"model": "EX-200"}, "and EX-2000 units", False),
        ({"model": "EX-200"}, "200 units", False),
        ({"catalogue_no": "3500-0600-01"}, "see 3500-0600-01", True),
        ({"catalogue_no": "3500-0600-01"}, "see 3500-0600-02", False),
        ({"manufacturer": "Medtronic", "model": "MMT-722NAS"}, "the 722 too", True),
        ({"product": "Paradigm 722"}, "the MMT-722 too", True),
        ({"product": "Infuser Deluxe"}, "the deluxe infuser", True),
        ({"product": "Infuser Deluxe"}, "the infuser", False),
        ({"product": "insulin pump"}, "insulin pumps with the old case", False),
        ({"product": "Infuser Deluxes"}, "Infusers Deluxe", True),
        ({"udi": "04012345678901"}, "04012345678901", False),
        ({"model": "n/a"}, "n/a", False),
    ],
)
def test_what_names_a_product(stated: dict[str, str], text: str, named: bool) -> None:
    scope = ProductScope(stated.get("manufacturer", "Example Devices"), codes=("X-1",))
    assert may_be_named(product(**stated), scope, (text,)) is named


def test_another_known_maker_is_not_named() -> None:
    scope = ProductScope("Medtronic", codes=("522",))
    tandem = product(manufacturer="Tandem Diabetes Care", product="Paradigm Veo")
    unknown = product(manufacturer="Some Firm", product="Paradigm Veo")
    assert not may_be_named(tandem, scope, ("the Paradigm Veo",))
    assert may_be_named(unknown, scope, ("the Paradigm Veo",))


def test_without_text_nothing_is_named() -> None:
    assert not may_be_named(product(model="EX-200"), SCOPE, ())
    assert NamedProducts([product(model="EX-200")]).named(SCOPE, ()) == []


def test_text_is_looked_for_wherever_an_entry_may_hold_it() -> None:
    entry = {
        "entry": "e",
        "affects": {"models": ["EX-100"]},
        "unread": ["one", "two"],
        "software": {"unread": "three"},
        "lots": {"any_of": ["A1"], "unread": "four"},
        "serials": {"unread": "five"},
    }
    notice = Notice.model_validate(notice_tree("N", [entry]))
    assert notice.scope[0].unread_texts == ("one", "two", "three", "four", "five")


def test_the_index_finds_what_comparing_every_product_finds() -> None:
    rows = [{**device, "udi": device.get("di")} for device in (*DEVICES, *DOUBTFUL)]
    products = [read_product(row) for row in rows]
    index = NamedProducts(products)
    rng = Random(7)
    for part in PRODUCTS:
        entry = {"entry": "e", "affects": part}
        notice = Notice.model_validate(notice_tree("N", [entry], "Medtronic"))
        scope = product_scope_of(notice, notice.scope[0])
        for _ in range(4):
            texts = tuple(rng.sample(SENTENCES, rng.randint(1, 3)))
            named = [n for n, each in enumerate(products) if may_be_named(each, scope, texts)]
            assert index.named(scope, texts) == named
