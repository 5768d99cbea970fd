"""Device identifiers of GS1: in brackets, as scan data, or the DI alone."""

import csv
import gzip
from pathlib import Path

import pytest

from tocsin.identify.udi import Udi, UnreadableUdi, has_right_check_digit, parse_udi

DI = "00718175003305"


@pytest.mark.parametrize(
    ("text", "udi"),
    [
        (DI, Udi(DI)),
        (f" {DI} ", Udi(DI)),
        (f"01{DI}", Udi(DI)),
        (f"(01){DI}", Udi(DI)),
        (f"(01){DI}(10)GWX001", Udi(DI, lot="GWX001")),
        (f"(01){DI}(21)77", Udi(DI, serial="77")),
        (f"(10)GWX001(01){DI}", Udi(DI, lot="GWX001")),
        (f"(01) {DI} (10) GWX 001 ", Udi(DI, lot="GWX 001")),
        (f"(01){DI}(11)110615(17)140600", Udi(DI, made_on="2011-06-15", expires_on="2014-06")),
        (f"01{DI}99GWX001", None),
        (f"01{DI}1111061510GWX001", Udi(DI, lot="GWX001", made_on="2011-06-15")),
        (f"01{DI}10GWX001\x1d2177", Udi(DI, lot="GWX001", serial="77")),
        (f"]C101{DI}10GWX001\x1d2177", Udi(DI, lot="GWX001", serial="77")),
        (f"]d2\x1d01{DI}17140601", Udi(DI, expires_on="2014-06-01")),
        (f"01{DI}10GWX001<GS>2177", Udi(DI, lot="GWX001", serial="77")),
        (f"(01){DI}(10)", Udi(DI)),
        (f"(01){DI}(11)soon", Udi(DI)),
    ],
)
def test_reading(text: str, udi: Udi | None) -> None:
    if udi is None:
        with pytest.raises(UnreadableUdi):
            parse_udi(text)
    else:
        assert parse_udi(text) == udi


@pytest.mark.parametrize(
    "text", ["", "77", "not an identifier", "(10)GWX001", DI[1:], f"{DI}0", "(01)718175003305"]
)
def test_what_names_no_product(text: str) -> None:
    with pytest.raises(UnreadableUdi):
        parse_udi(text)


def test_a_wrong_check_digit_is_flagged_and_kept() -> None:
    wrong = DI[:-1] + "6"
    assert not has_right_check_digit(wrong)
    assert parse_udi(wrong) == Udi(wrong, check_digit_ok=False)
    assert parse_udi(DI).check_digit_ok


@pytest.mark.corpus
def test_real_identifiers_of_the_us_database(corpus: Path) -> None:
    """Nearly all have the right check digit; those that have not are kept all the same."""
    with gzip.open(corpus / "udi" / "gudid_2016.csv.gz", "rt", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        dis = [row["primary_di"] for row in rows if row["agency"] == "GS1"]
    read = [parse_udi(di) for di in dis if len(di) == 14]
    assert len(read) > 10_000
    wrong = [udi.di for udi in read if not udi.check_digit_ok]
    assert len(wrong) < len(read) / 1000
