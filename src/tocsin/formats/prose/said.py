"""What a clause or a table's row says of a scope: products, constraints, what is left over."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tocsin.formats.prose.number_lists import NumberList
from tocsin.formats.prose.phrase import Phrase
from tocsin.formats.prose.tokens import Tokens
from tocsin.identify.version_expression import RangePart
from tocsin.notice.span import TextSpan

HARD, SOFT, APART = "hard", "soft", "apart"


@dataclass
class DaySaid:
    """An interval of days and how surely it limits.

    ``manner``: hard (in the noun phrase itself), soft (behind a comma), apart (a heading of
    its own, which describes).
    """

    column: str
    interval: dict[str, str]
    manner: str
    text: str


@dataclass
class Said:
    """What a clause says.

    Attributes:
        codes: model or catalogue numbers.
        names: product names.
        head: whether it speaks of the product of the document's head in general.
        every: of which kinds it says `all` (units, lot, serial, software).
        software: version ranges.
        numbers: lists of lots, serial numbers, or either, by kind.
        days: intervals of days.
        facts: facts, as words of a quality or as name and value.
        only_in: countries that it limits itself to.
        only_soft: whether the countries may only describe.
        not_in: countries that it leaves out.
        dis: device identifiers; ``dis_unread`` the malformed ones.
        withheld: why a list is not in the text.
        fixed: versions that a remedy names.
        information: what is told beside the scope, by what it is.
        rest: whether it speaks of all other devices (`other models`).
        history: whether it only recalls, in brackets, what was said before.
        denied: whether a table's row says that it is not concerned.
        narrows: text that could not be read and can only limit.
        unread: text that could not be read; it may limit or widen.
        widens: text that could not be read, which can only name more devices.
        spans: where everything was read.
    """

    codes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    head: bool = False
    every: set[str] = field(default_factory=set)
    software: list[RangePart] = field(default_factory=list)
    numbers: dict[str, NumberList] = field(default_factory=dict)
    days: list[DaySaid] = field(default_factory=list)
    facts: list[tuple[str, ...]] = field(default_factory=list)
    only_in: list[str] = field(default_factory=list)
    only_soft: bool = False
    not_in: list[str] = field(default_factory=list)
    dis: list[str] = field(default_factory=list)
    dis_unread: list[str] = field(default_factory=list)
    withheld: str | None = None
    fixed: list[RangePart] = field(default_factory=list)
    information: list[tuple[str, str]] = field(default_factory=list)
    rest: bool = False
    history: bool = False
    denied: bool = False
    narrows: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    widens: list[str] = field(default_factory=list)
    spans: list[TextSpan] = field(default_factory=list)

    @property
    def has_product(self) -> bool:
        """Whether it names products of its own."""
        return bool(self.codes or self.names or self.dis or self.dis_unread)

    @property
    def has_constraint(self) -> bool:
        """Whether it says anything that limits."""
        return bool(
            self.software
            or self.numbers
            or self.days
            or self.facts
            or self.only_in
            or self.withheld
        )

    def kinds(self) -> set[str]:
        """Return the kinds of its constraints."""
        found = set(self.numbers) | {day.column for day in self.days}
        return found | ({"software"} if self.software else set())

    def add_numbers(self, kind: str, read: NumberList) -> None:
        """Add a list to what is known of its kind."""
        known = self.numbers.setdefault(kind, NumberList())
        known.any_of += read.any_of
        known.ranges += read.ranges
        known.prefixes += read.prefixes
        known.bounds += read.bounds
        known.unread += read.unread


def spans_of(phrases: Iterable[Phrase], tokens: Tokens, text: str) -> list[TextSpan]:
    """Return where phrases stand in the text."""
    return [
        span_of(text, tokens[p.first].start, tokens[p.after - 1].end, p.read_as) for p in phrases
    ]


def span_of(text: str, start: int, end: int, read_as: str) -> TextSpan:
    """Return a span of the text with what it was read as."""
    quoted = " ".join(text[start:end].split())
    return TextSpan(start=start, end=end, text=quoted[:4000], read_as=read_as[:4000])
