"""A device that a notice names is never cleared, however badly its record is written.

The notice is made from a real row; the record is the same row, mutilated. Real rows are read
from the corpus, so that nothing of it stands here; a few made-up rows stand in for it.
"""

import csv
import gzip
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.lib.mutilations import REMARKS, mutilated_names, mutilated_numbers
from tocsin.base.truth import Truth
from tocsin.identify.product import Product, ProductScope, is_product
from tocsin.identify.product_name import ProductName
from tocsin.identify.product_text import read_product_text
from tocsin.registry.schema import clean

Row = tuple[str, str, str, str]
"""Company, name, model number, catalogue number."""

MADE_UP: list[Row] = [
    ("Example Devices Inc.", "Bluebell Infuser", "EX-1005-B", "3500-0600-01"),
    ("Medtronic", "Paradigm REAL-Time", "MMT-722NAS", "MMT-722NAS"),
    ("Tandem Diabetes Care", "t:slim X2", "1000096", "1000096"),
    ("Smiths Medical ASD, Inc.", "Medfusion 3500", "3500-0600-51", "3500-0600-51"),
    ("Animas Corporation", "OneTouch Ping", "100-501-08", "100-501-08"),
    ("Insulet Corporation", "Omnipod DASH", "PT-000010", "PT-000010"),
    ("Baxter Healthcare", "Sigma Spectrum", "35700BAX2", "35700BAX2"),
]
N_ROWS = 800


def real_rows(corpus: Path) -> list[Row]:
    with gzip.open(corpus / "udi" / "gudid_2016.csv.gz", "rt", encoding="utf-8") as stream:
        found = [
            (row["company"], row["brand"], row["version_model"], row["catalog"])
            for row in csv.DictReader(stream)
        ]
    wanted = [row for row in dict.fromkeys(found) if is_usable(row)]
    return wanted[:: max(1, len(wanted) // N_ROWS)]


def is_usable(row: Row) -> bool:
    """Whether the model is a number and the name more than a kind of product."""
    company, name, model, _ = row
    telling = ProductName(read_product_text(name, None).name.words).telling
    return (
        bool(clean(company) and clean(name) and clean(model))
        and re.fullmatch(r"[A-Z0-9][A-Z0-9-]{3,}", model) is not None
        and re.search(r"[A-Z]{5}", model) is None
        and sum(map(str.isdigit, model)) >= 3
        and sum(len(word) for word in telling if word.isalpha()) >= 8
    )


@pytest.fixture(params=["made up", "real"])
def rows(request: pytest.FixtureRequest) -> list[Row]:
    if request.param == "made up":
        return MADE_UP
    return real_rows(request.getfixturevalue("corpus"))


def check(cases: Iterator[tuple[Product, ProductScope]]) -> None:
    n_cases = 0
    cleared = []
    for product, scope in cases:
        n_cases += 1
        if is_product(product, scope) is Truth.FALSE:
            cleared.append((tuple(product), scope.codes, scope.names))
    assert n_cases > 20
    assert list(islice(cleared, 20)) == [], f"{len(cleared)} of {n_cases}"


def test_a_mutilated_brand_of_a_pump_clears_nobody(corpus: Path) -> None:
    path = corpus / "maude" / "minimed_brand_name_variants.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        brands = [(row["manufacturer_name"], row["brand_name"]) for row in csv.DictReader(stream)]
    check(
        (Product(firm, typed, None, None, None), ProductScope(maker, None, (), (brand,)))
        for maker, brand in brands
        if clean(brand)
        for firm in (maker, None)
        for typed in (brand, brand.lower(), *(f"{brand}{end}" for end in (" (10)", ", ser. 123")))
    )


def test_a_mutilated_model_number_clears_nobody(rows: list[Row]) -> None:
    check(
        (Product(maker, product, typed, None, None), scope)
        for maker, name, model, _ in rows
        for scope in (
            ProductScope(maker, None, (model,)),
            ProductScope(maker, None, (model,), (name,)),
            ProductScope(maker, None, (), (name,)),
        )
        for typed in mutilated_numbers(model)
        for product in (None, name)
    )


def test_a_mutilated_name_clears_nobody(rows: list[Row]) -> None:
    check(
        (Product(maker, typed, None, None, None), scope)
        for maker, name, model, _ in rows
        for scope in (
            ProductScope(maker, None, (), (name,)),
            ProductScope(maker, None, (model,), (name,)),
            ProductScope(maker, None, (), (f"{name} {model}",)),
        )
        for typed in mutilated_names(name, maker)
    )


def test_a_value_in_another_column_clears_nobody(rows: list[Row]) -> None:
    check(
        (Product(firm, *texts, None), scope)
        for maker, name, model, _ in rows
        for scope in (
            ProductScope(maker, None, (model,), (name,)),
            ProductScope(maker, None, (), (name,)),
            ProductScope(maker, None, (model,), only_catalogue=True),
        )
        for firm in (maker, None, maker[1:])
        for texts in (
            (model, None, None),
            (None, name, None),
            (model, name, None),
            (f"{name} {model}", None, None),
            (None, f"{model} {name}", None),
            (None, None, model),
            *((f"{name} {model}{remark}", None, None) for remark in REMARKS),
        )
    )


def test_a_model_number_does_not_clear_from_a_list_of_catalogue_numbers(rows: list[Row]) -> None:
    """Unless it is built like them, so that it would stand among them."""
    check(
        (Product(maker, product, typed, None, None), scope)
        for maker, name, model, catalogue_no in rows
        if catalogue_no == model or catalogue_no[:1].isdigit() is not model[:1].isdigit()
        for scope in [ProductScope(maker, None, (catalogue_no,), (name,), only_catalogue=True)]
        if catalogue_no
        for product in (None, name)
        for typed in (model, model.lower(), f"REF {model}")
    )
