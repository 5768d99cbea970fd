"""Expressions over software versions, as advisories write them: `<= 2.6A`, `4.X | 5.X`.

What is not surely a range or a list of versions is unreadable as a whole: dates, editions,
model numbers, words that we do not know. A pipe is OR between plain values, AND within a
lower/upper pair, OR between pairs. Several upper bounds on one line of versions
(`<= 4.2 | <= 5.0`) are unreadable: read as OR, the greatest alone would count.
Source: `docs/adr/0002-partial-version-order-and-its-keys.md`, CSAF 2.0 section 3.1.2.3.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, pairwise
from urllib.parse import unquote

from tocsin.identify.version import Relation, UnreadableVersion, Version, compare, parse_version

MAX_EXPRESSION = 2000


@dataclass(frozen=True, slots=True)
class RangePart:
    """One range of versions: its bounds hold together; the fields are those of a notice."""

    at_most: str | None = None
    below: str | None = None
    at_least: str | None = None
    above: str | None = None
    equal: str | None = None

    def bounds(self) -> dict[str, str]:
        """Return the bounds that are set, by name."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: text for name, text in named.items() if text is not None}


@dataclass(frozen=True, slots=True)
class ExpressionReading:
    """What an expression says: all versions, any of some ranges, or nothing readable.

    Attributes:
        all_versions: whether it surely means every version.
        parts: the ranges, any of which may hold.
        unread: why it could not be read, else None.
        doubts_product: whether the unreadable text may name products, models or options
            instead of versions, so that the product itself is in doubt.
    """

    all_versions: bool = False
    parts: tuple[RangePart, ...] = ()
    unread: str | None = None
    doubts_product: bool = False

    def same_as(self, other: "ExpressionReading") -> bool:
        """Whether both are readable and say the same, however the versions are written."""
        if self.unread is not None or other.unread is not None:
            return False
        return self.all_versions == other.all_versions and self.meaning == other.meaning

    @property
    def meaning(self) -> frozenset[frozenset[tuple[str, Version]]]:
        """Return the ranges with their versions as tokens, whatever their order and spelling."""
        return frozenset(
            frozenset(
                (name, replace(parse_version(text), text=""))
                for name, text in part.bounds().items()
            )
            for part in self.parts
        )


class _UnreadableExpression(ValueError):
    def __init__(self, why: str, *, doubts_product: bool = False) -> None:
        super().__init__(why)
        self.doubts_product = doubts_product


_OPERATORS = {"<=": "at_most", "<": "below", ">=": "at_least", ">": "above", "=": "equal"}
_SPELLINGS = {"=<": "<=", "=>": ">=", "==": "="}
_PREFIXES = {"le": "<=", "ge": ">=", "lt": "<", "gt": ">"}
_SUFFIXES = {"le_suffix": "<=", "ge_suffix": ">="}
_LOWER, _UPPER = {"at_least", "above"}, {"at_most", "below"}

_RELEASES = r"(?:\s+(?:(?:software|firmware)\s+)?(?:versions?|releases?|revisions?))?"
_WORDS = r"(?:sp|service\s+pack|hf|hot\s?fix|upd|update|patch|(?:mr\s+)?build|sr|mr)"
_NUMBER = r"\d+(?:[a-z]{1,3}\d+)*[a-z]?"
_VERSION = rf"""(?:(?:v\.?)?(?:[a-z]{{1,4}}[.\-]?)?{_NUMBER}
        (?:\.(?:{_NUMBER}|[a-z]{{1,2}}\d+|x+|\*))*(?:-[0-9a-z]+)?
        (?:[\s_]+{_WORDS}[\s_]*\d+[a-z]?|(?<=\d)\s+[a-z]{{1,2}}\d+)*
    |[a-wyz])(?=[\s|,;&<>=]|$)"""
_TOKEN = re.compile(
    rf"""\s+
    |(?P<pipe>\|)
    |(?P<op><=|>=|=<|=>|==|[<>=])
    |(?P<le_suffix>(?:and|or|&)\s+(?:all\s+|any\s+)?
        (?:prior|earlier|below|lower|older|previous)\b(?!\s+(?:to|than)\b){_RELEASES})
    |(?P<ge_suffix>(?:and|or|&)\s+(?:all\s+|any\s+)?
        (?:later|newer|above|higher|greater|up|onwards?|subsequent)\b(?!\s+(?:to|than)\b){_RELEASES})
    |(?P<le>(?:prior\s+to|before|up\s+to)\s+and\s+including\b
        |(?:less|lower|earlier|older)\s+than\s+or\s+equal\s+to\b)
    |(?P<ge>(?:greater|higher|later|newer)\s+than\s+or\s+equal\s+to\b)
    |(?P<lt>prior\s+to\b|before\b|below\b|(?:earlier|lower|older|less)\s+than\b)
    |(?P<gt>above\b|after\b|(?:later|newer|higher|greater)\s+than\b)
    |(?P<span>(?:through|thru|to)\b|-(?=\s))
    |(?P<joint>,\s*(?:and|or)\b|[,;&]|and\b|or\b)
    |(?P<all>(?:all|any|every)\b|\*(?=\s*(?:\||$)))
    |(?P<noise>(?:running|with|using)\s+(?=(?:software|firmware|versions?)\b)
        |(?:versions?|releases?|revisions?)(?:\s+numbers?)?\b:?
        |(?:software|firmware|sw|fw)\b|ver\.?(?=\s*\d)|rev\.?(?=\s|$)|v\.?(?=\s+\d))
    |(?P<version>{_VERSION})
    |(?P<unknown>[^\s|,;&]+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SIGNS = str.maketrans({"≤": "<=", "≥": ">=", "\u2012": "-", "\u2013": "-", "\u2212": "-"})
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    rf"\b{_MONTHS}[\s/_.,\-]+\d|\d[\s/_.\-]*{_MONTHS}\b|\d{{1,4}}/\d{{1,2}}(?:/\d+)?"
    r"|(?<![\d.])\d{1,2}\.\d{1,2}\.(?:19|20)\d\d(?![\d.])"
    r"|(?<![\d.])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?![\d.])"
    r"|(?<!\d)(?:19|20)\d\d-\d\d-\d\d",
    re.IGNORECASE,
)
_NAMES_NO_PRODUCT = re.compile(
    rf"{_MONTHS}(?:[/_.\-]\d+)*|[\d/.\-]+|\d+(?:st|nd|rd|th)|editions?|[a-z]-[a-z]"
    r"|v?[a-z]{0,2}\d*(?:\.[a-z]{0,2}\d*)+|\*|end-of-life|eol|numbers?|builds?"
    r"|versions?|releases?|revisions?|software|firmware|manufactured|made|built|shipped"
    r"|unknown|unspecified|n/a|none|no|not|specified|stated",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"%[0-9A-Fa-f]{2}")
_SEPARATING = set("|<>=!,;*")
_KINDS = {"ver", "rel", "rev", "sof", "fir", "sw", "fw"}
_DOTTED = re.compile(r"[0-9a-z]\.[0-9a-z*]", re.IGNORECASE)
_PLAIN_DOTTED = re.compile(r"v?\.?\d+\.\d.*", re.IGNORECASE)
_SHORT = re.compile(r"v?\.?(?:\d{1,2}|[a-z]{1,2}\d{1,3}|[a-z])", re.IGNORECASE)
_ENDS_IN_BUILD = re.compile(r"v?\.?(\d+)(?:\.\d+)*?\.(\d+)-(\d{1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Item:
    """A bound or a plain value, and what joined it to the one before."""

    joint: str
    bound: str
    text: str


_Tokens = Sequence[tuple[str, str]]


@lru_cache(maxsize=4096)
def parse_version_expression(
    text: str, *, ranged: bool, called_version: bool = False, spaced_lists: bool = False
) -> ExpressionReading:
    """Return what a version expression says; never raises.

    Args:
        text: the expression.
        ranged: whether it stands where a range is expected, so that a single plain version
            has surely lost its operator.
        called_version: whether the text around it calls it a version, firmware, software or
            release; a short number such as ``7`` or ``A10`` is a version only then, and
            ``24950`` not even then.
        spaced_lists: whether values may follow each other without a joint, as in the prose
            of a full product name (``Versions 1.10 1.11``).

    >>> parse_version_expression(">= 1.0 | < 1.3", ranged=True).parts[0].bounds()
    {'below': '1.3', 'at_least': '1.0'}
    >>> parse_version_expression("620 | 650", ranged=False).doubts_product
    True
    """
    plain = " ".join(_unquoted(text).translate(_SIGNS).split()).rstrip(",;: ")
    plain = re.sub(
        r"\((?=(?:and|or)\s)([a-z\s]*)\)|(?<=[a-z])\.$", r"\1", plain, flags=re.IGNORECASE
    )
    if not plain or len(plain) > MAX_EXPRESSION:
        return ExpressionReading(unread="it is empty or too long")
    try:
        if vers := re.fullmatch(r"vers:([a-z0-9.\-+]+)/(.*)", plain, re.IGNORECASE):
            return _read_vers(vers[1].lower(), vers[2].strip())
        return _read_prose(plain, ranged=ranged, called=called_version, spaced=spaced_lists)
    except _UnreadableExpression as error:
        return ExpressionReading(unread=str(error), doubts_product=error.doubts_product)


def _unquoted(text: str) -> str:
    """Return a text without the percent signs of ``vers``; as it is if they hide a sign."""
    if not _QUOTED.search(text):
        return text
    plain = unquote(text)
    return plain if plain.isprintable() and not set(plain) - set(text) & _SEPARATING else text


def _read_vers(scheme: str, constraints: str) -> ExpressionReading:
    if constraints == "*":
        return ExpressionReading(all_versions=True)
    if scheme == "all":  # not valid vers, but what advisories write
        return _read_prose(constraints, ranged=False, called=False, spaced=False)
    # Other schemes order letters in their own way; of numbers they all think as we do.
    sure = re.compile(r"v?\d+(\.\d+)*" + "[a-z]?" * (scheme == "generic"), re.IGNORECASE)
    items: list[_Item] = []
    for constraint in constraints.split("|"):
        sign, version = re.fullmatch(r"\s*(<=|>=|<|>|=|)\s*(.*?)\s*", constraint).groups()  # type: ignore[union-attr]
        if not sure.fullmatch(version):
            raise _UnreadableExpression(f"{constraint!r} is not surely ordered as {scheme} does")
        items.append(_Item("pipe", _OPERATORS[sign or "="], version))
    if all(item.bound == "equal" for item in items):
        return ExpressionReading(parts=tuple(map(_single, items)))
    for one, other in pairwise(items):
        if compare(_parsed(one.text), _parsed(other.text)) not in {Relation.LESS, Relation.PREFIX}:
            raise _UnreadableExpression("its versions do not ascend")
    return ExpressionReading(parts=tuple(_ascending_parts(items)))


def _ascending_parts(items: Sequence[_Item]) -> Iterator[RangePart]:
    """Yield the ranges of ascending constraints, as the vers specification reads them."""
    lower: _Item | None = None
    for place, item in enumerate(items):
        if lower is not None and item.bound in _UPPER:
            yield _pair(lower, item)
            lower = None
        elif lower is not None or (item.bound in _UPPER and place > 0):
            raise _UnreadableExpression("a constraint lies inside another one")
        elif item.bound in _LOWER:
            lower = item
        else:
            yield _single(item)
    if lower is not None:
        yield _single(lower)


def _read_prose(text: str, *, ranged: bool, called: bool, spaced: bool) -> ExpressionReading:
    tokens = [
        (found.lastgroup, found.group()) for found in _TOKEN.finditer(text) if found.lastgroup
    ]
    _refuse_unknown(tokens, text)
    _check_one_kind(tokens)
    kept = [token for token in tokens if token[0] not in {"noise", "all"}]
    said_all = [place for place, (kind, _) in enumerate(tokens) if kind == "all"]
    if said_all and any(kind != "noise" for kind, _ in tokens[: said_all[-1]]):
        raise _UnreadableExpression("'all' stands in the midst of it")
    if not kept:
        if not said_all:
            raise _UnreadableExpression("it names no version")
        return ExpressionReading(all_versions=True)
    items = _read_items(kept)
    plain = [item.text for item in items if item.bound == "equal"]
    if said_all and plain:
        raise _UnreadableExpression("it says 'all' and names a version", doubts_product=True)
    _check_plain(plain, called=called)
    if ranged and len(items) == 1 and plain:
        raise _UnreadableExpression("a single version stands where a range is expected")
    return ExpressionReading(parts=_group(items, spaced=spaced))


def _refuse_unknown(tokens: _Tokens, text: str) -> None:
    unknown = [found.strip("()[].:") for kind, found in tokens if kind == "unknown"]
    foreign = [found for found in unknown if not _NAMES_NO_PRODUCT.fullmatch(found)]
    if foreign:
        raise _UnreadableExpression(
            f"{foreign[0]!r} is no part of a version expression", doubts_product=True
        )
    if _DATE.search(text):
        raise _UnreadableExpression("it holds a date")
    if unknown:
        raise _UnreadableExpression(f"{unknown[0]!r} is no part of a version expression")


def _check_one_kind(tokens: _Tokens) -> None:
    """Refuse `Version B, Firmware A.01.09`: two kinds of versions, not a list of one."""
    kinds: list[set[str]] = [set()]
    for kind, found in tokens:
        if kind in {"pipe", "joint"}:
            kinds.append(set())
        elif kind == "noise":
            kinds[-1] |= {word[:3] for word in re.findall(r"[a-z]+", found.lower())} & _KINDS
    if any(not later <= kinds[0] for later in kinds[1:]):
        raise _UnreadableExpression("it speaks of several kinds of versions")


def _check_plain(texts: Sequence[str], *, called: bool) -> None:
    """Refuse what stands without an operator and may be a model, an edition or a range."""
    for text in texts:
        if not _DOTTED.search(text) and not (called and _SHORT.fullmatch(text)):
            raise _UnreadableExpression(
                f"{text!r} may be a model and not a version", doubts_product=True
            )
        if built := _ENDS_IN_BUILD.fullmatch(text):
            first, last, end = (int(number) for number in built.groups())
            if end > min(first, last):
                raise _UnreadableExpression(f"{text!r} may be a range or one version")


def _read_items(tokens: _Tokens) -> list[_Item]:
    """Return the bounds and plain values in order."""
    items: list[_Item] = []
    place = 0
    while place < len(tokens):
        joint = ""
        if tokens[place][0] in {"pipe", "joint"}:
            joint = tokens[place][1].lower().strip(", ") or "comma"
            place += 1
        if joint and not items:
            raise _UnreadableExpression("something is missing before it")
        read = _read_item(tokens[place : place + 3], joint)
        items += read[0]
        place += read[1]
    return items


def _read_item(tokens: _Tokens, joint: str) -> tuple[list[_Item], int]:
    """Return the items that the first tokens form, and how many tokens they are."""
    kinds = [kind for kind, _ in tokens]
    texts = [found for _, found in tokens]
    if kinds == ["version", "span", "version"]:
        return [_Item(joint, "at_least", texts[0]), _Item("to", "at_most", texts[2])], 3
    if kinds[:1] == ["version"]:
        suffix = _SUFFIXES.get(kinds[1]) if len(kinds) > 1 else None
        return [_Item(joint, _OPERATORS[suffix or "="], texts[0])], 2 if suffix else 1
    if kinds[1:2] == ["version"] and kinds[0] in {"op", *_PREFIXES}:
        sign = _PREFIXES.get(kinds[0]) or _SPELLINGS.get(texts[0], texts[0])
        return [_Item(joint, _OPERATORS[sign], texts[1])], 2
    raise _UnreadableExpression("its words do not form a range or a list of versions")


def _group(items: Sequence[_Item], *, spaced: bool) -> tuple[RangePart, ...]:
    """Return the ranges that bounds and plain values form."""
    if len(items) == 2 and items[0].bound in _UPPER and items[1].bound in _LOWER:
        if items[1].joint not in {"", "and", "&"}:
            raise _UnreadableExpression("an upper bound stands before a lower one")
        return (_pair(items[1], items[0]),)
    parts: list[RangePart] = []
    kinds = ""
    place = 0
    while place < len(items):
        item, following = items[place], items[place + 1 : place + 2]
        if place and not item.joint and not spaced:
            strange = [each for each in items if not _PLAIN_DOTTED.match(each.text)]
            raise _UnreadableExpression(
                "two values follow each other without a joint", doubts_product=bool(strange)
            )
        if item.bound in _LOWER and following and following[0].bound in _UPPER:
            if following[0].joint == "or":
                raise _UnreadableExpression("'or' stands between a lower and an upper bound")
            parts.append(_pair(item, following[0]))
            kinds += "p"
            place += 2
        else:
            parts.append(_single(item))
            kinds += item.bound[0] if item.bound == "equal" else "b"
            place += 1
    if not re.fullmatch("e+|e*p+|b+", kinds) or (kinds != "b" and "b" in kinds and _orders(items)):
        raise _UnreadableExpression("its bounds and values may be meant in several ways")
    return tuple(parts)


def _orders(items: Sequence[_Item]) -> bool:
    """Whether any two of the versions can be ordered, so that one bound swallows the other."""
    if len({item.bound in _LOWER for item in items}) > 1:
        return True
    pairs = combinations([_parsed(item.text) for item in items], 2)
    return any(compare(one, other) is not Relation.INCOMPARABLE for one, other in pairs)


def _single(item: _Item) -> RangePart:
    _parsed(item.text)
    return RangePart(**{item.bound: item.text})


def _pair(lower: _Item, upper: _Item) -> RangePart:
    relation = compare(_parsed(lower.text), _parsed(upper.text))
    inclusive = lower.bound == "at_least" and upper.bound == "at_most"
    if relation is Relation.INCOMPARABLE:
        raise _UnreadableExpression("the ends of the range cannot be ordered")
    if relation is Relation.GREATER or (
        not inclusive and relation in {Relation.EQUAL, Relation.EQUAL_SHORT, Relation.EXTENDS}
    ):
        raise _UnreadableExpression("the range ends before it begins")
    return RangePart(**{lower.bound: lower.text, upper.bound: upper.text})


def _parsed(text: str) -> Version:
    try:
        version = parse_version(text)
    except UnreadableVersion as error:
        raise _UnreadableExpression(f"{text!r} is not surely a version") from error
    if version.wildcard == "unclear" or re.search(r"\dx|\bv?x\.\d", text, re.IGNORECASE):
        raise _UnreadableExpression(f"{text!r} has a wildcard that we cannot place")
    return version
