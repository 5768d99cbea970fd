"""A scope in sentences: what each entry names and asks for."""

from collections.abc import Iterable, Sequence

from tocsin.identify.family import known_families
from tocsin.notice.scope import (
    DayInterval,
    Entry,
    Numbers,
    ProductPart,
    Software,
    VersionRange,
)

_DAY_WORDS = {
    "made_on": "made",
    "shipped_on": "shipped",
    "expires_on": "expiring",
    "serviced_on": "last serviced",
    "implanted_on": "implanted",
}
_SHOWN = 6


def list_words(items: Sequence[str], joint: str = "or", shown: int = _SHOWN) -> str:
    """Return a list as a phrase, shortened with its length when long.

    >>> list_words(["a", "b", "c"])
    'a, b or c'
    """
    if len(items) > shown:
        return f"one of {len(items)} ({', '.join(items[:3])}, ...)"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def describe_product(part: ProductPart) -> str:
    """Return which products an entry names."""
    phrases = []
    if part.family:
        name = (
            known_families()[part.family].name if part.family in known_families() else part.family
        )
        phrases.append(name if part.models or part.catalogue or part.names else f"all {name}")
    if part.models:
        phrases.append(f"model {list_words(part.models)}")
    if part.catalogue:
        phrases.append(f"catalogue number {list_words(part.catalogue)}")
    if part.names:
        phrases.append(list_words(part.names))
    if part.dis:
        phrases.append(f"device identifier {list_words(part.dis)}")
    return ", ".join(phrases)


def describe_constraints(entry: Entry) -> dict[str, str]:
    """Return a phrase per constrained kind, by the kind's column or fact name."""
    phrases: dict[str, str] = {}
    if software := _describe_software(entry.software):
        phrases["software"] = software
    for kind, word, numbers in (("lot", "lot", entry.lots), ("serial", "serial", entry.serials)):
        if phrase := _describe_numbers(word, numbers):
            phrases[kind] = phrase
    for column, word in _DAY_WORDS.items():
        intervals: tuple[DayInterval, ...] = getattr(entry, column)
        if intervals:
            phrases[column] = f"{word} {' or '.join(map(_describe_days, intervals))}"
    if entry.countries:
        only, other = entry.countries.only, entry.countries.other_than
        phrases["country"] = (
            f"sold in {list_words(only)}" if only else f"not sold in {list_words(other)}"
        )
    for name, fact in entry.facts.items():
        phrases[f"fact.{name}"] = f"{name.replace('_', ' ')} {list_words(fact.any_of)}"
    return phrases


def describe_entry(entry: Entry) -> str:
    """Return an entry's whole meaning as a phrase."""
    constraints = describe_constraints(entry)
    product = describe_product(entry.product)
    return (
        f"{product}; {'; '.join(constraints.values())}" if constraints else f"{product}; all units"
    )


def describe_open_points(entry: Entry) -> Iterable[str]:
    """Yield what keeps an entry from deciding surely."""
    for kind, part in (
        ("software versions", entry.software),
        ("lots", entry.lots),
        ("serial numbers", entry.serials),
    ):
        if part.withheld:
            yield f"the notice withholds its {kind}: {part.withheld}"
        if part.unread:
            yield f"this text about {kind} could not be read: {part.unread!r}"
    for bounds in entry.software.any_of:
        if bounds.is_contradictory:
            yield f"no version surely lies within these bounds: {_describe_range(bounds)}"
    if entry.withheld:
        yield f"the notice withholds its list: {entry.withheld}"
    for text in entry.unread:
        yield f"this text could not be read: {text!r}"
    for di in entry.product.dis_unread:
        yield f"the printed device identifier {di!r} is malformed"
    if entry.no_status:
        yield "the notice lists the product without saying whether it is affected"
    if not entry.reviewed:
        yield "nobody has confirmed the entry yet"


def _describe_software(software: Software) -> str | None:
    if software.withheld or software.unread:
        return "software versions that the notice does not state readably"
    if not software.any_of:
        return None
    return f"software {' or '.join(map(_describe_range, software.any_of))}"


def _describe_range(part: VersionRange) -> str:
    phrases = [
        phrase
        for phrase in (
            part.equal,
            f"{part.at_least} or later" if part.at_least else None,
            f"later than {part.above}" if part.above else None,
            f"{part.at_most} or lower" if part.at_most else None,
            f"before {part.below}" if part.below else None,
            f"fixed in {part.fixed_in}" if part.fixed_in else None,
            f"any but {list_words(part.other_than)}" if part.other_than else None,
        )
        if phrase
    ]
    return " and ".join(phrases)


def _describe_numbers(word: str, numbers: Numbers) -> str | None:
    if numbers.withheld:
        return f"{word}s that the notice withholds"
    phrases = [list_words(numbers.any_of)] if numbers.any_of else []
    phrases += [f"beginning with {prefix}" for prefix in numbers.prefixes]
    phrases += [f"{part.first} to {part.last}" for part in numbers.ranges]
    if numbers.unread:
        phrases.append("some that could not be read")
    return f"{word} {' or '.join(phrases)}" if phrases else None


def _describe_days(interval: DayInterval) -> str:
    phrases = [
        phrase
        for phrase in (
            f"from {interval.first}" if interval.first else None,
            f"after {interval.after}" if interval.after else None,
            f"to {interval.last}" if interval.last else None,
            f"before {interval.before}" if interval.before else None,
        )
        if phrase
    ]
    return " ".join(phrases)
