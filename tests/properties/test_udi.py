"""What is built as the agencies lay down reads back; anything else is refused, and fast."""

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from tests.lib.udi_texts import (
    coded,
    days,
    gs1_numbers,
    gtins,
    one_by_one,
    pieces,
    plain_numbers,
    well_formed,
    with_check_character,
)
from tocsin.identify.udi.column import parse_udi_column
from tocsin.identify.udi.text import Check, Udi, UnreadableUdi, parse_udi
from tocsin.registry.record import read_udi


@given(gtins, gs1_numbers, gs1_numbers, days, days, st.permutations(["10", "11", "17", "21"]))
def test_gs1_scan_data(
    di: str, lot: str, serial: str, made: date, expires: date, order: list[str]
) -> None:
    values = {"10": lot, "21": serial, "11": f"{made:%y%m%d}", "17": f"{expires:%y%m%d}"}
    udi = parse_udi(f"]C101{di}" + "".join(f"{name}{values[name]}\x1d" for name in order))
    assert (udi.di, udi.check, udi.lot, udi.serial) == (di, Check.RIGHT, lot, serial)
    assert (udi.made_on, udi.expires_on) == (made.isoformat(), expires.isoformat())


@given(gtins, plain_numbers, plain_numbers, days, st.permutations(["01", "10", "17", "21"]))
def test_gs1_in_brackets(di: str, lot: str, serial: str, expires: date, order: list[str]) -> None:
    values = {"01": di, "10": lot, "21": serial, "17": f"{expires:%y%m%d}"}
    udi = parse_udi("".join(f"({name}){values[name]}" for name in order))
    assert (udi.di, udi.lot, udi.serial) == (di, lot, serial)
    assert udi.expires_on == expires.isoformat()
    assert not udi.doubts


@given(gtins, st.integers(0, 12), st.integers(1, 9))
def test_one_mistyped_digit_never_refutes(di: str, place: int, by: int) -> None:
    wrong = di[:place] + str((int(di[place]) + by) % 10) + di[place + 1 :]
    udi = parse_udi(f"(01){wrong}")
    assert (udi.di, udi.check, udi.can_refute) == (wrong, Check.WRONG, False)


@given(coded, plain_numbers, plain_numbers, days, days)
def test_hibc(product: str, lot: str, serial: str, made: date, expires: date) -> None:
    body = f"+B456{product}1/$$3{expires:%y%m%d}{lot}/S{serial}/16D{made:%Y%m%d}"
    udi = parse_udi(with_check_character(body))
    assert (udi.di, udi.check) == (f"B456{product}1", Check.RIGHT)
    if not udi.doubts:
        assert (udi.lot, udi.serial) == (lot, serial)
        assert (udi.made_on, udi.expires_on) == (made.isoformat(), expires.isoformat())


@given(coded, plain_numbers)
def test_a_trimmed_hibc_text_never_gives_another_lot_surely(product: str, lot: str) -> None:
    text = with_check_character(f"+B456{product}1/$$7{lot}")
    assert read_udi(text.rstrip()).lot in {lot, None}


@given(days, st.text("ABCDEFGH0123456789", min_size=6, max_size=6))
def test_iccbba(expires: date, serial: str) -> None:
    udi = parse_udi(f"=/W1234ABC100T0555=,{serial}=>0{expires:%y%j}")
    assert (udi.di, udi.serial, udi.expires_on) == (
        "W1234ABC100T0555",
        serial,
        expires.isoformat(),
    )


@given(st.one_of(st.text(max_size=60), pieces()))
@example("+" * 1000)
@example("(01)" * 250)
@example("(" * 1000)
@example("01" * 500)
@example("https://a/" + "%" * 900)
@example("=/" + "A" * 900)
@example("+A123" + "/$" * 400)
@example("01007181750033051021" + "21" * 490)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        udi = parse_udi(text)
    except UnreadableUdi:
        return
    assert isinstance(udi, Udi)
    assert udi.di or udi.lot or udi.serial or udi.expires_on or udi.agency == "HIBCC"


@given(st.lists(st.one_of(st.none(), pieces(), well_formed()), max_size=6))
def test_a_column_reads_as_each_text_alone(texts: list[str | None]) -> None:
    assert parse_udi_column(texts).to_pylist() == one_by_one(texts)
