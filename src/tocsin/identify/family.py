"""Model families: which model numbers and names belong together, from data files.

A family says which suffixes of a model number mean a region, language or colour (and
change nothing) and which make a model of its own (522K, 712E, 554CM).
"""

import re
from functools import cache, cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.identify.manufacturer import relatives_of
from tocsin.identify.spelling import without_lookalikes


class Member(BaseModel):
    """One model of a family.

    Attributes:
        model: its number without the maker's prefix; a short name where it has none.
        code: regular expression of the number, where a suffix stands inside it; it begins
            as the number does.
        suffix: regular expression of its harmless suffixes, else the family's.
        other_numbers: what else numbers just this model (a reorder number).
        bare_may_be: models that its number without any suffix may stand for as well,
            because people leave theirs out.
        names: names that mean just this model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    code: str | None = None
    suffix: str | None = None
    other_numbers: tuple[str, ...] = ()
    bare_may_be: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return all its numbers, without suffixes, upper case."""
        return tuple(number.upper() for number in (self.model, *self.other_numbers))


class FamilyName(BaseModel):
    """A name that means the family, or some of its members."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    members: tuple[str, ...] = ()


class Part(BaseModel):
    """A device used with the pump: meter, sensor, remote controller, USB stick."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    name: str
    models: tuple[str, ...] = ()


class Question(BaseModel):
    """Where a holder finds something, in words: the software version, the lot.

    ``own_words`` tells that we wrote the text; the maker's instructions come first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    text: str
    own_words: bool = True


class Family(BaseModel):
    """A model family as its data file states it.

    ``complete`` tells that no model outside ``members`` bears the family's names. Where it
    is not set, a name never proves a listed number, and a number that nobody listed may
    still belong to the family.
    """

    model_config = ConfigDict(extra="forbid")

    family: str
    manufacturer: str
    name: str
    names: tuple[FamilyName, ...] = ()
    members: tuple[Member, ...]
    complete: bool = False
    suffix: str = ""
    descriptors: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    questions: tuple[Question, ...] = ()
    source: Source

    @model_validator(mode="after")
    def _names_mean_members(self) -> Self:
        models = [member.model for member in self.members]
        meant = {model for name in self.names for model in name.members}
        meant |= {model for member in self.members for model in member.bare_may_be}
        if unknown := sorted(meant - set(models)):
            raise ValueError(f"names mean models that are no members: {', '.join(unknown)}")
        if repeated := sorted({model for model in models if models.count(model) > 1}):
            raise ValueError(f"members must differ; repeated: {', '.join(repeated)}")
        return self

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Return the member of each number that is written without a suffix."""
        return {
            number.replace("-", ""): member.model
            for member in self.members
            for number in member.numbers
        }

    @cached_property
    def patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """Return a pattern per member for its number with any harmless suffix."""
        return tuple(
            (
                re.compile(
                    f"(?:{member.code or re.escape(member.model.replace('-', '').upper())})"
                    f"(?:{member.suffix if member.suffix is not None else self.suffix})"
                ),
                member.model,
            )
            for member in self.members
        )

    @cached_property
    def stems(self) -> dict[str, frozenset[str]]:
        """Return the keys of the members whose numbers begin with the same digits."""
        stems: dict[str, set[str]] = {}
        for member in self.members:
            if stem := _leading_digits(member.model):
                stems.setdefault(stem, set()).add(self.key_of(member.model))
        return {stem: frozenset(keys) for stem, keys in stems.items()}

    @cached_property
    def starts(self) -> frozenset[str]:
        """Return how the members' numbers begin: their first two characters."""
        return frozenset(number[:2] for number in self.numbers)

    @cached_property
    def numbers_of_member(self) -> dict[str, tuple[str, ...]]:
        """Return the numbers of each member by its key; a mere name has no digits."""
        return {
            self.key_of(member.model): tuple(
                number for number in member.numbers if any(map(str.isdigit, number))
            )
            for member in self.members
        }

    def key_of(self, model: str) -> str:
        """Return the key of a member, unique over all families."""
        return f"{self.family}:{model}"

    @cached_property
    def member_keys(self) -> frozenset[str]:
        """Return the keys of all members."""
        return frozenset(self.key_of(member.model) for member in self.members)

    def members_of_code(self, code: str) -> frozenset[str]:
        """Return the keys of the members whose number this surely is (without hyphens)."""
        if code in self.numbers:
            return frozenset({self.key_of(self.numbers[code])})
        return frozenset(
            self.key_of(model) for pattern, model in self.patterns if pattern.fullmatch(code)
        )

    @cached_property
    def members_of_bare_code(self) -> dict[str, frozenset[str]]:
        """Return the other members that a number without its suffix may stand for."""
        return {
            number.replace("-", ""): frozenset(map(self.key_of, member.bare_may_be))
            for member in self.members
            if member.bare_may_be
            for number in member.numbers
        }

    def members_like_code(self, code: str) -> frozenset[str]:
        """Return the members that a number with an unlisted suffix, or an O for a 0, may be."""
        stem = _leading_digits(without_lookalikes(code))
        if not stem or stem == code:
            return frozenset()
        return self.stems.get(stem, frozenset())


def _leading_digits(code: str) -> str:
    return code[: len(code) - len(code.lstrip("0123456789"))]


@cache
def known_families() -> dict[str, Family]:
    """Return all families of the data files, by id."""
    folder = data_folder("tocsin.identify") / "families"
    loaded = [
        load_data_file(path, Family)
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".yaml")
    ]
    return {family.family: family for family in loaded}


@cache
def families_of_maker(maker_id: str) -> tuple[Family, ...]:
    """Return the families of a manufacturer and of the firms that it is related to."""
    makers = {maker.id for maker in relatives_of(maker_id)} if maker_id else set()
    return tuple(f for f in known_families().values() if f.manufacturer in makers)


def family_of_member(key: str) -> Family:
    """Return the family that a member's key belongs to."""
    return known_families()[key.partition(":")[0]]
