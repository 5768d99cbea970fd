"""The lists of an entry as lines of text in a form, and back: nothing is lost on the way.

A line says what `describe` says of it: ``2.4A or lower``, ``GWX 001 to GWX 206``, ``from 2010-11-30
to 2011-01-04``. What a person writes otherwise is read by the parser that reads advisories, or
refused: a form never takes in half of a line.
"""

import re
from collections.abc import Iterable, Iterator

from tocsin.identify.version import UnreadableVersion, parse_version
from tocsin.identify.version_expression import parse_version_expression
from tocsin.notice.scope import DayInterval, Numbers, Software, VersionRange

Tree = dict[str, object]

_BOUNDS = (
    ("at_most", re.compile(r"(.+) or lower", re.IGNORECASE), "{} or lower"),
    ("at_least", re.compile(r"(.+) or later", re.IGNORECASE), "{} or later"),
    ("above", re.compile(r"later than (.+)", re.IGNORECASE), "later than {}"),
    ("below", re.compile(r"before (.+)", re.IGNORECASE), "before {}"),
    ("fixed_in", re.compile(r"fixed in (.+)", re.IGNORECASE), "fixed in {}"),
    ("other_than", re.compile(r"any but (.+)", re.IGNORECASE), "any but {}"),
    ("equal", re.compile(r"(.+)"), "{}"),
)
_SPAN = re.compile(r"(.+?)\s+(?:to|through|thru)\s+(.+)", re.IGNORECASE)
_PREFIX = re.compile(r"beginning with\s+(.+)", re.IGNORECASE)
_DAY_WORDS = {"from": "from", "to": "to", "until": "to", "before": "before", "after": "after"}
_DAY_PIECE = re.compile(r"(from|to|until|before|after)\s+(\S+)", re.IGNORECASE)
_LONE_DAYS = re.compile(r"(\S+)(?:\s+to\s+(\S+))?", re.IGNORECASE)


class UnreadableLine(ValueError):
    """A line of a form that cannot be read; the text is a sentence."""


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that are not empty, without space around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def numbers_of(text: str) -> list[str]:
    """Return what stands in lines, or between commas: no lot or serial number holds one."""
    return [part.strip() for line in text.splitlines() for part in re.split("[,;]", line) if
            part.strip()]  # fmt: skip


def read_software(text: str) -> list[Tree]:
    """Return the ranges of software versions that lines state; none for all versions.

    Raises:
        UnreadableLine: quoting the line.

    >>> read_software("2.4A or lower")
    [{'at_most': '2.4A'}]
    """
    ranges: list[Tree] = []
    for line in lines_of(text):
        if line.lower() in {"all", "all versions"}:
            continue
        ranges += _read_range(line)
    if ranges and any(line.lower() in {"all", "all versions"} for line in lines_of(text)):
        raise UnreadableLine("One line says all versions and another names some. Keep one of them.")
    return ranges


def _read_range(line: str) -> list[Tree]:
    found: Tree = {}
    for piece in re.split(r"\s+and\s+", line, flags=re.IGNORECASE):
        name, value = _read_bound(piece)
        if name in found or not _is_version(value):
            return _read_as_advisory(line)
        found[name] = value
    return [found]


def _read_bound(piece: str) -> tuple[str, object]:
    for name, pattern, _ in _BOUNDS:
        if said := pattern.fullmatch(piece.strip()):
            text = said[1].strip()
            return name, numbers_of(text) if name == "other_than" else text
    return "equal", piece


def _is_version(value: object) -> bool:
    texts = value if isinstance(value, list) else [value]
    try:
        for text in texts:
            parse_version(str(text))
    except UnreadableVersion:
        return False
    return True


def _read_as_advisory(line: str) -> list[Tree]:
    reading = parse_version_expression(line, ranged=False, called_version=True)
    if reading.unread is not None:
        raise UnreadableLine(
            f"The line {line!r} says no software versions that can be ordered: {reading.unread}. "
            "Write for example `2.4A or lower`, `before 3.1` or `1.2 or later and before 3.0`, or "
            "move the sentence to what could not be read."
        )
    return [dict(part.bounds()) for part in reading.parts]


def software_lines(software: Software) -> str:
    """Return the ranges of software versions as lines."""
    return "\n".join(map(_range_line, software.any_of))


def _range_line(part: VersionRange) -> str:
    pieces = []
    for name, _, words in sorted(_BOUNDS, key=lambda bound: bound[0] != "equal"):
        value = getattr(part, name)
        if value:
            pieces.append(words.format(", ".join(value) if name == "other_than" else value))
    return " and ".join(pieces)


def read_numbers(text: str) -> Tree:
    """Return lots or serials that lines state: single ones, ``A to B``, ``beginning with P``.

    >>> read_numbers("GWX 001 to GWX 206")
    {'ranges': [{'first': 'GWX 001', 'last': 'GWX 206'}]}
    """
    found: dict[str, list[object]] = {"any_of": [], "prefixes": [], "ranges": []}
    for part in numbers_of(text):
        if part.lower() == "all":
            continue
        if said := _PREFIX.fullmatch(part):
            found["prefixes"].append(said[1])
        elif said := _SPAN.fullmatch(part):
            found["ranges"].append({"first": said[1], "last": said[2]})
        else:
            found["any_of"].append(part)
    return {name: values for name, values in found.items() if values}


def number_lines(numbers: Numbers) -> str:
    """Return a list of lots or serials as lines."""
    lines = [*numbers.any_of]
    lines += [f"beginning with {prefix}" for prefix in numbers.prefixes]
    lines += [f"{part.first} to {part.last}" for part in numbers.ranges]
    return "\n".join(lines)


def read_days(text: str) -> list[Tree]:
    """Return the intervals of days that lines state.

    Raises:
        UnreadableLine: quoting the line.

    >>> read_days("from 2010-11-30 to 2011-01-04")
    [{'from': '2010-11-30', 'to': '2011-01-04'}]
    """
    return [_read_interval(line) for line in lines_of(text)]


def _read_interval(line: str) -> Tree:
    pieces = _DAY_PIECE.findall(line)
    bounds: Tree = {_DAY_WORDS[word.lower()]: day for word, day in pieces}
    if pieces and len(bounds) == len(pieces) and not _DAY_PIECE.sub("", line).strip():
        return bounds
    if said := _LONE_DAYS.fullmatch(line):
        return {"from": said[1], "to": said[2] or said[1]}
    raise UnreadableLine(
        f"The line {line!r} is no interval of days. Write for example `from 2010-11-30 to "
        "2011-01-04`, `before 2011-02` or `2011`."
    )


def day_lines(intervals: Iterable[DayInterval]) -> str:
    """Return intervals of days as lines."""
    return "\n".join(" ".join(_day_pieces(interval)) for interval in intervals)


def _day_pieces(interval: DayInterval) -> Iterator[str]:
    for word, day in interval.model_dump(by_alias=True, exclude_none=True).items():
        yield f"{word} {day}"
