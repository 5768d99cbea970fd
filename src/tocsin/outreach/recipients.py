"""Who gets which letter in an action: one line per person, nobody dropped.

Pure rules over `data/recipients.yaml`. A person for whom no letter fits stays on the list without
one: the letters cannot be released before there is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.base.verdict import Verdict
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.contacts import addressee_of

_NO_VERDICT = "-"


class Why(StrEnum):
    """Why somebody is told."""

    HOLDS = "holds a device concerned"
    LOOKS_AFTER = "looks after persons concerned"
    NO_LONGER = "was told before, is no longer concerned"
    ANSWERED = "an answer has changed the verdict"
    PASSED_ON = "was given a device concerned"


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What choosing a letter needs to know of a person.

    Attributes:
        kind: as in the holders file: person, clinician, clinic ...
        represented_by: who is written to instead; None for nobody.
        language: empty if unknown.
    """

    kind: str
    country: str
    language: str
    represented_by: str | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """That an action concerns a person, and for what reason."""

    person: str
    verdict: Verdict | None
    why: Why
    n_devices: int


@dataclass(frozen=True, slots=True)
class OfferedLetter:
    """A locked letter version. ``country`` is empty where one text serves every country."""

    version: int
    key: str
    language: str
    country: str

    @property
    def name(self) -> str:
        """Return letter, language and country."""
        return " ".join(filter(None, (self.key, self.language, self.country)))


@dataclass(frozen=True, slots=True)
class PlannedRecipient:
    """One line of the list that is frozen at the release.

    Attributes:
        letter: the letter that they get; None if none fits.
        speaks_theirs: whether it is in their language, or theirs is unknown.
    """

    person: str
    addressee: str
    letter: OfferedLetter | None
    audience: str
    verdict: Verdict | None
    why: Why
    country: str
    n_devices: int
    speaks_theirs: bool


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    letters: Mapping[str, Mapping[str, tuple[str, ...]]]
    audiences: Mapping[str, str]


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "recipients.yaml", _Table)


def plan_recipients(
    concerned: Iterable[Concerned],
    facts: Mapping[str, PersonFacts],
    offered: Sequence[OfferedLetter],
) -> list[PlannedRecipient]:
    """Return the list, sorted by person; each person once, for their most urgent reason.

    Args:
        concerned: who is concerned and why.
        facts: of every person who is concerned, and of who represents them.
        offered: the locked letters.
    """
    most: dict[str, Concerned] = {}
    for each in concerned:
        known = most.get(each.person)
        if known is None or _urgency(each) > _urgency(known):
            most[each.person] = each
    return [_plan(most[person], facts, offered) for person in sorted(most)]


def choose_letter(
    kind: str, verdict: Verdict | None, facts: PersonFacts, offered: Sequence[OfferedLetter]
) -> OfferedLetter | None:
    """Return the letter that fits best: first what it says, then whether they can read it.

    In their language for their country, in their language, in a language of their country, in
    English: a letter in another language is better than none.

    Args:
        kind: of the person who is concerned.
        verdict: about their devices; None if they hold none.
        facts: of who is written to.
        offered: the locked letters.
    """
    audience = _table().audiences.get(kind, "patient")
    keys = _table().letters[audience].get(str(verdict or _NO_VERDICT), ())
    for key in keys:
        fitting = [(_fit(each, facts), each) for each in offered if each.key == key]
        best = max(fitting, key=lambda pair: (pair[0], -pair[1].version), default=(0, None))
        if best[0]:
            return best[1]
    return None


def base_language(language: str) -> str:
    """Return a language without its region.

    >>> base_language("fr-BE"), base_language("")
    ('fr', '')
    """
    return language.partition("-")[0].lower()


def _fit(letter: OfferedLetter, facts: PersonFacts) -> int:
    if letter.country not in {"", facts.country}:
        return 0
    has_theirs = base_language(letter.language) == base_language(facts.language)
    if facts.language and has_theirs:
        return 4 if letter.country else 3
    if letter.country:
        return 2
    return 1 if base_language(letter.language) == "en" else 0


def _plan(
    each: Concerned, facts: Mapping[str, PersonFacts], offered: Sequence[OfferedLetter]
) -> PlannedRecipient:
    own = facts[each.person]
    addressee = addressee_of(each.person, own.represented_by)
    theirs = facts.get(addressee, own)
    told = PersonFacts(own.kind, theirs.country or own.country, theirs.language or own.language)
    letter = choose_letter(own.kind, each.verdict, told, offered)
    speaks = letter is not None and (
        not told.language or base_language(told.language) == base_language(letter.language)
    )
    audience = _table().audiences.get(own.kind, "patient")
    return PlannedRecipient(
        each.person,
        addressee,
        letter,
        audience,
        each.verdict,
        each.why,
        told.country,
        each.n_devices,
        speaks,
    )


def _urgency(each: Concerned) -> int:
    if each.why is Why.LOOKS_AFTER:
        return 1
    return {Verdict.AFFECTED: 3, Verdict.CANNOT_TELL: 2}.get(
        each.verdict or Verdict.NOT_AFFECTED, 0
    )
