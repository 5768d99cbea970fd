"""What the names in a CSAF document say about a product, and when they leave it in doubt.

A wrong product is worse than a wrong version: a name that holds a condition, a list, a
version or a second product is not surely the name of one product. Family data files know
better: a name that they read surely is never in doubt.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tocsin.identify.product import ProductScope
from tocsin.identify.product_name import known_words, singular

_PARENTHESIS = re.compile(r"\(([^()]*)\)")
_VERSION_WITHIN = re.compile(
    r"(?<![\w.\-])[vr]?\d+\.(?:\d|x\b)|\bv\d|\b(?:versions?|releases?|revisions?|rev)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:used|using|running|runs|based|installed|capabilit\w+|options?"
    r"|including\w*|incl|excluding|except|only|not|if|when|where|certain|some|series|famil\w+"
    r"|variants?|compatible|components?|accessor(?:y|ies)|serial|digits|lots?|batch\w*|manufactured|made|sold|shipped|all|any)\b"
    r"|\b(?:connected|integrated)\s+(?:to|in|into|with)\b"
    r"|\bwith\b(?!\s+(?:wi-?fi|wlan|wireless)\b)|\b(?:of|for|in|on)\s+(?:the|an?)\b"
    r"|\bmodels\b|\bmodel$",
    re.IGNORECASE,
)
_LIST = re.compile(r"[,;&/|]|\s\+\s|\band\b|\bor\b", re.IGNORECASE)
_NUMBER_LIST = re.compile(r"(?<![\w/])(?=\w*\d)\w++(?:/(?=\w*\d)\w++)+(?![\w/])")
_SPAN = re.compile(
    r"\b([a-z]*)(\d+)\s?-\s?\1?(\d+)\b|\b[a-z]*\d+\s+(?:to|through)\s+[a-z]*\d+",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"[A-Z][A-Z0-9\-]{1,24}")
_IGNORED_BEFORE = frozenset({"certain", "product", "of", "and", "family", "the", "series"})


@dataclass(frozen=True)
class FullName:
    """A full product name beside the branches.

    Attributes:
        rest: what it says beyond the product's name; empty if nothing.
        spelling: how it spells the product's name; None where the name is not in it.
        before: words before the name that neither maker nor title explains.
    """

    rest: str
    spelling: str | None
    before: tuple[str, ...] = ()


MAX_NAME = 150
# A document names a vendor and a product once per version: each name is looked at once.
_once = lru_cache(maxsize=4096)


@_once
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, lower case and singular.

    >>> words_of("BD BodyGuard Pumps:")
    ('bd', 'bodyguard', 'pump')
    """
    return tuple(singular(word.upper()).lower() for word in re.findall(r"[^\W_]+", text))


@_once
def _generic_words() -> frozenset[str]:
    return frozenset(word.lower() for word in known_words().generic)


@_once
def is_known_to_family(name: str, manufacturer: str | None) -> bool:
    """Whether a family data file surely knows which models a name means."""
    if len(name) > MAX_NAME:
        return False
    scope = ProductScope(manufacturer=manufacturer, names=(name,))
    return bool(scope.members) and all(reading.certain for reading in scope.name_readings)


@_once
def doubts_about_name(name: str, manufacturer: str | None) -> tuple[str, ...]:
    """Return why a name is not surely the name of one product; empty if it is."""
    if is_known_to_family(name, manufacturer):
        return ()
    if len(name) > MAX_NAME:
        return ("the product's name is too long for one product",)
    return tuple(_doubts(name))


def _doubts(name: str) -> Iterator[str]:
    generic = _generic_words() | {"version", "software", "firmware"}
    words = words_of(_PARENTHESIS.sub(" ", name))
    telling = [word for word in words if word not in generic]
    if not telling:
        yield "the product's name names no product"
    if found := _VERSION_WITHIN.search(name):
        yield f"the product's name holds what may be a version: {found.group()!r}"
    if found := _CONDITION.search(name):
        yield f"the product's name may hold a condition: {found.group()!r}"
    if found := _LIST.search(_NUMBER_LIST.sub("1", name, count=1)):
        yield f"the product's name may be a list: {found.group()!r}"
    if (found := _SPAN.search(name)) and _is_span(found):
        yield f"the product's name may hold a range of models: {found.group()!r}"
    if twice := sorted({word for word in telling if telling.count(word) > 1}):
        yield f"the product's name may be two names: {twice[0]!r} occurs twice"
    if name.count("(") != name.count(")"):
        yield "the product's name has an odd parenthesis"


def _is_span(found: "re.Match[str]") -> bool:
    if found[2] is None:
        return True
    return len(found[2]) >= len(found[3]) and int(found[2][-len(found[3]) :]) < int(found[3])


@_once
def spellings_of(name: str, family: str | None) -> tuple[str, ...]:
    """Return the names that mean the same product: without and within its parentheses.

    >>> spellings_of("Clinical Information Center (CIC)", None)
    ('Clinical Information Center (CIC)', 'Clinical Information Center', 'CIC')
    >>> spellings_of("NextSeq 500/550 System", None)[1:]
    ('NextSeq 500 System', 'NextSeq 550 System')
    """
    spellings = [name]
    short = " ".join(_PARENTHESIS.sub(" ", name).split())
    if words_of(short):
        spellings.append(short)
    if numbers := _NUMBER_LIST.search(short):
        before, after = short[: numbers.start()], short[numbers.end() :]
        spellings += [before + number + after for number in numbers.group().split("/")]
    spellings += [inner for inner in _PARENTHESIS.findall(name) if _ACRONYM.fullmatch(inner)]
    if family and not set(words_of(family)) <= set(words_of(name)):
        spellings.append(f"{family} {name}")
    return tuple(dict.fromkeys(spellings))


def read_full_name(full: str, name: str, manufacturer: str | None, title: str) -> FullName:
    """Return what a full product name says beside the product's name."""
    explained = _explained(manufacturer or "", title)
    place = _find(full, name)
    if place is None:
        said = [word for word in words_of(full) if word not in words_of(manufacturer or "")]
        if said and set(said) <= set(words_of(name)) <= {*said, *_generic_words()}:
            return FullName("", full)
        return FullName(full, None)
    start, end = place
    rest = _trimmed(full[end:])
    again = _find(rest, name)
    if again and all(w in explained and w.isalpha() for w in words_of(rest[: again[0]])):
        rest = _trimmed(rest[again[1] :])
    before = tuple(word for word in words_of(full[:start]) if word not in explained)
    return FullName(rest, full[start:end], before)


@_once
def _explained(manufacturer: str, title: str) -> frozenset[str]:
    return frozenset({*words_of(manufacturer), *words_of(title), *_IGNORED_BEFORE})


def _trimmed(text: str) -> str:
    trimmed = text.lstrip(" \t\r\n:;,.)-–—").rstrip(" \t\r\n:;,-–—")
    trimmed = re.sub(r"\s*\b(?:and|or)$", "", trimmed, flags=re.IGNORECASE)
    if trimmed.startswith("(") and trimmed.endswith(")") and trimmed.count("(") == 1:
        trimmed = trimmed[1:-1].strip()
    return trimmed


def _find(full: str, name: str) -> tuple[int, int] | None:
    """Return where a name stands in a text, whatever its case, spaces and punctuation."""
    wanted = _squeezed(name)
    places = [place for place, char in enumerate(full) if char.isalnum()]
    # The first of what may become several letters: "İ" in lower case is two.
    squeezed = "".join([full[place].lower()[0] for place in places])
    start = squeezed.find(wanted) if wanted else -1
    while start >= 0:
        first, last = places[start], places[start + len(wanted) - 1]
        before, after = full[first - 1 : first] if first else "", full[last + 1 : last + 2]
        if not before.isalnum() and not after.isalnum():
            return first, last + 1 + _length_of_end(full[last + 1 :], name)
        start = squeezed.find(wanted, start + 1)
    return None


@_once
def _squeezed(name: str) -> str:
    return "".join(char.lower()[0] for char in name if char.isalnum())


def _length_of_end(following: str, name: str) -> int:
    """Return how much of a text is the punctuation in which a name ends: `)`, `+`."""
    end = re.sub(r"^.*[^\W_]", "", name, flags=re.DOTALL).strip()
    return len(end) if end and following.startswith(end) else 0
