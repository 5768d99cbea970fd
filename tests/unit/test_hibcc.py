"""Device identifiers of HIBCC: dates, quantities, check characters that may be spaces."""

from itertools import product

import pytest

from tocsin.identify.udi.hibc_check import check_character
from tocsin.identify.udi.parts import PARTS
from tocsin.identify.udi.text import Agency, Check, Udi, UnreadableUdi, parse_udi

DI = "B456PUMP2"


def written(body: str) -> str:
    return body + check_character(body)


def hibc(*doubts: str, di: str | None = DI, **parts: str) -> Udi:
    return Udi(di, Agency.HIBCC, Check.RIGHT, doubts=frozenset(doubts), **parts)


@pytest.mark.parametrize(
    ("secondary", "parts"),
    [
        ("", {}),
        ("/$LOT1", {"lot": "LOT1"}),
        ("/$+SER1", {"serial": "SER1"}),
        ("/SSER1", {"serial": "SER1"}),
        ("/$$0926LOT1", {"lot": "LOT1", "expires_on": "2026-09"}),
        ("/$$1226LOT1", {"lot": "LOT1", "expires_on": "2026-12"}),
        ("/$$2092826LOT1", {"lot": "LOT1", "expires_on": "2026-09-28"}),
        ("/$$3260928LOT1", {"lot": "LOT1", "expires_on": "2026-09-28"}),
        ("/$$426092814LOT1", {"lot": "LOT1", "expires_on": "2026-09-28"}),
        ("/$$526271LOT1", {"lot": "LOT1", "expires_on": "2026-09-28"}),
        ("/$$62627114LOT1", {"lot": "LOT1", "expires_on": "2026-09-28"}),
        ("/$$7LOT1", {"lot": "LOT1"}),
        ("/26271LOT1", {"lot": "LOT1", "expires_on": "2026-09-28"}),
        ("/$$8053260928LOT1", {"lot": "LOT1", "expires_on": "2026-09-28"}),
        ("/$$9000050926LOT1", {"lot": "LOT1", "expires_on": "2026-09"}),
        ("/$$8057LOT1", {"lot": "LOT1"}),
        ("/$$805", {}),
        ("/$$+0926SER1", {"serial": "SER1", "expires_on": "2026-09"}),
        ("/$$+3260928SER1", {"serial": "SER1", "expires_on": "2026-09-28"}),
        ("/$$+7SER1", {"serial": "SER1"}),
        ("/$$3260900LOT1", {"lot": "LOT1", "expires_on": "2026-09"}),
        ("/$$3260928", {"expires_on": "2026-09-28"}),
        ("/$LOT1/16D20240131/14D20260930/Q12", {
            "lot": "LOT1", "made_on": "2024-01-31", "expires_on": "2026-09-30"}),
        ("/$$0999LOT1", {"lot": "LOT1"}),
    ],
)  # fmt: skip
def test_every_form_of_a_secondary_part(secondary: str, parts: dict[str, str]) -> None:
    text = written(f"+{DI}{secondary}")
    assert parse_udi(text) == hibc(**parts)
    assert parse_udi(f"]C0{text}") == parse_udi(f"*{text}*") == hibc(**parts)


@pytest.mark.parametrize("secondary", ["$$1326LOT1", "$$3260931LOT1", "$$526367LOT1", "26000LOT1"])
def test_an_impossible_date_puts_its_number_in_doubt_as_well(secondary: str) -> None:
    assert parse_udi(written(f"+{DI}/{secondary}")) == hibc("lot", "expires_on", lot="LOT1")


def test_an_impossible_day_of_manufacture_is_no_date() -> None:
    assert parse_udi(written(f"+{DI}/$L/16D20240230")) == hibc("made_on", lot="L")


@pytest.mark.parametrize(
    "body",
    [
        "+", "+A", f"+{DI}/", f"+{DI}//", f"+{DI}/LOT1", f"+{DI}/$$LOT1", f"+{DI}/$$226",
        f"+{DI}/$$2AB0926", f"+{DI}/16D2024013", f"+{DI}/16D", f"+{DI}/$" + "A" * 19, "+/A123",
        f"+{DI}/$LO/T1", f"+{DI}/Q123456", "+1456PUMP2", "+B45.PUMP2", f"++{DI}", f"+{DI}/$$80",
        "+B456PUMPX",
    ],
)  # fmt: skip
def test_what_is_not_built_as_a_device_code(body: str) -> None:
    with pytest.raises(UnreadableUdi):
        parse_udi(written(body))


@pytest.mark.parametrize("text", ["+b456pump2X", f"+{DI}#", f"+{DI}/$L\u00d6TX", "+", "+ ", "**"])
def test_other_characters(text: str) -> None:
    with pytest.raises(UnreadableUdi):
        parse_udi(text)


def _body_with_checks(*characters: str) -> str:
    """Return a code that wants the first character, and with that the second one, and so on."""
    for one, other in product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=2):
        body = so_far = f"+B456{one}{other}2/$LOT7"
        for wanted in characters:
            if check_character(so_far) != wanted:
                break
            so_far += wanted
        else:
            return body
    raise AssertionError(characters)


def test_the_check_character_may_be_a_space_an_underscore_or_lost() -> None:
    body = _body_with_checks(" ")
    for text in (f"{body} ", f"{body}_", body, f"{body}  "):
        udi = parse_udi(text)
        assert (udi.check, udi.lot, udi.doubts) == (Check.RIGHT, "LOT7", frozenset())


def test_a_right_character_that_may_also_be_data_before_a_lost_space_is_a_doubt() -> None:
    body = _body_with_checks("J", " ")
    udi = parse_udi(f"{body}J")
    assert (udi.lot, udi.doubts) == ("LOT7", frozenset({"lot"}))
    assert parse_udi(f"{body}J ").lot == "LOT7J"


def test_a_wrong_check_character_is_flagged_and_every_part_kept_in_doubt() -> None:
    right = written(f"+{DI}/$LOT1")
    wrong = right[:-1] + ("X" if right[-1] != "X" else "Y")
    udi = parse_udi(wrong)
    assert (udi.di, udi.check, udi.lot, udi.doubts) == (DI, Check.WRONG, "LOT1", PARTS)
    assert not udi.can_refute
    assert udi.without_doubts().lot is None


def test_primary_and_secondary_code_one_after_the_other() -> None:
    primary = written(f"+{DI}")
    secondary = written(f"+$$3260928LOT1{primary[-1]}")
    expected = hibc(lot="LOT1", expires_on="2026-09-28")
    for between in ("", " ", "\n"):
        assert parse_udi(f"{primary}{between}{secondary}") == expected
    alone = parse_udi(secondary)
    assert alone == hibc(di=None, lot="LOT1", expires_on="2026-09-28")
    of_another = written("+$$3260928LOT1" + ("A" if primary[-1] != "A" else "B"))
    assert parse_udi(f"{primary} {of_another}").without_doubts() == hibc(*PARTS)
