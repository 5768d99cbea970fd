"""The products that an entry of a scope names, read once and ready to compare."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from tocsin.base.truth import Truth
from tocsin.identify.family import family_of_member, known_families
from tocsin.identify.maker_words import plain_name, split_text
from tocsin.identify.manufacturer import find_manufacturer, plain_manufacturer
from tocsin.identify.model_number import ModelRange, NumberList, find_range, model_number
from tocsin.identify.product_name import ProductName
from tocsin.identify.product_text import (
    Reading,
    expand_name,
    names_of_family,
    read_product_text,
)


@dataclass(frozen=True)
class ProductScope:
    """The products that an entry of a scope names.

    Attributes:
        manufacturer: as the notice spells it; the family's where it names none.
        family: id of a family file; without codes and names it means all its members.
        codes: model and catalogue numbers.
        names: product names; with codes beside them they only describe.
        dis: device identifiers.
        dis_complete: whether another DI surely is another product.
        only_catalogue: whether all codes are catalogue numbers, so that a model number that
            is built otherwise is no other one of them.
    """

    manufacturer: str | None
    family: str | None = None
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    dis: frozenset[str] = field(default_factory=frozenset)
    dis_complete: bool = False
    only_catalogue: bool = False

    @cached_property
    def maker(self) -> str | None:
        """Return the manufacturer's spelling, the family's if the notice names none."""
        family = known_families().get(self.family or "")
        return self.manufacturer or (family.manufacturer if family else None)

    @cached_property
    def maker_id(self) -> str | None:
        """Return the id of the manufacturer, if its spelling is known."""
        maker = find_manufacturer(self.maker)
        return maker.id if maker else None

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Return what the entry's model and catalogue numbers say."""
        return tuple(read_product_text(code, self.maker_id) for code in self.codes)

    @cached_property
    def name_readings(self) -> tuple[Reading, ...]:
        """Return what the entry's names say, lists of numbers expanded."""
        return tuple(
            read_product_text(text, self.maker_id)
            for name in self.names
            for text in expand_name(name)
        )

    @cached_property
    def listed_names(self) -> tuple[ProductName, ...]:
        """Return all names: the entry's names, and models that have no number."""
        unnumbered = (reading for reading in self.readings if not reading.numbers)
        found = [reading.name for reading in (*self.name_readings, *unnumbered)]
        return tuple(dict.fromkeys((*found, *self._behind_maker(found))))

    def _behind_maker(self, names: Iterable[ProductName]) -> Iterator[ProductName]:
        """Yield names behind the maker's words: a record may write them in front, too."""
        if self.maker:
            spellings = (plain_manufacturer(self.maker), self.maker)
            firms = dict.fromkeys(plain_name(spelling, None).words for spelling in spellings)
            for name in names:
                yield from (ProductName(words + name.words) for words in firms)

    @cached_property
    def lists_mere_number(self) -> bool:
        """Return whether a listed name is only a number, of no family: it may bear any name."""
        unnumbered = (reading for reading in self.readings if not reading.numbers)
        readings = (*self.name_readings, *unnumbered)
        return any(reading.name.is_a_number and not reading.members for reading in readings)

    @cached_property
    def same_name(self) -> dict[str, Truth]:
        """Return what it means that a record bears one of the names, all words in one."""
        described = Truth.UNKNOWN if self.codes else Truth.TRUE
        same = {reading.name.joined: described for reading in self.name_readings}
        same |= {r.name.joined: Truth.TRUE for r in self.readings if not r.numbers}
        same.pop("", None)
        for name in self.listed_names:
            for behind in self._behind_maker([name]):
                same.setdefault(behind.joined, same.get(name.joined, Truth.UNKNOWN))
        return same

    @cached_property
    def _deciding(self) -> tuple[Reading, ...]:
        return self.readings if self.codes else self.name_readings

    @property
    def is_whole_family(self) -> bool:
        """Whether the entry means all of a family."""
        return bool(self.family and not self.codes and not self.names)

    @cached_property
    def members(self) -> frozenset[str]:
        """Return the family members that the entry surely covers, whole."""
        if self.is_whole_family:
            return known_families()[self.family or ""].member_keys
        return _members_of(reading for reading in self._deciding if reading.certain)

    @cached_property
    def possible_members(self) -> frozenset[str]:
        """Return the family members that the entry may cover in part or whole."""
        return self.members | _members_of(self._deciding)

    @cached_property
    def has_unknown_codes(self) -> bool:
        """Whether a listed number belongs to no family, so that its name is unknown."""
        return any(not reading.members for reading in self.readings)

    @cached_property
    def numbers(self) -> NumberList:
        """Return the numbers that the entry lists, so that others are out; may be empty.

        Names list the numbers of their members where no other model bears them.
        """
        if self.codes:
            return NumberList(number for r in self.readings for number in r.numbers)
        if any(reading.open for reading in self.name_readings):
            return NumberList(())
        return NumberList(
            model_number(number)
            for key in sorted(self.members)
            for number in family_of_member(key).numbers_of_member[key]
            if family_of_member(key).complete
        )

    @cached_property
    def ranges(self) -> tuple[ModelRange, ...]:
        """Return the model ranges among codes and names; what lies in one stays open."""
        pieces = (
            piece
            for text in (*self.codes, *self.names)
            if "-" in text
            for item in split_text(text)
            for piece in item
        )
        return tuple(found for piece in pieces if (found := find_range(piece)))

    @cached_property
    def name_numbers(self) -> NumberList:
        """Return names that are just a number ("B650"), if all of them are."""
        if self.codes or not all(reading.numbers for reading in self.name_readings):
            return NumberList(())
        return NumberList(number for r in self.name_readings for number in r.numbers)

    @cached_property
    def family_names(self) -> tuple[ProductName, ...]:
        """Return all names of the families that the entry touches."""
        families = sorted({member.partition(":")[0] for member in self.possible_members})
        return tuple(name for family in families for name, _ in names_of_family(family))


def _members_of(readings: Iterable[Reading]) -> frozenset[str]:
    return frozenset(member for reading in readings for member in reading.members)


@lru_cache(maxsize=4096)
def names_of_members(members: frozenset[str]) -> tuple[ProductName, ...]:
    """Return the names that one of these family members bears."""
    families = sorted({member.partition(":")[0] for member in members})
    return tuple(
        name
        for family in families
        for name, meant in names_of_family(family)
        if not meant.isdisjoint(members)
    )
