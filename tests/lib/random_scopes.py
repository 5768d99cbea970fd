"""Notices at random: every constraint kind, every way in which an entry can stay open.

Everything is drawn from one ``random.Random``, so that a seed is the whole description of
an example and Hypothesis can draw the same notices with a ``Random`` of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from pydantic import ValidationError

from tests.lib.random_versions import random_version
from tocsin.identify.version import UnreadableVersion, parse_version
from tocsin.notice.model import Notice
from tocsin.notice.scope import DayInterval

Tree = dict[str, Any]

MAKERS = ("Medtronic", "Example Devices")
DIS = ("00718175003305", "00763000000011", "04012345678901", "04012345678918")
PRODUCTS: tuple[Tree, ...] = (
    {"family": "minimed-paradigm"},
    {"family": "minimed-paradigm", "models": ["522", "722"]},
    {"family": "minimed-paradigm", "models": ["522K/722K", "MMT-723"]},
    {"manufacturer": "Medtronic", "models": ["MMT-554", "MMT-754"]},
    {"manufacturer": "Medtronic", "names": ["MiniMed 508"]},
    {"manufacturer": "Medtronic", "names": ["Paradigm Veo"]},
    {"manufacturer": "Example Devices", "models": ["EX-100", "EX-200"]},
    {"manufacturer": "Example Devices", "catalogue": ["3500-0600-00", "-01"]},
    {"manufacturer": "Example Devices", "names": ["Example Infuser 3000", "Other Pump"]},
    {"manufacturer": "Example Devices", "dis": [DIS[2], DIS[3]]},
    {"manufacturer": "Example Devices", "dis": [DIS[2]], "dis_complete": True},
    {
        "manufacturer": "Example Devices",
        "models": ["EX-100"],
        "dis": [DIS[3]],
        "dis_complete": True,
        "dis_unread": ["0401-2345"],
    },
    {"names": ["Example Infuser 3000"]},
    {"models": ["EX-300"]},
)
DAY_KINDS = ("made_on", "shipped_on", "expires_on", "serviced_on", "implanted_on")
FACTS: dict[str, tuple[str, ...]] = {
    "ring": ("clear", "black"),
    "platform": ("Android 12", "iOS", "iOS 17"),
    "menu item": ("yes", "no"),
    'Größe "L"': ("it's", "groß", "-1"),
}
SENTENCES = (
    "all but some",
    "and units of EX-200 with the old case",
    "also the MMT-722 and Paradigm Veo pumps",
    "see 3500-0600-01",
    "the Infuser 3000, if repaired",
)
COUNTRIES = ("US", "FR", "DE")
PREFIXES = ("", "GWX", "SN-", "B")
DAYS = (
    *(date(2011, 1, 1) + timedelta(days=17 * place) for place in range(40)),
    *(date(2011, 3, 1), date(2011, 3, 31), date(2011, 12, 31), date(2012, 1, 1)),
)


@dataclass(frozen=True)
class Wishes:
    """What the drawn notices may contain.

    Attributes:
        full_days: dates are days, never months or years.
        wild: versions may hold wildcards.
        naming: sentences that could not be read may name products.
    """

    full_days: bool = False
    wild: bool = True
    naming: bool = True


def random_notices(rng: Random, n: int, wishes: Wishes | None = None) -> list[Notice]:
    """Return notices with 1 to 6 entries, of which one at least affects.

    All name few products, so that most records meet the constraints of most notices.
    """
    products = rng.sample(PRODUCTS, rng.randint(1, 4))
    return [random_notice(rng, place, products, wishes or Wishes()) for place in range(n)]


def random_notice(rng: Random, place: int, products: Sequence[Tree], wishes: Wishes) -> Notice:
    """Return one notice; ``place`` makes its name."""
    n = rng.choice((1, 1, 2, 2, 3, 4, 5, 6))
    entries = [random_entry(rng, at, products, wishes) for at in range(n)]
    first = entries[0]
    if "excludes" in first:
        first["affects"] = first.pop("excludes")
    rng.shuffle(entries)
    return Notice.model_validate(notice_tree(f"N{place}", entries, rng.choice(MAKERS)))


def notice_tree(name: str, entries: list[Tree], maker: str | None = None) -> Tree:
    """Return a notice with the given scope and otherwise only what must be there."""
    role = "manufacturer" if maker else "authority"
    return {
        "notice": name,
        "kind": "recall",
        "title": "An invented notice",
        "issuers": [{"name": maker or "An authority", "role": role}],
        "scope": entries,
        "source": {"document": "invented for a test", "checked_on": "2026-11-20"},
    }


def random_entry(rng: Random, place: int, products: Sequence[Tree], wishes: Wishes) -> Tree:
    """Return one entry of a scope."""
    side = "excludes" if rng.random() < 0.25 else "affects"
    entry: Tree = {"entry": f"e{place}", side: dict(rng.choice(products))}
    for draw in rng.sample(_CONSTRAINTS, rng.choice((0, 1, 1, 1, 2, 2, 3))):
        draw(rng, entry, wishes)
    openings: tuple[tuple[float, Tree], ...] = (
        (0.04, {"withheld": "ask the maker"}),
        (0.06, {"unread": [_sentence(rng, wishes)]}),
        (0.04, {"no_status": True}),
        (0.12, {"reviewed": False}),
    )
    for chance, opened in openings:
        if rng.random() < chance:
            entry |= opened
    return entry


def _sentence(rng: Random, wishes: Wishes) -> str:
    return rng.choice(SENTENCES) if wishes.naming else SENTENCES[0]


def _some(rng: Random, draw: Callable[[], Any], most: int = 3) -> list[Any]:
    return [draw() for _ in range(rng.randint(1, most))]


# --- software ------------------------------------------------------------------------


def _software(rng: Random, entry: Tree, wishes: Wishes) -> None:
    kind = rng.random()
    if kind < 0.04:
        entry["software"] = {"withheld": "ask the maker"}
    elif kind < 0.1:
        entry["software"] = {"unread": _sentence(rng, wishes), "any_of": [_bound(rng, wishes)]}
    elif kind < 0.3:
        entry["software"] = {"any_of": _some(rng, lambda: _bound(rng, wishes))}
    else:
        entry["software"] = {"any_of": _some(rng, lambda: _version_range(rng, wishes), 2)}


def _bound(rng: Random, wishes: Wishes) -> str:
    while True:
        text = random_version(rng, wild=wishes.wild)
        try:
            parse_version(text)
        except UnreadableVersion:
            continue
        return text


def _version_range(rng: Random, wishes: Wishes) -> Tree:
    names = ("at_most", "below", "at_least", "above", "equal", "fixed_in", "other_than")
    bounds: Tree = {}
    for name in rng.sample(names, rng.choice((1, 1, 2, 2, 3))):
        texts = _some(rng, lambda: _bound(rng, wishes), 2)
        bounds[name] = texts if name == "other_than" else texts[0]
    return bounds


# --- lots and serials ----------------------------------------------------------------


def _numbers(kind: str) -> Callable[[Random, Tree, Wishes], None]:
    def draw(rng: Random, entry: Tree, wishes: Wishes) -> None:
        entry[kind] = _random_numbers(rng, wishes)

    return draw


def _random_numbers(rng: Random, wishes: Wishes) -> Tree:
    if rng.random() < 0.04:
        return {"withheld": "ask the maker"}
    numbers: Tree = {}
    forms = rng.sample(("any_of", "prefixes", "ranges"), rng.choice((1, 1, 1, 2)))
    if "any_of" in forms:
        numbers["any_of"] = _some(rng, lambda: random_number(rng))
    if "prefixes" in forms:
        numbers["prefixes"] = _some(rng, lambda: random_number(rng)[: rng.randint(1, 5)], 2)
    if "ranges" in forms:
        numbers["ranges"] = _some(rng, lambda: _number_range(rng), 2)
    if rng.random() < 0.1:
        numbers["unread"] = _sentence(rng, wishes)
    return numbers


def random_number(rng: Random) -> str:
    """Return a lot or serial number."""
    if rng.random() < 0.1:
        return rng.choice(("GWX01A", "2E05", "12-34", "7A001", "0"))
    width = rng.choice((2, 3, 3, 4))
    return f"{rng.choice(PREFIXES)}{rng.randrange(10**width):0{width}d}"


def _number_range(rng: Random) -> Tree:
    prefix, width = rng.choice(PREFIXES), rng.choice((2, 3, 3, 4))
    first = rng.randrange(10**width)
    last = first + rng.choice((0, 1, 9, 40))
    wider = max(width, len(str(last)))
    return {"first": f"{prefix}{first:0{width}d}", "last": f"{prefix}{last:0{wider}d}"}


# --- days, countries, facts ----------------------------------------------------------


def _days(rng: Random, entry: Tree, wishes: Wishes) -> None:
    kind = rng.choice(DAY_KINDS)
    entry[kind] = _some(rng, lambda: _day_interval(rng, wishes), 2)


def _day_interval(rng: Random, wishes: Wishes) -> Tree:
    first, last = sorted(rng.choices(DAYS, k=2))
    if first == last:
        last += timedelta(days=400)
    low, high = _written(rng, first, wishes), _written(rng, last, wishes)
    start, end = rng.choice(("from", "after")), rng.choice(("to", "before"))
    open_side = rng.random()
    if open_side < 0.2:
        return {start: low}
    if open_side < 0.4:
        return {end: high}
    closed = {start: low, end: high}
    return closed if _is_interval(closed) else {start: low}


def _is_interval(bounds: Tree) -> bool:
    """Whether the bounds leave a day between them: not so "from 2011-09-13 before 2011"."""
    try:
        DayInterval.model_validate(bounds)
    except ValidationError:
        return False
    return True


def _written(rng: Random, day: date, wishes: Wishes) -> str:
    """Return a day as it is written: whole, or only its month or year."""
    length = 10 if wishes.full_days else rng.choice((10, 10, 10, 7, 4))
    return day.isoformat()[:length]


def _countries(rng: Random, entry: Tree, _wishes: Wishes) -> None:
    codes = rng.sample(COUNTRIES, rng.randint(1, 2))
    entry["countries"] = {rng.choice(("only", "other_than")): codes}


def _facts(rng: Random, entry: Tree, _wishes: Wishes) -> None:
    name = rng.choice(tuple(FACTS))
    values = FACTS[name]
    fact: Tree = {"any_of": rng.sample(values, rng.randint(1, 2))}
    if rng.random() < 0.6:
        fact["values"] = list(values)
    entry.setdefault("facts", {})[name] = fact


_CONSTRAINTS: tuple[Callable[[Random, Tree, Wishes], None], ...] = (
    _software,
    _software,
    _numbers("lots"),
    _numbers("serials"),
    _days,
    _days,
    _countries,
    _facts,
)
