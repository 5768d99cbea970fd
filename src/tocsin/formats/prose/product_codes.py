"""Model and catalogue numbers in prose: announced, or known to a maker or a family."""

import re

from tocsin.formats.prose.lexicon import announcements, phrase_table
from tocsin.formats.prose.number_lists import closing, number_at
from tocsin.formats.prose.phrase import CODES, Phrase, Setting
from tocsin.formats.prose.tokens import CODE, LINE, Tokens, text_of
from tocsin.identify.manufacturer import maker_of_code
from tocsin.identify.product_text import read_product_text

_SUFFIX = re.compile(r"-[A-Z0-9]+", re.IGNORECASE)
_JOINTS = frozenset({",", "/", "|", ";", "*", "•"})
_OPENING = frozenset(
    {
        ":",
        "number",
        "numbers",
        "no",
        "nos",
        "nr",
        "code",
        "codes",
        "are",
        "is",
        "the",
        "following",
        "=",
        "*",
    }
)
SERIES = frozenset({"series", "family", "range", "serie", "reihe", "gamme", "familie"})
_WILDCARD = re.compile(r"[xX]{2,}|\*|\d\d[xX]$")
_PACK = re.compile(r"\d+-?(?:packs?|count|ct|pk|er|x)", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")


def read_announced_codes(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return the model numbers listed after an announcement, shorthand expanded."""
    place = at
    while place < len(tokens) and (tokens[place].low in _OPENING or tokens[place].kind == LINE):
        place += 1
    return _read_list(tokens, place, setting, known_only=False)


def read_known_codes(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return the model numbers that stand at a place without an announcement, if known."""
    if not is_known_code(tokens, at, setting):
        return None
    return _read_list(tokens, at, setting, known_only=True)


def is_known_code(tokens: Tokens, at: int, setting: Setting) -> bool:
    """Whether a token surely is a model number: the head, a maker or a family knows it."""
    if at >= len(tokens) or tokens[at].kind != CODE:
        return False
    text = tokens[at].text.upper()
    if text in setting.own_codes or maker_of_code(text) is not None:
        return True
    if setting.maker_id is None or len(text) < 3:
        return False
    reading = read_product_text(text, setting.maker_id)
    return bool(reading.members) and bool(reading.numbers)


def _read_list(tokens: Tokens, at: int, setting: Setting, *, known_only: bool) -> Phrase | None:
    codes: list[str] = []
    unread: list[str] = []
    told: list[tuple[int, int]] = []
    place, after = at, at
    while place < len(tokens):
        place = _skip_enumerator(tokens, place)
        if codes and announcements().find(tokens, place):
            break
        found = number_at(tokens, place)
        if found is None or (known_only and not _may_follow(tokens, place, codes, setting)):
            break
        if codes and phrase_table("units").find(tokens, found[1]) and not known_only:
            break
        _add(found[0], codes, unread)
        after = found[1]
        if after < len(tokens) and tokens[after].low == "(":
            end = closing(tokens, after)
            if end is not None and _has_joint(tokens, end + 1) and _tells(tokens[after + 1 : end]):
                told.append((after + 1, end))
                after = end + 1
        place = _skip_joints(tokens, after)
        if place == after:
            broken = _broken(tokens, after, codes, setting)
            if broken is None:
                break
            place = after = broken
            place = _skip_joints(tokens, after)
    if not codes:
        return None
    wide = _is_wide(tokens, after, codes)
    return Phrase(
        CODES,
        at,
        after,
        tuple(dict.fromkeys(codes)),
        f"model {text_of(setting.text, tokens[at:after])}",
        unread=text_of(setting.text, tokens[at : after + 1]) if wide else None,
        details={"unread": tuple(unread), "told": tuple(told)},
    )


def _is_wide(tokens: Tokens, after: int, codes: list[str]) -> bool:
    """Whether numbers stand for more than themselves: a series, `and higher`, MMT-17XX."""
    if any(_WILDCARD.search(code) for code in codes):
        return True
    if after < len(tokens) and tokens[after].low in SERIES:
        return True
    reach = phrase_table("to").find(tokens, after)
    if reach is not None and number_at(tokens, reach.after) is not None:
        return True
    return any(phrase_table(name).find(tokens, after) for name in ("open_from", "open_to"))


def _tells(inner: Tokens) -> bool:
    """Whether a bracket behind a number only tells: packs and words, nothing announced."""
    return not any(
        announcements().find(inner, at) or (token.kind == CODE and not _PACK.fullmatch(token.low))
        for at, token in enumerate(inner)
    ) and not any(phrase_table(name).holds(inner) for name in ("only", "except_"))


def _may_follow(tokens: Tokens, at: int, codes: list[str], setting: Setting) -> bool:
    """Whether a number goes on a list of known ones: known itself, or a suffix."""
    return is_known_code(tokens, at, setting) or bool(codes and _SUFFIX.fullmatch(tokens[at].text))


def _add(text: str, codes: list[str], unread: list[str]) -> None:
    if text.startswith("-"):
        stem = codes[-1].rpartition("-")[0] if codes else ""
        if stem:
            codes.append(stem + text)
        else:
            unread.append(text)
    else:
        codes.append(text)


def _broken(tokens: Tokens, at: int, codes: list[str], setting: Setting) -> int | None:
    """Mend a number broken by a space (MMT-51 1), if the document's head names the whole."""
    if at >= len(tokens) or tokens[at].kind != CODE or not codes:
        return None
    whole = codes[-1] + tokens[at].text
    if whole.upper() not in setting.own_codes:
        return None
    codes[-1] = whole
    return at + 1


def _skip_enumerator(tokens: Tokens, at: int) -> int:
    if (
        at + 1 < len(tokens)
        and tokens[at + 1].low == ")"
        and re.fullmatch(r"\d{1,2}", tokens[at].low)
    ):
        return at + 2
    return at


def _has_joint(tokens: Tokens, at: int) -> bool:
    return at >= len(tokens) or _skip_joints(tokens, at) != at


def _skip_joints(tokens: Tokens, at: int) -> int:
    while at < len(tokens):
        hit = phrase_table("and_").find(tokens, at) or phrase_table("or_").find(tokens, at)
        if hit:
            at = hit.after
        elif tokens[at].low in _JOINTS or tokens[at].kind == LINE:
            at += 1
        else:
            break
    return at


def looks_like_code(text: str) -> bool:
    """Whether a text may be a model number: three letters and digits, and no year."""
    return sum(map(str.isalnum, text)) >= 3 and not _YEAR.fullmatch(text)
