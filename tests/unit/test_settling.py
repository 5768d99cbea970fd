"""What one answer would settle: tried against answers that are really given."""

import pytest

from tocsin.base.verdict import Verdict
from tocsin.match.engines.reference import match_records
from tocsin.match.settling import Settling, kinds_asked, settle_record
from tocsin.notice.model import Notice
from tocsin.registry.record import read_record
from tocsin.services.samples import case_notices

PUMP = {"device_id": "D1", "manufacturer": "Medtronic", "model": "MMT-723"}


@pytest.fixture(scope="module")
def notice() -> Notice:
    return case_notices("a")[0]


def settled(notice: Notice, **texts: str) -> dict[str, tuple[bool, bool]]:
    found = settle_record(notice, read_record({"device_id": "D1", **texts}))
    return {each.column: (each.surely, each.perhaps) for each in found}


def test_a_software_version_settles_a_pump_of_a_known_model(notice: Notice) -> None:
    asked = {name: text for name, text in PUMP.items() if name != "device_id"}
    assert settled(notice, **asked) == {"software_version": (True, True)}
    for version in ("2.4A", "2.5B", "1.0", "9.9"):
        record = read_record({**PUMP, "software_version": version})
        (verdict,) = match_records([notice], [record])
        assert verdict.verdict is not Verdict.CANNOT_TELL, version


def test_what_is_decided_needs_no_answer(notice: Notice) -> None:
    assert settled(notice, manufacturer="Medtronic", model="MMT-722") == {}
    assert settled(notice, manufacturer="Tandem", model="t:slim X2") == {}


def test_a_record_without_a_product_is_settled_by_its_model_perhaps(notice: Notice) -> None:
    assert settled(notice, software_version="2.4A") == {"model": (False, True)}


def test_a_model_alone_settles_only_perhaps_where_the_version_is_open_too(notice: Notice) -> None:
    found = settled(notice, manufacturer="Medtronic", product="Paradigm")
    assert found["model"] == (False, True)
    assert not found.get("software_version", (False, False))[0]


def test_lots_and_days_are_asked_about(notice: Notice) -> None:
    assert kinds_asked(notice) == {"software"}
    cartridges = case_notices("b")[0]
    assert {"lot", "shipped_on"} <= kinds_asked(cartridges)
    entry = cartridges.scope[0]
    lot = entry.lots.any_of[0] if entry.lots.any_of else ""
    texts = {"device_id": "D1", "manufacturer": "Animas", "product": "cartridge", "model": "2.0 ml"}
    found = settle_record(cartridges, read_record({**texts, "lot": str(lot)}))
    assert Settling("lot", surely=True, perhaps=True) not in found
