"""Products and scopes drawn by chance, from few pieces, so that they meet often.

By Hypothesis, which makes a counterexample small; and evenly, which finds a rare one sooner.
"""

from random import Random

from hypothesis import strategies as st

from tocsin.identify.product import Product, ProductScope

MANUFACTURERS = (
    "Medtronic",
    "MEDTRONIC MINIMED",
    "Unomedical A/S",
    "Roche",
    "Disetronic (Roche)",
    "Insulet",
    "Animas",
    "Smiths Medical",
    "Acme Devices",
    "acme devices Inc.",
)
NUMBERS = (
    "MMT-722NAS",
    "MMT-722",
    "MMT-7Z2",
    "S22NAH",
    "MMT-7XX",
    "7**",
    "67OG",
    "1000096",
    "722",
    "722 NAS",
    "MMT-722XYZ",
    "MMT-554CM",
    "554 CM",
    "522K/722K",
    "512/712",
    "MMT-1711K",
    "MMT-1780",
    "MMT-332A",
    "MMT-332",
    "332A",
    "MMT-397",
    "POD-ZXP420",
    "ZXP420",
    "14810",
    "014810",
    "18239",
    "4000-0105-50",
    "4000-0105",
    "40000105",
    "4000",
    "3500-0600-82",
    "IR1250",
    "IR 1250",
    "1R1Z5O",
    "100-200-00",
    "8100",
    "B650",
    "B850",
    "B650-850",
    "B600-B700",
    "MRI 3T",
    "MRI 1.5T",
    "X2",
    "7",
    "SP 2545",
    "2545 ser. 3",
    "UFH620",
)
WORDS = (
    "Paradigm",
    "Paradgim",
    "PRDGM",
    "Paradigm Veo",
    "REAL-Time",
    "Revel",
    "MiniMed",
    "MiniMed 640G",
    "640G",
    "insulin pump",
    "infusion set",
    "Quick-set",
    "reservoir",
    "Omnipod",
    "Omni Pod",
    "PDM",
    "DASH",
    "Accu-Chek",
    "Accu Chek Spirit",
    "Spirit Combo",
    "Medfusion",
    "Medfusion 3500/4000",
    "Alaris",
    "Alaris LVP",
    "Large Volume Pump",
    "LVP",
    "LargeVolume",
    "Large Insluin Pump",
    "insluin pump",
    "Para",
    "Omni",
    "\u041f\u0430\u0440\u0430\u0434\u0438\u0433\u043c",
    "OneTouch Ping",
    "OneTouch Pnig",
    "battery cap",
    "cartridge 2.0 ml",
    "2ml cartridge",
    "syringe pump",
    "t:slim X2",
    "unknown model",
    "Acme",
    "Acme Devices Bell",
    "2545 sterile",
    "Bell",
    "Belle",
)
FAMILIES = ("minimed-paradigm", "minimed-600", "omnipod", "accu-chek", "animas")
DIS = ("00718175003305", "10718175003302", "00718175003329", "00643169554931")

_pieces = st.sampled_from(NUMBERS + WORDS)
texts = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(WORDS),
    st.lists(_pieces, min_size=2, max_size=3).map(" ".join),
    st.tuples(_pieces, st.sampled_from(["/", ", ", " and "]), _pieces).map("".join),
)


@st.composite
def products(draw: st.DrawFn) -> Product:
    """Draw a product; any part of it may be missing."""
    return Product(
        draw(st.none() | st.sampled_from(MANUFACTURERS)),
        draw(st.none() | texts),
        draw(st.none() | texts),
        draw(st.none() | st.sampled_from(NUMBERS)),
        draw(st.none() | st.sampled_from((*DIS, "10718175003302", "00718175003306"))),
        draw(st.booleans()),
    )


@st.composite
def product_scopes(draw: st.DrawFn) -> ProductScope:
    """Draw the products of an entry; at least one part names some."""
    few = st.lists(texts, max_size=2).map(tuple)
    codes = draw(st.lists(st.sampled_from(NUMBERS), max_size=3).map(tuple))
    names = draw(few)
    family = draw(st.none() | st.sampled_from(FAMILIES))
    dis = draw(st.frozensets(st.sampled_from(DIS), max_size=2))
    if not (codes or names or family or dis):
        codes = ("MMT-722",)
    return ProductScope(
        draw(st.none() | st.sampled_from(MANUFACTURERS)),
        family,
        codes,
        names,
        dis,
        dis_complete=draw(st.booleans()),
        only_catalogue=draw(st.booleans()),
    )


def even_product(rng: Random) -> Product:
    """Draw a product evenly; any part of it may be missing."""
    return Product(
        rng.choice((None, *MANUFACTURERS)),
        rng.choice((None, _even_text(rng))),
        rng.choice((None, _even_text(rng))),
        rng.choice((None, rng.choice(NUMBERS))),
        rng.choice((None, None, rng.choice(DIS), "00718175003306")),
        rng.random() < 0.5,
    )


def even_scope(rng: Random) -> ProductScope:
    """Draw the products of an entry evenly; at least one part names some."""
    codes = tuple(rng.choices(NUMBERS, k=rng.randrange(4)))
    names = tuple(_even_text(rng) for _ in range(rng.choice((0, 0, 1, 2))))
    family = rng.choice((None, None, rng.choice(FAMILIES)))
    dis = frozenset(rng.sample(DIS, rng.choice((0, 0, 1, 2))))
    if not (codes or names or family or dis):
        codes = ("MMT-722",)
    return ProductScope(
        rng.choice((None, *MANUFACTURERS)),
        family,
        codes,
        names,
        dis,
        dis_complete=rng.random() < 0.3,
        only_catalogue=rng.random() < 0.4,
    )


def _even_text(rng: Random) -> str:
    pieces = rng.choices(NUMBERS + WORDS, k=rng.choice((1, 1, 2, 3)))
    return rng.choice((" ", " ", "/", ", ", " and ")).join(pieces)
