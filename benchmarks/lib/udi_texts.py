"""Invented device identifiers of every agency, nearly all different, as a registry holds them."""

import random
from collections.abc import Callable, Mapping

from tocsin.identify.udi.gs1_table import has_right_check_digit
from tocsin.identify.udi.hibc_check import check_character

N_PRODUCTS = 2_000
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
# How a registry of many hospitals mixes them; what is left is unreadable.
MIXTURE = {"bracketed": 50, "scan": 25, "gtin": 5, "hibc": 12, "iccbba": 3, "link": 3, "other": 2}


def _gtins(chance: random.Random) -> list[str]:
    bodies = ("".join(chance.choices("0123456789", k=13)) for _ in range(N_PRODUCTS))
    return [
        next(body + digit for digit in "0123456789" if has_right_check_digit(body + digit))
        for body in bodies
    ]


class Maker:
    """Makes texts of one kind after the other, always the same ones for a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.gtins = _gtins(self.chance)

    def number(self, length: int = 8) -> str:
        return "".join(self.chance.choices(_LETTERS, k=length))

    def day(self) -> str:
        pick = self.chance.randrange
        return f"{pick(10, 35):02}{pick(1, 13):02}{pick(0, 29):02}"

    def di(self) -> str:
        return self.chance.choice(self.gtins)

    def bracketed(self) -> str:
        days = f"(11){self.day()}(17){self.day()}"
        return f"(01){self.di()}{days}(10){self.number()}(21){self.number()}"

    def scan(self) -> str:
        days = f"11{self.day()}17{self.day()}"
        return f"]d201{self.di()}{days}10{self.number()}\x1d21{self.number()}"

    def gtin(self) -> str:
        return self.di()

    def link(self) -> str:
        path = f"01/{self.di()}/10/{self.number()}/21/{self.number()}"
        return f"https://id.example.org/{path}?11={self.day()}&17={self.day()}"

    def hibc(self) -> str:
        dated = f"/$$3{self.day()}{self.number()}/S{self.number()}/16D20{self.day()}"
        body = f"+B4{self.chance.randrange(10, 99)}PUMP{self.chance.randrange(99)}1{dated}"
        return body + check_character(body)

    def iccbba(self) -> str:
        donation = f"W0000{self.chance.randrange(10**10):010}"
        head = f"=/W1234{self.number(6)}T0944=,{self.number(6)}={donation}"
        return f"{head}=>0{self.chance.randrange(10, 35)}032=}}024060&,1{self.number(18)}"

    def other(self) -> str:
        return f"REF {self.number(4)} LOT {self.number()}"


def make_texts(kind: str, n: int, seed: int = 1) -> list[str]:
    """Return n texts of a kind, or of all kinds mixed."""
    maker = Maker(seed)
    made: Mapping[str, Callable[[], str]] = {name: getattr(maker, name) for name in MIXTURE}
    if kind != "mixed":
        return [made[kind]() for _ in range(n)]
    kinds = maker.chance.choices(list(MIXTURE), weights=list(MIXTURE.values()), k=n)
    return [made[each]() for each in kinds]
