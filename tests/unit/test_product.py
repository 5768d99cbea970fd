"""Product identity in small cases: what proves, what refutes, what stays open."""

from itertools import combinations

import pytest

from tests.acceptance.test_real_notices import NOTICE_IDS, read_notice
from tocsin.base.truth import Truth
from tocsin.identify.product import Product, ProductScope, is_product
from tocsin.match.scopes import product_scope_of

VEO_CM = ProductScope("Medtronic", family="minimed-paradigm", codes=("554CM", "754CM"))
VEO = ProductScope("Medtronic", family="minimed-paradigm", codes=("554", "754"))
P722 = ProductScope("Medtronic", family="minimed-paradigm", codes=("522", "722"))
PARADIGM = ProductScope("Medtronic", family="minimed-paradigm")
LVP = ProductScope("CareFusion 303", codes=("8100",), names=("BD Alaris Large Volume Pump",))
MEDFUSION = ProductScope("Smiths Medical", codes=("4000-0105-50", "4000-0106-231"))
SPIRIT = ProductScope("Disetronic (Roche)", names=("ACCU-CHEK Spirit",))
PODS = ProductScope("Insulet", family="omnipod", codes=("POD-ZXP420",))
MONITORS = ProductScope("Philips", names=("IntelliVue Patient Monitors MX (MX400-550)",))
WARMERS = ProductScope("Baxter", names=("Baxter Warmer 30/40",))


def of(
    manufacturer: str | None = "Medtronic",
    product: str | None = None,
    model: str | None = None,
    catalogue_no: str | None = None,
    di: str | None = None,
) -> Product:
    return Product(manufacturer, product, model, catalogue_no, di)


TRUE = [
    (of(model="MMT-722NAS"), P722, "region and colour change nothing"),
    (of(model="mmt 722"), P722, "case, spaces and hyphens neither"),
    (of(model="MMT-722 NAS"), P722, "a space before the suffix neither"),
    (of(model="522/722"), P722, "a list of listed models"),
    (of(product="PARADIGM REAL-TIME INSULIN INFUSION PUMP MMT-522LNAS"), P722, "in a name"),
    (of(model="MMT-754"), VEO, "a plain number is its model"),
    (of(product="Insulin pump 722"), P722, "beside words that name nothing"),
    (of(None, model="MMT-722"), P722, "the number proves the maker"),
    (of("Somebody Ltd", model="MMT-722"), P722, "of an unknown firm too"),
    (of(product="Paradigm", model="722"), P722, "name and model agree"),
    (of(product="MiniMed Paradigm"), PARADIGM, "a family's name against all of it"),
    (of(product="PRDGM INSULIN PUMP"), PARADIGM, "a spelling of the data file"),
    (of("Roche", "Accu Chek Spirit"), SPIRIT, "the notice names both firms"),
    (of("Roche Diabetes Care", "ACCU-CHEK® Spirit"), SPIRIT, "trade marks"),
    (of("Baxter", "Warmer 40"), WARMERS, "one of two numbers of a name"),
    (of("Baxter Healthcare", "Warmer", "40"), WARMERS, "name and model read together"),
]
FALSE = [
    (of(model="MMT-515"), P722, "another member"),
    (of(model="MMT-722K"), P722, "K is a model of its own"),
    (of(model="MMT-754WWS"), VEO_CM, "another region"),
    (of(model="MMT-754LCMS"), VEO, "CM is a model of its own, wherever it stands"),
    (of(model="MMT-751NAL"), P722, "another family"),
    (of(product="MiniMed 640G"), P722, "another family by name"),
    (of(product="640G INSULIN PUMP MMT-1712K"), P722, "by both"),
    (of(model="MMT-332A"), P722, "a full number that nobody listed"),
    (of(product="Paradigm Veo"), P722, "a name of other members"),
    (of(product="CareLink Connect app iOS"), P722, "another name"),
    (of("Insulet", model="722"), P722, "another known maker"),
    (of("BD", model="8015"), LVP, "not listed"),
    (of("Philips", model="M 3535A"), ProductScope("Philips", codes=("M3536A",)), "in pieces"),
    (of(product="MiniMed 730G insulin pump"), P722, "a name that no family knows"),
    (of("Smiths Medical", "Medfusion", "4000", "4000-0105-231"), MEDFUSION, "the longer number"),
    (of("Insulet", "OmniPod PDM"), PODS, "another part of the system"),
    (of("Philips", "IntelliVue MX700"), MONITORS, "outside a range of models"),
    (of("Baxter", "Cooler 30"), WARMERS, "names that share a number only"),
]
UNKNOWN = [
    (of(product="Paradigm"), P722, "a family's name against some of it"),
    (of(product="Paradgim Revell"), PARADIGM, "misspelt"),
    (of(model="MMT-722XYZ"), P722, "an unlisted suffix"),
    (of(model="MMT-754"), VEO_CM, "CM may have been left out"),
    (of(model="0722"), P722, "a zero too many"),
    (of(None, model="722"), P722, "no maker"),
    (of("Unomedical", model="722"), P722, "a firm that may stand behind it"),
    (of("Insulet", model="MMT-722"), P722, "maker and number disagree"),
    (of(product="insulin pump"), P722, "names nothing"),
    (of(product="Medtronic MiniMed"), P722, "names the maker only"),
    (of(product="PUMP, INFUSION, INSULIN"), P722, "names a kind only"),
    (of(product="QUICK-SET PARADIGM"), P722, "what goes with the family"),
    (of(product="MiniMed 640G", model="722"), P722, "name and number disagree"),
    (of(model="722", catalogue_no="MMT-1780K"), P722, "two numbers disagree"),
    (of(model="722XYZ", product="Widget"), P722, "a candidate is not cleared by a name"),
    (of("BD", "BD Alaris Large Volume Pump"), LVP, "a name beside numbers only describes"),
    (of("CareFusion 303", model="8100TCX"), LVP, "continued"),
    (of("Smiths Medical", model="4000"), MEDFUSION, "cut short"),
    (of("Smiths Medical", model="40000105"), MEDFUSION, "cut short, without its hyphen"),
    (of("Smiths Medical", model="4000 0105 231"), MEDFUSION, "put together from pieces"),
    (of("Insulet", catalogue_no="ZXP420"), PODS, "its first part is missing"),
    (of("Insulet", catalogue_no="014810"), ProductScope("Insulet", codes=("14810",)), "a zero"),
    (of("Animas", None, None, "100-200-00"), ProductScope("Animas", codes=("IR1200",)), "scheme"),
    (of("Philips", "IntelliVue MX450"), MONITORS, "inside a range of models"),
    (of("Philips", model="MX450"), MONITORS, "inside, by its number"),
    (
        of("Philips", "Infuser 3000"),
        ProductScope("Philips", codes=("EX-100",)),
        "a name with a number is no model number",
    ),
    (of("Philips", "iCT 256"), ProductScope("Philips", codes=("728306",)), "nor is this"),
    (of("Philips", model="865240"), MONITORS, "a number against a name"),
]


@pytest.mark.parametrize(("product", "scope", "why"), TRUE, ids=[row[2] for row in TRUE])
def test_surely_this_product(product: Product, scope: ProductScope, why: str) -> None:
    assert is_product(product, scope) is Truth.TRUE, why


@pytest.mark.parametrize(("product", "scope", "why"), FALSE, ids=[row[2] for row in FALSE])
def test_surely_another_product(product: Product, scope: ProductScope, why: str) -> None:
    assert is_product(product, scope) is Truth.FALSE, why


@pytest.mark.parametrize(("product", "scope", "why"), UNKNOWN, ids=[row[2] for row in UNKNOWN])
def test_open(product: Product, scope: ProductScope, why: str) -> None:
    assert is_product(product, scope) is Truth.UNKNOWN, why


ONE_DI = ProductScope("Medtronic", codes=("722",), dis=frozenset({"00000000000017"}))
ALL_DIS = ProductScope("Medtronic", names=("Pump X",), dis=ONE_DI.dis, dis_complete=True)


def test_an_equal_identifier_proves() -> None:
    assert is_product(of(None, di="00000000000017"), ONE_DI) is Truth.TRUE


def test_an_equal_identifier_and_another_number_disagree() -> None:
    assert is_product(of(model="515", di="00000000000017"), ONE_DI) is Truth.UNKNOWN


def test_another_identifier_refutes_only_a_complete_list() -> None:
    assert is_product(of(di="00000000000024"), ONE_DI) is Truth.UNKNOWN
    assert is_product(of(di="00000000000024"), ALL_DIS) is Truth.FALSE


def test_a_name_proves_nothing_where_identifiers_tell_products_apart() -> None:
    assert is_product(of(product="Pump X"), ALL_DIS) is Truth.UNKNOWN
    assert is_product(of(product="Pump X", di="00000000000024"), ALL_DIS) is Truth.FALSE


def test_a_manufacturer_alone_is_no_evidence() -> None:
    assert not of().has_evidence
    assert of(product="x").has_evidence


CONSISTENT = [
    of("Medtronic", "MiniMed Paradigm Veo", "MMT-754WWS", "MMT-754WWS"),
    of("MEDTRONIC MINIMED", "Paradigm REAL-Time Revel", "MMT-723LNAS"),
    of("Medtronic", "Paradigm", "722", "MMT-722NAS"),
    of("Medtronic", "MiniMed 640G", "MMT-1711K"),
    of("Medtronic", "MiniMed 530G", "MMT-551"),
    of("Medtronic", "Quick-set Paradigm infusion set", "MMT-397", "MMT-397"),
    of("Unomedical", "Quick-set", "MMT-397"),
    of("Medtronic", "MiniMed remote control", "MMT-503"),
    of("Insulet", "Omnipod", None, "POD-ZXP420"),
    of("Insulet", "OmniPod Insulin Management System", "ZXP425", "19191"),
    of("Insulet", "Omnipod DASH", None, "18239"),
    of("Animas", "Animas 2020", "2020", "100-370-00"),
    of("Animas", "insulin pump", "IR 1250", "100-200-00"),
    of("Smiths Medical", "Medfusion", "4000", "4000-0105-231"),
    of("Disetronic", "Accu-Chek Spirit insulin pump"),
    of("CareFusion 303", "BD Alaris Large Volume Pump", "8100"),
    of("Philips", "HeartStart MRx", "M3535A", "M3535A"),
    of("Baxter", "Sigma Spectrum", "35700", "35700BAX"),
    of("Some Vendor", "Trilogy Evo", "DS2200X11B", None, "00718175003305"),
]


@pytest.mark.parametrize("full", CONSISTENT, ids=str)
def test_a_record_that_says_less_is_only_less_sure(full: Product) -> None:
    """Remove any fields of a record without contradiction, then one more."""
    fields = [name for name in full._fields if getattr(full, name) is not None]
    wrong = []
    for notice in map(read_notice, NOTICE_IDS):
        for entry in notice.scope:
            scope = product_scope_of(notice, entry)
            known = {
                kept: is_product(
                    full._replace(**{name: None for name in full._fields if name not in kept}),
                    scope,
                )
                for size in range(len(fields) + 1)
                for kept in combinations(fields, size)
            }
            for kept, truth in known.items():
                for gone in kept:
                    less = known[tuple(name for name in kept if name != gone)]
                    if less not in {truth, Truth.UNKNOWN}:
                        wrong.append((notice.notice, entry.entry, kept, gone, truth, less))
    assert wrong == []


def test_names_that_share_a_model_number_are_not_surely_two_products() -> None:
    scope = ProductScope("BD", names=("Alaris 8015 PC unit",))
    same = Product("BD", "Alaris PCU 8015", None, None, None)
    other = Product("BD", "Alaris pump module 8100", None, None, None)
    assert is_product(same, scope) is Truth.UNKNOWN
    assert is_product(other, scope) is Truth.FALSE
