"""The head of a document: firm, product and day, and what the product's line names."""

import re
from dataclasses import dataclass, field

from tocsin.formats.prose.announced import find_announcement
from tocsin.formats.prose.day_forms import read_day
from tocsin.formats.prose.lexicon import announcements, fact_values, filler_words
from tocsin.formats.prose.names import is_filler, is_generic, plain_word, words_of
from tocsin.formats.prose.number_lists import closing
from tocsin.formats.prose.phrase import Setting
from tocsin.formats.prose.product_codes import (
    SERIES,
    is_known_code,
    looks_like_code,
    read_announced_codes,
)
from tocsin.formats.prose.tokens import CODE, WORD, Token, Tokens, read_tokens
from tocsin.formats.prose.told import read_quantity
from tocsin.identify.family import known_families
from tocsin.identify.manufacturer import find_manufacturer
from tocsin.identify.product_text import read_product_text

_LINE = re.compile(r"[^\S\n]*(firm|product|date)[^\S\n]*:[^\S\n]*(.*)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\(?\s*(see record|see below|unknown|not stated|n/?a|various|\?)\s*\)?|", re.IGNORECASE
)
_USAGE = re.compile(
    r"\s{3,}|\b(?:Product\s+)?(?:Usage|Intended\s+use|Indications?|Contents)\b\s*[;:-]"
    r"|\s-{2,}|\bRx\s+Only\b|\bDevice\s+Listing\b|\n",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(r"\s+/\s+|\s*;\s*|\s+and\s+|\s*&\s+|,\s+", re.IGNORECASE)
_SIZE = re.compile(
    r"u-?\d{2,3}|[\d.]+(?:mm|cm|m|ml|l|in|fr|ga|g|mg|kg|u|iu|hz|v|w|x)", re.IGNORECASE
)
_SHORT_LINE = 16
_PLAIN_ALTERNATIVES = re.compile(r"\s+/\s+|\s+and\s+|\s*&\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """What the lines `Firm:`, `Product:` and `Date:` say, or whoever gives them instead.

    Attributes:
        firm: the manufacturer as spelt.
        product: the product as written.
        issued_on: the day, as ISO text.
        names: the product's names, one or several; without its model numbers.
        codes: its model numbers, if the line names it by them alone.
        mentioned: all model numbers in the line.
        told: what else the line says in brackets.
        facts: facts that the line tells (iOS), by name.
        body: where the rest of the text begins.
        alternatives: the products that it names one beside the other, if several.
        is_title: whether the product only is the document's title, so that it is in doubt.
    """

    firm: str | None = None
    product: str | None = None
    issued_on: str | None = None
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    body: int = 0
    is_title: bool = False
    alternatives: tuple[str, ...] = ()

    @property
    def maker_id(self) -> str | None:
        """Return the id of the firm, if its spelling is known."""
        maker = find_manufacturer(self.firm)
        return maker.id if maker else None

    def setting(self, text: str, day_order: str | None) -> Setting:
        """Return what a reader of the body knows from the head."""
        return Setting(
            text=text,
            day_order=day_order,
            maker=self.firm,
            maker_id=self.maker_id,
            own_codes=frozenset(code.upper() for code in self.mentioned),
            own_words=words_of(self.product or ""),
            by_lot=_is_known_by_lot(self),
        )


def read_head(text: str) -> tuple[dict[str, str], int]:
    """Return the head lines of a text by their lower case names, and where its body begins."""
    said: dict[str, str] = {}
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        found = _LINE.fullmatch(line.rstrip("\r"))
        if found is None and (line.strip() or not said):
            if line.strip():
                break
        elif found:
            name = found[1].lower()
            if name in said:
                break
            said[name] = found[2].strip()
        at = end + 1
    return said, min(at, len(text))


def make_head(firm: str | None, product: str | None, day: str | None, body: int = 0) -> Head:
    """Return a head from its three parts; placeholders such as "(see record)" are nothing."""
    firm, product = _kept(firm), _kept(product)
    maker = find_manufacturer(firm)
    setting = Setting(product or "", maker=firm, maker_id=maker.id if maker else None)
    read = _read_product(product or "", setting)
    return Head(
        firm,
        product,
        _iso(day),
        read.names,
        read.codes,
        read.mentioned,
        read.told,
        read.facts,
        body,
        alternatives=read.alternatives,
    )


def _kept(text: str | None) -> str | None:
    text = (text or "").strip()
    return None if _PLACEHOLDER.fullmatch(text) else text


def _iso(text: str | None) -> str | None:
    tokens = read_tokens(text or "")
    day = read_day(tokens, 0, None)
    iso = day.iso if day and day.after == len(tokens) else None
    return iso if iso and len(iso) == 10 else None


def _read_product(text: str, setting: Setting) -> "_Product":
    cut = _USAGE.search(text, 3)
    tokens = read_tokens(text, 0, cut.start() if cut else len(text))
    kept, told, facts = _without_brackets(tokens, text, setting)
    announced, first = _announced_codes(read_tokens(text), setting)
    if announced:
        before = [token for token in kept if token.start < first]
        mixed = _goes_on_with_another(kept, first, announced)
        name = _text(text, before)
        names = (name, _text(text, kept)) if mixed else (name,)
        return _Product(
            tuple(n for n in names if n), () if mixed else announced, announced, told, facts
        )
    return _by_plain_codes(text, kept, told, facts, setting)


@dataclass(frozen=True, slots=True)
class _Product:
    names: tuple[str, ...]
    codes: tuple[str, ...]
    mentioned: tuple[str, ...]
    told: tuple[str, ...]
    facts: dict[str, str]
    alternatives: tuple[str, ...] = ()


def _announced_codes(tokens: Tokens, setting: Setting) -> tuple[tuple[str, ...], int]:
    """Return all model numbers that the line announces as such, and where the first stands."""
    codes: list[str] = []
    first = 0
    at = 0
    while at < len(tokens):
        announced = find_announcement(tokens, at)
        found = None
        if announced and "model" in announced.kinds:
            found = read_announced_codes(tokens, announced.after, setting)
        if found is None:
            at = announced.after if announced else at + 1
            continue
        first = first if codes else tokens[at].start
        codes += found.value
        at = found.after
    return tuple(dict.fromkeys(codes)), first


def _goes_on_with_another(kept: Tokens, first: int, announced: tuple[str, ...]) -> bool:
    """Whether `and`, `or` or a slash leads to a further product without a number."""
    after = [place for place, token in enumerate(kept) if token.start >= first]
    return any(
        kept[place].low in {"and", "or", "&", "/"}
        and place + 1 < len(kept)
        and kept[place + 1].kind == WORD
        and _tells(kept[place + 1].low)
        and not announcements().find(kept, place + 1)
        and kept[place + 1].text not in announced
        for place in after
    )


def _by_plain_codes(
    text: str, kept: Tokens, told: tuple[str, ...], facts: dict[str, str], setting: Setting
) -> _Product:
    """Read a line whose numbers nothing announces: Medfusion 3500/4000."""
    places = [at for at in range(len(kept)) if _is_code(kept, at, setting)]
    mentioned = tuple(dict.fromkeys(kept[at].text for at in places))
    others = [
        at for at, token in enumerate(kept) if token.kind in {WORD, CODE} and at not in places
    ]
    before = kept[: places[0]] if places else ()
    later = any(_tells(kept[at].low) for at in others if places and at > places[0])
    if places and not later and not _has_unnumbered(text, before):
        name = _text(text, before)
        return _Product((name,) if name else (), mentioned, mentioned, told, facts)
    whole = _text(text, kept)
    pattern = _ALTERNATIVES if places else _PLAIN_ALTERNATIVES
    parts = [part.strip(" ,.-") for part in pattern.split(whole)]
    short = len(whole.split()) <= _SHORT_LINE and len(parts) > 1
    alternatives = tuple(dict.fromkeys(part for part in parts if part and short))
    listed = alternatives if " / " in whole or places else ()
    names = tuple(dict.fromkeys(name for name in (*listed, whole) if name))
    return _Product(names, (), mentioned, told, facts, alternatives)


def _has_unnumbered(text: str, before: Tokens) -> bool:
    """Whether another product without a number stands before the first number."""
    return len([part for part in _ALTERNATIVES.split(_text(text, before) + " ") if part]) > 1


def _without_brackets(
    tokens: Tokens, text: str, setting: Setting
) -> tuple[list[Token], tuple[str, ...], dict[str, str]]:
    """Return the tokens outside of brackets, what brackets tell, and facts told in them."""
    kept: list[Token] = []
    told: list[str] = []
    facts: dict[str, str] = {}
    at = 0
    while at < len(tokens):
        end = closing(tokens, at) if tokens[at].low == "(" else None
        if end is None:
            kept.append(tokens[at])
            at += 1
            continue
        inner = tokens[at + 1 : end]
        hit = fact_values().find(inner, 0)
        if hit and hit.after == len(inner):
            facts[hit.meaning[0]] = hit.meaning[1]
        elif any(_is_code(inner, place, setting) for place in range(len(inner))) and not (
            inner and read_quantity(inner, 0, setting)
        ):
            kept += inner
        elif (
            inner and not all(is_filler(t) for t in inner) and not read_quantity(inner, 0, setting)
        ):
            told.append(_text(text, inner))
        at = end + 1
    return kept, tuple(told), facts


def _is_code(tokens: Tokens, at: int, setting: Setting) -> bool:
    """Whether a token of a product line is a model number: not a series, a strength or a size."""
    if tokens[at].kind != CODE:
        return False
    following = tokens[at + 1].low if at + 1 < len(tokens) else ""
    if following in SERIES:
        return False
    if is_known_code(tokens, at, setting):
        return True
    if _SIZE.fullmatch(tokens[at].low) or not looks_like_code(tokens[at].text):
        return False
    return read_quantity(tokens, at, setting) is None


def _tells(word: str) -> bool:
    return word.isalnum() and not is_generic(plain_word(word)) and word not in filler_words()


def _text(text: str, tokens: Tokens) -> str:
    if not tokens:
        return ""
    whole = " ".join(text[tokens[0].start : tokens[-1].end].split())
    return whole.strip(" ,.;:-/&")


def _is_known_by_lot(head: Head) -> bool:
    """Whether families of the maker ask holders of this product for the lot alone."""
    reading = read_product_text(head.product or "", head.maker_id)
    families = {member.partition(":")[0] for member in reading.members}
    asked = {
        question.about for family in families for question in known_families()[family].questions
    }
    return "lot" in asked and "serial" not in asked
