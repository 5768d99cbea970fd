"""Device identifiers of ICCBBA: ISBT 128 structures."""

import pytest

from tocsin.identify.udi.text import Agency, Check, Udi, UnreadableUdi, parse_udi

DI = "W1234ABC100T0555"


def isbt(di: str, *doubts: str, **parts: str) -> Udi:
    return Udi(di, Agency.ICCBBA, Check.NONE, doubts=frozenset(doubts), **parts)


@pytest.mark.parametrize(
    ("text", "udi"),
    [
        (f"=/{DI}", isbt(DI)),
        (f"]C0=/{DI}", isbt(DI)),
        (f"=/{DI}=,00A123", isbt(DI, serial="00A123")),
        (
            f"=+06000=/{DI}=>026060=}}024060",
            isbt(DI, expires_on="2026-03-01", made_on="2024-02-29"),
        ),
        (f"=/{DI}&>0260602359", isbt(DI, expires_on="2026-03-01")),
        (f"=/{DI}=W00002412345600", isbt(DI, donation_id="W00002412345600")),
        (f"=/{DI}=>999365", isbt(DI, expires_on="1999-12-31")),
        (f"=/{DI}=>100001", isbt(DI, expires_on="2100-01-01")),
        (f"=/{DI}=>025366", isbt(DI)),
        (f"=/{DI}=>025000", isbt(DI)),
        (f"=/{DI}=>525001", isbt(DI)),
        (f"=/{DI}&,1ABCDEFGHIJKLMNOP12", isbt(DI, lot="ABCDEFGHIJKLMNOP12")),
        (f"=/{DI}&,100000000000000LOT7", isbt(DI, "lot", lot="00000000000000LOT7")),
        ("=)1AB123456C &)XY12345678", isbt("1AB123456C", lot="XY12345678")),
    ],
)
def test_reading(text: str, udi: Udi) -> None:
    assert parse_udi(text) == udi


@pytest.mark.parametrize(
    "text",
    ["=", "&", "=/", f"=/{DI}X", f"=/{DI[:-8]}", "=,000025", f"=/{DI}=,0002", f"=/{DI}&?1",
     f"=/{DI}=)1AB123456C", f"=/{DI.lower()}"],
)  # fmt: skip
def test_what_is_not_whole_or_names_no_product(text: str) -> None:
    with pytest.raises(UnreadableUdi):
        parse_udi(text)


def test_a_structure_said_twice_and_differently_is_a_doubt() -> None:
    udi = parse_udi(f"=/{DI}=,000001=,000002")
    assert udi.without_doubts().serial is None
    assert not udi.can_refute
