"""The notice: a typed, immutable value; a changed notice is a new revision."""

from collections import Counter
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tocsin.base.provenance import Source
from tocsin.notice.scope import Entry, Text, Texts
from tocsin.notice.translation import Translation, translation_faults

Kind = Literal[
    "recall",
    "correction",
    "removal",
    "safety-alert",
    "security-advisory",
    "discontinuation",
    "shortage",
]
Role = Literal[
    "manufacturer",
    "marketing-authorisation-holder",
    "distributor",
    "importer",
    "authorised-representative",
    "authority",
    "coordinator",
    "payer",
]
Audience = Literal["patient", "clinician", "facility", "distributor", "authority", "public"]
Escalation = Literal["high", "normal", "visits"]


class Part(BaseModel):
    """Ground of all parts of a notice: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Issuer(Part):
    """Who publishes the notice, and in which role."""

    name: Text
    role: Role
    country: Text | None = None


class Link(Part):
    """Another notice about the same matter."""

    notice: Text
    relation: Literal["same-event", "supersedes", "superseded-by", "expands", "related"]
    url: Text | None = None


class Classification(Part):
    """A class of risk: our own assessment, or an authority's, with its number and day."""

    body: Text | None = None
    level: Text | None = None
    number: Text | None = None
    on: date | None = None


class Classifications(Part):
    """Own and authority classification, kept apart."""

    own: Classification | None = None
    authorities: tuple[Classification, ...] = ()


class Hazard(Part):
    """What can go wrong and what harm it can do; effects only, no exploit detail."""

    what: Text
    harms: Texts = ()
    alarm: Text | None = None
    fix_available: bool | None = None


class Remedy(Part):
    """What holders are offered, apart from interim precautions."""

    kind: Literal[
        "exchange", "replacement", "correction", "refund", "therapy-change", "advice", "none"
    ]
    audience: Audience
    details: Text | None = None
    for_years: Annotated[int, Field(ge=0, le=50)] | None = None


class Contact(Part):
    """Whom an audience may call in a country, and when."""

    audience: Audience | Literal["all"] = "all"
    country: Text | None = None
    name: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    url: Text | None = None
    hours: Text | None = None
    languages: Texts = ()


class RevisedDate(Part):
    """An earlier value of a date that was revised."""

    was: date
    revised_on: date | None = None
    reason: Text | None = None


class Milestone(Part):
    """A dated step of the life cycle, with the dates that it had before."""

    what: Text
    on: date | None = None
    country: Text | None = None
    state: Literal["planned", "done", "missed"] = "planned"
    earlier: tuple[RevisedDate, ...] = ()


class Approval(Part):
    """Where the notice stands on its way to release."""

    state: Literal["draft", "in-review", "released", "withdrawn"] = "draft"
    by: Texts = ()
    on: date | None = None


class Supersedes(Part):
    """The notice revision that this one replaces."""

    notice: Text
    revision: int


def _by_audience(value: Any) -> Any:
    return {} if value is None else value


_FAULTS = 5
"""How many faults of translations a sentence names."""
Instructions = Annotated[dict[Audience, Texts], BeforeValidator(_by_audience)]


class Notice(Part):
    """A safety notice: identity, scope, hazard, instructions, life cycle.

    ``source`` says where the facts come from. ``information`` keeps what the document
    says beside the scope (quantities, distribution) and never decides a verdict. ``escalation``
    names the ladder by which people are told where it is not the one that the kind asks for:
    ``visits`` if clinics hand the letter over at the next visit.
    It and ``translations`` are left out of every written form where there are none, so that such a
    notice has the bytes, and the hash, that it had before they could be said.
    """

    notice: Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:()-]{0,119}$")]
    revision: Annotated[int, Field(ge=1)] = 1
    kind: Kind
    title: Text
    issuers: tuple[Issuer, ...] = Field(min_length=1)
    issued_on: date | None = None
    links: tuple[Link, ...] = ()
    supersedes: Supersedes | None = None
    classification: Classifications = Classifications()
    hazard: Hazard | None = None
    scope: tuple[Entry, ...] = Field(min_length=1)
    precautions: Instructions = Field(default_factory=dict)
    instructions: Instructions = Field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()
    escalation: Escalation | None = Field(default=None, exclude_if=lambda told: told is None)
    contacts: tuple[Contact, ...] = ()
    languages: Texts = ()
    translations: tuple[Translation, ...] = Field(default=(), exclude_if=lambda told: not told)
    milestones: tuple[Milestone, ...] = ()
    approval: Approval = Approval()
    information: dict[str, Any] = Field(default_factory=dict)
    source: Source

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [entry.entry for entry in self.scope]
        if repeated := [name for name, n in Counter(names).items() if n > 1]:
            raise ValueError(f"entry names must differ; repeated: {', '.join(sorted(repeated))}")
        if all(entry.affects is None for entry in self.scope):
            raise ValueError("a scope needs at least one entry that affects")
        if faults := list(translation_faults(self)):
            more = f"; and {len(faults) - _FAULTS} more like it" if len(faults) > _FAULTS else ""
            raise ValueError(f"{'; '.join(faults[:_FAULTS])}{more}")
        return self

    @property
    def manufacturer(self) -> str | None:
        """Return the manufacturer that entries mean when they name none."""
        return next((i.name for i in self.issuers if i.role == "manufacturer"), None)

    def manufacturer_of(self, entry: Entry) -> str | None:
        """Return the manufacturer of an entry's products."""
        return entry.product.manufacturer or self.manufacturer
