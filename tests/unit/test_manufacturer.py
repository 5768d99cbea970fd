"""Spellings of manufacturers, and who may stand behind one device."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tocsin.base.truth import Truth
from tocsin.identify.manufacturer import (
    compare_manufacturers,
    find_manufacturer,
    known_manufacturers,
    load_manufacturers,
    maker_of_code,
    named_manufacturers,
    plain_manufacturer,
)

# Both firms are meant by these spellings.
SHARED_SPELLINGS = {"PHILIPS RESPIRONICS", "PHILLIPS RESPIRONICS", "PHILIPS RS NORTH AMERICA"}


def test_no_spelling_means_two_firms_by_accident() -> None:
    firms = defaultdict(set)
    for maker in load_manufacturers().manufacturers:
        for name in maker.names:
            firms[plain_manufacturer(name)].add(maker.id)
    assert {name for name, ids in firms.items() if len(ids) > 1} == SHARED_SPELLINGS


def test_every_related_firm_is_known() -> None:
    known = set(known_manufacturers().by_id)
    assert {other for pair in known_manufacturers().related for other in pair} <= known


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("MEDTRONIC PUERTO RICO OPERATIONS CO., JUNCOS", ("medtronic",)),
        ("Medtronic / MiniMed", ("medtronic",)),
        ("MEDTRONIC / UNOMEDICAL A/S", ("medtronic", "unomedical")),
        ("Disetronic (Roche)", ("disetronic", "roche")),
        ("Phillips", ("philips",)),
        ("Silex Technology and GE Healthcare", ("silex", "ge")),
        ("Becton, Dickinson and Company (BD)", ("bd",)),
        ("Innokas Yhtymä Oy", ("innokas",)),
        ("Medtronic (Somewhere Else)", ()),
        ("(see record)", ()),
        ("", ()),
    ],
)
def test_named_firms(text: str, ids: tuple[str, ...]) -> None:
    assert named_manufacturers(text) == ids


@pytest.mark.parametrize(
    ("ours", "theirs", "truth"),
    [
        ("MiniMed Inc.", "Medtronic", Truth.TRUE),
        ("Acme Devices", "acme devices, Inc.", Truth.TRUE),
        ("Roche", "Disetronic (Roche)", Truth.TRUE),
        ("Philips", "Philips Respironics", Truth.TRUE),
        ("Abbott", "St. Jude Medical", Truth.UNKNOWN),
        ("Unomedical", "Medtronic", Truth.UNKNOWN),
        ("Baxter", "SIGMA", Truth.UNKNOWN),
        ("Acme Devices", "Medtronic", Truth.UNKNOWN),
        (None, "Medtronic", Truth.UNKNOWN),
        ("Insulet", "Medtronic", Truth.FALSE),
    ],
)
def test_compare(ours: str | None, theirs: str, truth: Truth) -> None:
    assert compare_manufacturers(ours, theirs) is truth
    assert compare_manufacturers(theirs, ours) is truth


def test_a_number_that_nobody_else_writes_proves_its_maker() -> None:
    maker = maker_of_code("mmt-722 nas")
    assert maker is not None
    assert maker.id == "medtronic"
    assert maker_of_code("722") is None


def test_every_vendor_of_the_advisories_is_known(corpus: Path) -> None:
    text = (corpus / "csaf" / "icsma_version_expressions.json").read_text("utf-8")
    vendors = {row["vendor"] for row in json.loads(text)}
    assert len(vendors) > 25
    assert {name for name in vendors if find_manufacturer(name) is None} == set()
