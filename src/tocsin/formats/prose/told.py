"""What stands beside a scope and limits nothing: quantities, countries, `used with`, remedies."""

import re

from tocsin.formats.prose.lexicon import announcements, country_names, phrase_table
from tocsin.formats.prose.phrase import COUNTRY, TOLD, Phrase, Setting
from tocsin.formats.prose.tokens import CODE, LINE, Tokens, text_of
from tocsin.formats.prose.version_phrases import read_software

_DIGITS = re.compile(r"\d{1,3}(?:[.]\d{3})*|\d+")
_PACK = re.compile(r"\d+-?(?:packs?|count|ct|pk|er|x)", re.IGNORECASE)
_PHONE = re.compile(r"(?:1-)?\d{3}-\d{3}-\d{4}|1-8\d\d-[\d-]+")
_REFERRING = frozenset(
    {
        ":",
        ".",
        "-",
        "ref",
        "reference",
        "number",
        "no",
        "nr",
        "id",
        "identifier",
        "code",
        "version",
        "rev",
        "revision",
        "of",
        "(",
        ")",
        "the",
        "this",
        "date",
    }
)
_EDITION = frozenset({"version", "rev", "revision", "edition", "issue", "v", "ausgabe"})
_PLACES = frozenset(
    {"in", "to", "within", "into", "from", "on", "für", "en", "au", "aux", "i", "the"}
)


def read_quantity(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return a quantity: a number and the unit that it counts; packs and phone numbers, too."""
    place = at
    if hit := phrase_table("about").find(tokens, at):
        place = hit.after
    if place >= len(tokens) or tokens[place].kind != CODE:
        return None
    if tokens[place].text.upper() in setting.own_codes:
        return None
    if (
        place
        and tokens[place].low in setting.own_words
        and tokens[place - 1].low in setting.own_words
    ):
        return None
    if _PACK.fullmatch(tokens[place].low) or _PHONE.fullmatch(tokens[place].low):
        return _told(tokens, at, place + 1, "quantity", setting)
    if not _DIGITS.fullmatch(tokens[place].low):
        return None
    after, grouped = _grouped(tokens, place)
    if after < len(tokens) and tokens[after].low in {"million", "thousand"}:
        after += 1
    for place in range(after, min(after + 1 + 2 * grouped, len(tokens))):
        if hit := phrase_table("units").find(tokens, place):
            return _told(tokens, at, hit.after, "quantity", setting)
    return None


def _grouped(tokens: Tokens, at: int) -> tuple[int, bool]:
    """Return the place after a number written in groups (45,000), and whether it was."""
    after = at + 1
    while (
        after + 1 < len(tokens)
        and tokens[after].low == ","
        and not tokens[after].spaced
        and not tokens[after + 1].spaced
        and re.fullmatch(r"\d{3}", tokens[after + 1].low)
    ):
        after += 2
    return after, after > at + 1 or "." in tokens[at].low


def _told(tokens: Tokens, at: int, after: int, what: str, setting: Setting) -> Phrase:
    said = text_of(setting.text, tokens[at:after])
    return Phrase(TOLD, at, after, (what, said), f"{what}: {said}")


def read_reference(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return what numbers the document, not the device: its reference, its own version."""
    hit = phrase_table("document").find(tokens, at)
    if hit is None:
        return None
    place = hit.after
    while place < len(tokens) and (
        tokens[place].low in _REFERRING or phrase_table("document").find(tokens, place)
    ):
        place += 1
    if place == hit.after and place < len(tokens) and tokens[place].spaced:
        place = hit.after  # "FSN 2020-01": the number follows at once
    if place >= len(tokens) or tokens[place].kind != CODE:
        return None
    after = place + 1
    if after + 1 < len(tokens) and tokens[after].low in _EDITION and tokens[after + 1].kind == CODE:
        after += 2
    return _told(tokens, at, after, "reference", setting)


def read_phone(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return a telephone number behind a word such as `call` or `tel`."""
    hit = phrase_table("calling").find(tokens, at)
    if hit is None:
        return None
    place = hit.after
    while place < len(tokens) and tokens[place].low in {
        ":",
        "at",
        "on",
        ".",
        "the",
        "toll",
        "free",
        "toll-free",
        "number",
        "us",
    }:
        place += 1
    after = place
    while place < len(tokens) and (
        tokens[place].kind == CODE or tokens[place].low in {"+", "(", ")", "-", "/"}
    ):
        after = place + 1 if tokens[place].kind == CODE else after
        place += 1
    digits = sum(map(str.isdigit, "".join(t.low for t in tokens[hit.after : after])))
    return _told(tokens, at, after, "phone", setting) if digits >= 7 else None


def read_country(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return the countries named at a place, with the words that lead to them."""
    place = at
    outside = phrase_table("outside").find(tokens, place)
    sold = None
    if outside is None:
        sold = phrase_table("loosely_shipped").find(tokens, place)
        shipped = announcements().find(tokens, place)
        if sold is None and shipped and shipped.meaning == "shipped_on":
            sold = shipped
        place = sold.after if sold else place
        outside = phrase_table("outside").find(tokens, place)
    if outside:
        place = outside.after
    while place < len(tokens) and tokens[place].low in _PLACES:
        place += 1
    codes: list[str] = []
    after = place
    while hit := country_names().find(tokens, place):
        codes.append(hit.meaning)
        place = after = hit.after
        while place < len(tokens) and (tokens[place].low in {",", "and", "or", "&", "the", "/"}):
            place += 1
    if not codes:
        return None
    after = _after_only(tokens, after)
    said = text_of(setting.text, tokens[at:after])
    details = {"outside": outside is not None, "sold": sold is not None}
    return Phrase(COUNTRY, at, after, tuple(codes), f"market: {said}", details=details)


def _after_only(tokens: Tokens, at: int) -> int:
    hit = phrase_table("only").find(tokens, at)
    return hit.after if hit else at


def read_used_with(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return `used with ...` up to the end of its clause: it describes what is affected."""
    hit = phrase_table("used_with").find(tokens, at)
    if hit is None:
        return None
    after = hit.after
    while after < len(tokens) and tokens[after].low not in {";", ".", ")", ":"}:
        kind = announcements().find(tokens, after)
        if kind and kind.meaning in {"lot", "serial", "made_on", "shipped_on", "expires_on", "udi"}:
            break
        if kind and kind.meaning == "software":
            return None  # of which of the two the version is, the text does not say surely
        after += 1
    while after > hit.after and (tokens[after - 1].low == "," or tokens[after - 1].kind == LINE):
        after -= 1
    return _told(tokens, at, after, "used_with", setting)


def read_remedy(tokens: Tokens, at: int, setting: Setting) -> Phrase | None:
    """Return what tells to install a version, with that version as its detail."""
    hit = phrase_table("remedy").find(tokens, at)
    if hit is None:
        return None
    place = hit.after
    while place < len(tokens) and (
        tokens[place].low in {"the", "your", "latest"} or announcements().find(tokens, place)
    ):
        kind = announcements().find(tokens, place)
        place = kind.after if kind else place + 1
    software = read_software(tokens, place, setting)
    after = software.after if software else place
    said = text_of(setting.text, tokens[at:after])
    details = {"fixed": software.value if software else ()}
    return Phrase(TOLD, at, after, ("remedy", said), f"remedy: {said}", details=details)
