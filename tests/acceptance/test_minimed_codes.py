"""Real MiniMed model codes and brand names from MAUDE against the eleven entries of case A."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.test_real_notices import read_notice
from tocsin.base.truth import Truth
from tocsin.identify.product import Product, is_product
from tocsin.match.scopes import product_scope_of

# The corpus labels each code with a product of the CSAF advisory; our entries by its number.
ENTRY_OF_PRODUCT = {
    "CSAFPID-0001": "p522k-722k",
    "CSAFPID-0002": "p515-715",
    "CSAFPID-0003": "p508",
    "CSAFPID-0004": "p712e",
    "CSAFPID-0005": "veo-554-754",
    "CSAFPID-0006": "p522-722",
    "CSAFPID-0007": "veo-554cm-754cm",
    "CSAFPID-0008": "p523k-723k",
    "CSAFPID-0009": "p523-723",
    "CSAFPID-00010": "p511",
    "CSAFPID-00011": "p512-712",
    "none": None,
}
LISTED_NUMBERS = (
    "508",
    "511",
    "512",
    "712",
    "515",
    "715",
    "522",
    "722",
    "523",
    "723",
    "554",
    "754",
)


def identity(product: Product) -> dict[str, Truth]:
    """Return what every entry of case A says of a product."""
    notice = read_notice("ICSMA-19-178-01")
    return {
        entry.entry: is_product(product, product_scope_of(notice, entry)) for entry in notice.scope
    }


def _rows(corpus: Path, name: str) -> Iterator[dict[str, str]]:
    with (corpus / "maude" / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _expected(entry: str | None) -> dict[str, Truth]:
    names = [item.entry for item in read_notice("ICSMA-19-178-01").scope]
    return {name: Truth.TRUE if name == entry else Truth.FALSE for name in names}


@pytest.mark.parametrize("manufacturer", ["Medtronic", "MEDTRONIC MINIMED", None])
@pytest.mark.parametrize("column", ["model", "catalogue_no", "product"])
def test_a_code_falls_under_exactly_its_entry(
    column: str, manufacturer: str | None, corpus: Path
) -> None:
    """Without a manufacturer too: ``MMT-`` and digits prove the maker."""
    wrong = []
    rows = list(_rows(corpus, "mmt_codes_vs_icsma_19_178_01.csv"))
    for row in rows:
        product = Product(manufacturer, None, None, None, None)
        found = identity(product._replace(**{column: row["model_code"]}))
        if found != _expected(ENTRY_OF_PRODUCT[row["expected_product_id_OURS"]]):
            wrong.append((row["model_code"], found))
    assert len(rows) == 125
    assert wrong == []


def test_a_brand_name_beside_its_code_changes_nothing(corpus: Path) -> None:
    wrong = []
    for row in _rows(corpus, "mmt_codes_vs_icsma_19_178_01.csv"):
        product = Product("Medtronic", row["example_brand_name"], row["model_code"], None, None)
        expected = _expected(ENTRY_OF_PRODUCT[row["expected_product_id_OURS"]])
        if identity(product) != expected:
            wrong.append(product)
    assert [product.model for product in wrong] == []


def _speaks_of_case_a(brand: str) -> bool:
    """Whether a brand name holds one of the listed numbers or the word Paradigm."""
    words = brand.upper().replace("MMT-", " ").replace(",", " ").split()
    return "PARADIGM" in brand.upper() or any(
        word.startswith(number) and not word[len(number) : len(number) + 1].isdigit()
        for word in words
        for number in LISTED_NUMBERS
    )


def test_no_brand_name_of_a_listed_pump_is_cleared(corpus: Path) -> None:
    """Another firm's product may be: ConMed's Paradigm is an arthroscopy portal."""
    rows = list(_rows(corpus, "minimed_brand_name_variants.csv"))
    spoken = [row for row in rows if _speaks_of_case_a(row["brand_name"])]
    cleared = {
        row["manufacturer_name"]
        for row in spoken
        if set(
            identity(
                Product(row["manufacturer_name"] or None, row["brand_name"], None, None, None)
            ).values()
        )
        == {Truth.FALSE}
    }
    assert len(rows) > 500
    assert len(spoken) > 400
    assert cleared == {"CONMED LARGO", "CONMED CORPORATION"}


def test_brand_names_of_newer_pumps_are_another_product(corpus: Path) -> None:
    newer = ("620G", "630G", "640G", "670G", "770G", "780G")
    wrong = [
        row["brand_name"]
        for row in _rows(corpus, "minimed_brand_name_variants.csv")
        if any(name in row["brand_name"].upper() for name in newer)
        and set(identity(Product("Medtronic", row["brand_name"], None, None, None)).values())
        != {Truth.FALSE}
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "brand",
    ["INSULIN PUMP", "MINIMED", "MEDTRONIC MINIMED INSULIN PUMP", "MODEL NOT SPECIFIED", "OTHER"],
)
def test_a_brand_that_names_nothing_stays_open(brand: str) -> None:
    assert set(identity(Product("Medtronic", brand, None, None, None)).values()) == {Truth.UNKNOWN}
