"""What a scope can say: entries, products and constraints, as a notice file writes them.

Everything is immutable. Text that could not be read is kept in ``unread`` and counts as
UNKNOWN; information that is no constraint is kept in ``information`` and clears nobody.
"""

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tocsin.base.truth import Truth
from tocsin.identify.country import parse_country
from tocsin.identify.day import HIGHEST_DAY, LOWEST_DAY, UnreadableDay, day_number, parse_days
from tocsin.identify.numbering import (
    RangeInverted,
    UnreadableNumber,
    number_range,
    parse_numbering,
)
from tocsin.identify.udi.di import is_di
from tocsin.identify.version import Operator, UnreadableVersion, parse_version, satisfies
from tocsin.notice.span import TextSpan

Text = Annotated[str, Field(min_length=1, max_length=4000)]


def _listed(value: Any) -> Any:
    """A single value may stand where a list is expected."""
    return [value] if isinstance(value, str | dict) else value


def _expand_models(value: Any) -> Any:
    """Expand slash groups (522K/722K) and suffix shorthand (3500-0600-00, -01)."""
    expanded: list[Any] = []
    for item in _listed(value) or []:
        if not isinstance(item, str):
            return value
        for piece in (part.strip() for part in item.split("/")):
            if piece.startswith("-") and expanded:
                stem = expanded[-1].rpartition("-")[0]
                expanded.append(stem + piece if stem else piece)
            elif piece:
                expanded.append(piece)
    return expanded


Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Models = Annotated[tuple[Text, ...], BeforeValidator(_expand_models)]


def _check_version(text: str) -> str:
    try:
        parse_version(text)
    except UnreadableVersion as error:
        raise ValueError(
            f"{text!r} is not a software version that can be ordered; "
            "write the sentence under `unread:` instead"
        ) from error
    return text


def _check_day(text: str) -> str:
    try:
        parse_days(text)
    except UnreadableDay as error:
        raise ValueError(
            f"{text!r} is not an ISO day (2011-01-04), month (2011-01) or year (2011)"
        ) from error
    return text


def _check_number(text: str) -> str:
    try:
        parse_numbering(text)
    except UnreadableNumber as error:
        raise ValueError(f"{text!r} is not one lot or serial number") from error
    return text


VersionText = Annotated[Text, BeforeValidator(str), Field()]
VersionTexts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]


class ScopePart(BaseModel):
    """Ground of all parts of a scope: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ProductPart(ScopePart):
    """The products that an entry names.

    ``models`` and ``catalogue`` may be written as slash groups and suffix shorthand.
    ``dis_unread`` keeps identifiers that are not well formed, as printed.
    """

    manufacturer: Text | None = None
    family: Text | None = None
    models: Models = ()
    catalogue: Models = ()
    names: Texts = ()
    dis: Texts = ()
    dis_complete: bool = False
    dis_unread: Texts = ()

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not any((self.family, self.models, self.catalogue, self.names, self.dis)):
            raise ValueError(
                "an entry must name a product: family, models, catalogue, names or dis"
            )
        for di in self.dis:
            if not is_di(di):
                raise ValueError(
                    f"the DI {di!r} is neither 14 digits (GS1) nor a code of HIBCC or ICCBBA; put "
                    "it under `dis_unread:` as printed"
                )
        return self


class VersionRange(ScopePart):
    """One range of software versions; all its bounds hold together."""

    at_most: VersionText | None = None
    below: VersionText | None = None
    at_least: VersionText | None = None
    above: VersionText | None = None
    equal: VersionText | None = None
    other_than: VersionTexts = ()
    fixed_in: VersionText | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        written = [text for _, text in self.bounds] + list(self.other_than)
        if not written:
            raise ValueError("a version range needs a bound")
        for text in written:
            _check_version(text)
        return self

    @property
    def bounds(self) -> list[tuple[Operator, str]]:
        """Return the bounds that must hold, as operator and version; not `other_than`."""
        written: list[tuple[Operator, str | None]] = [
            ("<=", self.at_most),
            ("<", self.below),
            (">=", self.at_least),
            (">", self.above),
            ("=", self.equal),
            ("<", self.fixed_in),
        ]
        return [(operator, text) for operator, text in written if text]

    @cached_property
    def is_contradictory(self) -> bool:
        """Return whether no version surely lies within the bounds, as in "from 4.5 to 4.2".

        Such a range says nothing that could clear a device, so that it counts as UNKNOWN.
        """
        lows = [bound for bound in self.bounds if bound[0] in {">=", ">", "="}]
        highs = [bound for bound in self.bounds if bound[0] in {"<=", "<", "="}]
        if self.equal in self.other_than:
            return True
        return any(
            satisfies(parse_version(low), _between(above, below), parse_version(high))
            is Truth.FALSE
            for above, low in lows
            for below, high in highs
        )


def _between(above: Operator, below: Operator) -> Operator:
    """Return how a lower bound must stand to an upper one if a version is to lie between."""
    return "<" if above == ">" or below == "<" else "<="


def _read_software(value: Any) -> Any:
    if value in ("all", None, {}):
        return {}
    if isinstance(value, str):
        return {"any_of": [value]}
    if isinstance(value, list):
        return {"any_of": value}
    if isinstance(value, dict) and not set(value) & {"any_of", "unread", "withheld"}:
        return {"any_of": [value]}
    return value


def _read_range(value: Any) -> Any:
    return {"equal": value} if isinstance(value, str) else value


class Software(ScopePart):
    """Software versions: any of the ranges; ``all`` (no range) is no constraint."""

    any_of: Annotated[
        tuple[Annotated[VersionRange, BeforeValidator(_read_range)], ...],
        BeforeValidator(_listed),
    ] = ()
    unread: Text | None = None
    withheld: Text | None = None


class NumberRange(ScopePart):
    """A range of lots or serials with both ends included."""

    first: Text
    last: Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            number_range(self.first, self.last)
        except UnreadableNumber as error:
            raise ValueError(f"an end of {self.first} to {self.last} is not one number") from error
        except RangeInverted as error:
            raise ValueError(
                f"the range {self.first} to {self.last} ends before it begins, or its ends "
                "have different prefixes; correct it or keep the text under `unread:`"
            ) from error
        return self


def _read_numbers(value: Any) -> Any:
    if value == "all" or value is None:
        return {}
    if isinstance(value, str | list):
        return {"any_of": value}
    return value


class Numbers(ScopePart):
    """Lots or serials: a list, prefixes, ranges; nothing listed is no constraint."""

    any_of: Texts = ()
    prefixes: Texts = ()
    ranges: Annotated[tuple[NumberRange, ...], BeforeValidator(_listed)] = ()
    unread: Text | None = None
    withheld: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        for text in self.any_of:
            _check_number(text)
        return self


class DayInterval(ScopePart):
    """An interval of days; ``from`` and ``to`` are included, ``before`` and ``after`` not."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, populate_by_name=True
    )

    first: Text | None = Field(default=None, alias="from")
    last: Text | None = Field(default=None, alias="to")
    before: Text | None = None
    after: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        written = [t for t in (self.first, self.last, self.before, self.after) if t]
        if not written:
            raise ValueError("a date interval needs from, to, before or after")
        for text in written:
            _check_day(text)
        first, last = self.day_numbers
        if last < first:
            bounds = self.model_dump(by_alias=True, exclude_none=True)
            phrase = " ".join(f"{word} {text}" for word, text in bounds.items())
            raise ValueError(f"the interval {phrase!r} ends before it begins")
        return self

    @property
    def day_numbers(self) -> tuple[int, int]:
        """Return the numbers of the first and the last day within the bounds."""
        first, last = LOWEST_DAY, HIGHEST_DAY
        if self.first:
            first = max(first, day_number(parse_days(self.first).first))
        if self.after:
            first = max(first, day_number(parse_days(self.after).last) + 1)
        if self.last:
            last = min(last, day_number(parse_days(self.last).last))
        if self.before:
            last = min(last, day_number(parse_days(self.before).first) - 1)
        return first, last


Days = Annotated[tuple[DayInterval, ...], BeforeValidator(_listed)]


class Countries(ScopePart):
    """Countries of sale by which the notice surely includes or excludes (ISO 3166, 2 letters)."""

    only: Texts = ()
    other_than: Texts = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        for code in (*self.only, *self.other_than):
            if parse_country(code) != code:
                raise ValueError(f"the country code {code!r} is not in upper case")
        if bool(self.only) == bool(self.other_than):
            raise ValueError("countries need either `only` or `other_than`")
        return self


class Fact(ScopePart):
    """Something only the holder can see.

    Attributes:
        any_of: the values that are in scope.
        values: all values that can occur; another value on a record is UNKNOWN.
        ask: the question that settles it.
    """

    any_of: Texts
    values: Texts = ()
    ask: Text | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.values and not set(self.any_of) <= set(self.values):
            raise ValueError("every value in `any_of` must be among `values`")
        return self


class Entry(ScopePart):
    """One row of a scope: a product and constraints that must all hold.

    Exactly one of ``affects`` and ``excludes`` is given. ``reviewed: false`` marks an
    entry that was drafted by a program or whose product is in doubt; ``spans`` say where in
    the document a drafted entry was read, and decide nothing.
    """

    entry: Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
    affects: ProductPart | None = None
    excludes: ProductPart | None = None
    software: Annotated[Software, BeforeValidator(_read_software)] = Software()
    lots: Annotated[Numbers, BeforeValidator(_read_numbers)] = Numbers()
    serials: Annotated[Numbers, BeforeValidator(_read_numbers)] = Numbers()
    made_on: Days = ()
    shipped_on: Days = ()
    expires_on: Days = ()
    serviced_on: Days = ()
    implanted_on: Days = ()
    countries: Countries | None = None
    facts: dict[str, Fact] = Field(default_factory=dict)
    withheld: Text | None = None
    unread: Texts = ()
    no_status: bool = False
    reviewed: bool = True
    information: dict[str, Any] = Field(default_factory=dict)
    spans: tuple[TextSpan, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.affects is None) == (self.excludes is None):
            raise ValueError("an entry needs either `affects` or `excludes`")
        return self

    @property
    def product(self) -> ProductPart:
        """Return the products, whichever way the entry counts."""
        return self.affects or self.excludes  # type: ignore[return-value]

    @property
    def unread_texts(self) -> tuple[str, ...]:
        """Return the sentences of the entry that could not be read."""
        parts = (*self.unread, self.software.unread, self.lots.unread, self.serials.unread)
        return tuple(text for text in parts if text)
