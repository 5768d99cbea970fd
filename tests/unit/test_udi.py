"""Device identifiers of GS1: in brackets, as scan data, as a link, or the DI alone."""

import pytest

from tocsin.identify.udi.gs1_table import has_right_check_digit
from tocsin.identify.udi.parts import PARTS
from tocsin.identify.udi.text import Agency, Check, Udi, UnreadableUdi, parse_udi

DI = "00718175003305"


def gs1(di: str = DI, *doubts: str, check: Check = Check.RIGHT, **parts: str) -> Udi:
    return Udi(di, Agency.GS1, check, doubts=frozenset(doubts), **parts)


@pytest.mark.parametrize(
    ("text", "udi"),
    [
        (DI, gs1()),
        (f" {DI} ", gs1()),
        (f"01{DI}", gs1()),
        (f"(01){DI}", gs1()),
        (f"(01){DI}(10)GWX001", gs1(lot="GWX001")),
        (f"(01){DI}(21)77", gs1(serial="77")),
        (f"(10)GWX001(01){DI}", gs1(lot="GWX001")),
        (f"(01){DI}(11)110615(17)140600", gs1(made_on="2011-06-15", expires_on="2014-06")),
        (f"(01){DI}(17)20231021", gs1(expires_on="2023-10-21")),
        (f"(01){DI}(7003)2310211200", gs1(expires_on="2023-10-21")),
        (f"(01){DI}(8008)23102112", gs1(made_on="2023-10-21")),
        (f"(01){DI}(8012)2.4A", gs1(software_version="2.4A")),
        (f"(01){DI}(240)X1(30)5", gs1()),
        (f"01{DI}1111061510GWX001", gs1(lot="GWX001", made_on="2011-06-15")),
        (f"01{DI}10GWX001\x1d2177", gs1(lot="GWX001", serial="77")),
        (f"01{DI}99GWX001", gs1()),
        (f"(01){DI}(10)", gs1()),
        (f"(01){DI}(11)soon", gs1()),
        (f"(01) {DI[:7]} {DI[7:]} (10)A1", gs1(lot="A1")),
    ],
)
def test_reading(text: str, udi: Udi) -> None:
    assert parse_udi(text) == udi


@pytest.mark.parametrize(
    "fnc1", ["\x1d", "<GS>", "<gs>", "{GS}", "[GS]", "<FNC1>", "^", "^]", "\u241d", "|", "\\x1d"]
)
@pytest.mark.parametrize("prefix", ["", "]C1", "]d2", "]Q3", "]e0", "]J1"])
def test_every_spelling_of_a_separator(fnc1: str, prefix: str) -> None:
    expected = gs1(lot="GWX21001", serial="77")
    assert parse_udi(f"{prefix}01{DI}10GWX21001{fnc1}2177") == expected
    assert parse_udi(f"{prefix}{fnc1}01{DI}10GWX21001{fnc1}2177{fnc1}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "77", "not an identifier", "(10)GWX001", "(01)718175003305", f"{DI}0",
        f"(01){DI}0", "(01)008500066132625", f"(01){DI}(01)00718175003312", f"01{DI}55X",
        f"01{DI}10", f"01{DI}11110", f"01{DI}10{'A' * 21}", f"({DI})", "()", "(1", "]C1", "]d2\x1d",
        "(01)\uff10\uff10718175003305", "\u0660" * 14, "02345673", "20240109", "x" * 5000,
        f"]C1{DI}",
    ],
)  # fmt: skip
def test_what_names_no_product_surely(text: str) -> None:
    with pytest.raises(UnreadableUdi):
        parse_udi(text)


def test_brackets_within_a_value_open_nothing_unless_they_hold_an_identifier() -> None:
    assert parse_udi(f"(01){DI}(10)A(5)B(21)77") == gs1(lot="A(5)B", serial="77")
    assert parse_udi(f"(01){DI}(10)A(55)B") == gs1(DI, "lot", lot="A(55)B")
    assert parse_udi(f"(01){DI}(55)B") == gs1()
    assert parse_udi(rf"(01){DI}(10)A\(21)B(21)77") == gs1(lot="A(21)B", serial="77")
    assert parse_udi(f"(01){DI}(10)A(21)B(21)77").doubts == PARTS


def test_a_short_gtin_alone_is_read_but_never_refutes() -> None:
    for written in (DI[1:], DI[2:]):
        udi = parse_udi(written)
        assert udi == gs1(DI, "di")
        assert not udi.can_refute
    with pytest.raises(UnreadableUdi):
        parse_udi("718175003306")
    assert parse_udi("]E00718175003305").can_refute
    assert parse_udi("]E402345673").di == "00000002345673"


def test_a_wrong_check_digit_is_flagged_and_kept() -> None:
    wrong = DI[:-1] + "6"
    assert not has_right_check_digit(wrong)
    for text in (wrong, f"(01){wrong}", f"]C101{wrong}"):
        assert parse_udi(text) == gs1(wrong, check=Check.WRONG)
        assert not parse_udi(text).can_refute
    assert parse_udi(DI).can_refute


@pytest.mark.parametrize(
    ("text", "made_on", "expires_on"),
    [
        ("000606", "2000-06-06", "2000-06-06"),
        ("500606", "2050-06-06", "2050-06-06"),
        ("510606", None, None),
        ("750606", None, None),
        ("900606", None, None),
        ("910606", "1991-06-06", None),
        ("991231", "1999-12-31", None),
        ("110631", None, None),
        ("110229", None, None),
        ("120229", "2012-02-29", "2012-02-29"),
        ("111300", None, None),
        ("110000", None, None),
        ("110600", "2011-06", "2011-06"),
        ("999999", None, None),
    ],
)
def test_a_year_in_doubt_and_a_day_that_does_not_exist_are_no_date(
    text: str, made_on: str | None, expires_on: str | None
) -> None:
    udi = parse_udi(f"(01){DI}(11){text}(17){text}")
    assert (udi.made_on, udi.expires_on) == (made_on, expires_on)


@pytest.mark.parametrize(
    ("tail", "doubts"),
    [
        ("10A12177", {"lot", "serial"}),
        ("2177AB10GWX", {"lot", "serial"}),
        ("10A17231021", {"lot", "expires_on"}),
        ("10A17231321", set()),
        ("10GWX21", set()),
        ("10GWX001", set()),
        ("172310212177", set()),
    ],
)
def test_a_separator_that_a_scanner_may_have_dropped(tail: str, doubts: set[str]) -> None:
    assert parse_udi(f"01{DI}{tail}").doubts == doubts
    assert parse_udi(f"]C101{DI}{tail}").doubts == set()


def test_what_is_in_doubt_decides_nothing() -> None:
    udi = parse_udi(f"01{DI}10A12177")
    assert (udi.lot, udi.without_doubts().lot) == ("A12177", None)
    assert udi.without_doubts().di == DI
    spaced = parse_udi(f"(01) {DI} (10) GWX 001 ")
    assert spaced == gs1(DI, "lot", lot="GWX 001")


@pytest.mark.parametrize("lot", ["8.1.2", "2.4A", "V3.0"])
def test_a_software_version_in_the_place_of_the_lot_is_a_hint_only(lot: str) -> None:
    udi = parse_udi(f"(01){DI}(10){lot}(21)77")
    assert (udi.lot, udi.software_version) == (lot, lot)
    sure = udi.without_doubts()
    assert (sure.lot, sure.software_version, sure.serial) == (None, None, "77")


def test_no_lot_is_taken_for_a_version_without_a_dot() -> None:
    assert parse_udi(f"(01){DI}(10)5290-201001").software_version is None


@pytest.mark.parametrize(
    ("text", "udi"),
    [
        (f"https://id.gs1.org/01/{DI}", gs1()),
        (f"https://id.gs1.org/01/{DI}/10/GWX001/21/7%2F7", gs1(lot="GWX001", serial="7/7")),
        (f"]Q1https://example.org/a/b/01/{DI}?17=231021&x=1", gs1(expires_on="2023-10-21")),
        (f"HTTP://example.org/gtin/{DI[2:]}/ser/77", gs1(serial="77")),
    ],
)
def test_links(text: str, udi: Udi) -> None:
    assert parse_udi(text) == udi


@pytest.mark.parametrize(
    "rest",
    [
        f"01/{DI[:-1]}", f"01/{DI}/", f"01/{DI}/10/", f"01/{DI}/21/7/10/A", f"01/{DI}?10=A",
        f"01/{DI}/10/%00", f"01/{DI}/10/%4", "00/006141411234567890", "", f"{DI}",
        "01/2112345678901", f"01/{DI}?17=231",
    ],
)  # fmt: skip
def test_links_that_are_not_built_as_gs1_builds_them(rest: str) -> None:
    with pytest.raises(UnreadableUdi):
        parse_udi(f"https://example.org/{rest}")
