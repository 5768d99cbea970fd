"""Product names among the words that no other reader took."""

from collections.abc import Iterable, Sequence

from tocsin.formats.prose.lexicon import announcements, filler_words, known_words, phrase_table
from tocsin.formats.prose.phrase import Setting
from tocsin.formats.prose.tokens import CODE, WORD, Token, Tokens, read_tokens
from tocsin.identify.maker_words import words_of_maker
from tocsin.identify.product_name import known_words as product_words
from tocsin.identify.product_name import singular
from tocsin.identify.product_text import read_product_text

_LONGEST = 10
_MIN_STEM = 5


def plain_word(word: str) -> str:
    """Return a word as names are compared: lower case, singular, without 's."""
    return singular(word.upper().removesuffix("'S").replace("-", "")).lower()


def words_of(text: str) -> frozenset[str]:
    """Return the words of a product's name, as names are compared."""
    return frozenset(plain_word(t.low) for t in read_tokens(text) if t.kind in {WORD, CODE})


def is_filler(token: Token) -> bool:
    """Whether a token limits nothing wherever it stands: small words, signs, line ends."""
    if token.kind == WORD:
        return token.low in filler_words()
    return token.kind not in {CODE, "udi"} and token.low not in {
        "<",
        ">",
        "<=",
        ">=",
        "%",
        "+",
        "=",
    }


def runs_of(tokens: Tokens, places: Iterable[int]) -> list[Sequence[int]]:
    """Return neighbouring places of words and codes, without the small words at their ends."""
    runs: list[list[int]] = []
    for place in places:
        if tokens[place].kind not in {WORD, CODE}:
            continue
        if (
            runs
            and all(
                tokens[p].kind == WORD or tokens[p].low in {"-", "'"}
                for p in range(runs[-1][-1] + 1, place)
            )
            and place - runs[-1][-1] <= 1
        ):
            runs[-1].append(place)
        else:
            runs.append([place])
    return [kept for run in runs if (kept := _trimmed(tokens, run))]


def _trimmed(tokens: Tokens, run: list[int]) -> list[int]:
    while run and is_filler(tokens[run[0]]):
        run = run[1:]
    while run and is_filler(tokens[run[-1]]):
        run = run[:-1]
    return run


def means_head(tokens: Tokens, run: Sequence[int], setting: Setting) -> bool:
    """Whether all words of a run stand in the product's name or are generic."""
    return all(is_own_word(tokens[place], setting) for place in run)


def is_own_word(token: Token, setting: Setting) -> bool:
    """Whether a word is small, generic, the maker's, or stands in the product's name."""
    word = plain_word(token.low)
    return (
        is_filler(token)
        or is_generic(word)
        or word in setting.own_words
        or _is_plural(word, setting)
        or _is_maker(word, setting)
    )


def _is_plural(word: str, setting: Setting) -> bool:
    """Whether a word is one of the product's name with another language's plural ending."""
    return word.isalpha() and any(
        word[: -len(ending)] in setting.own_words
        for ending in ("e", "n", "en", "es", "er", "ar", "or")
        if len(word) - len(ending) >= _MIN_STEM and word.endswith(ending)
    )


def is_generic(word: str) -> bool:
    """Whether a word names no product by itself."""
    return word.upper() in product_words().generic and word.lower() not in known_words().limiting


def _is_maker(word: str, setting: Setting) -> bool:
    if setting.maker and word in words_of(setting.maker):
        return True
    return word.upper() in words_of_maker(setting.maker_id).first_words


def is_known_name(text: str, setting: Setting) -> bool:
    """Whether a text surely names members of a family of the maker."""
    if setting.maker_id is None:
        return False
    reading = read_product_text(text, setting.maker_id)
    return bool(reading.members) and reading.certain


def members_of(text: str, setting: Setting) -> frozenset[str]:
    """Return the family members that a text means, if it surely means some."""
    if setting.maker_id is None:
        return frozenset()
    reading = read_product_text(text, setting.maker_id)
    return reading.members if reading.certain else frozenset()


def describes(name: str, codes: Iterable[str], setting: Setting) -> bool:
    """Whether a name beside model numbers describes them, and is no further product."""
    named = members_of(name, setting)
    return any(not named.isdisjoint(members_of(code, setting)) for code in codes)


def is_name_like(tokens: Tokens, run: Sequence[int]) -> bool:
    """Whether a run may be a product's name: few words, each a proper name or generic."""
    if len(run) > _LONGEST:
        return False
    return all(
        tokens[place].text[:1].isupper()
        or tokens[place].kind == CODE
        or is_filler(tokens[place])
        or is_generic(plain_word(tokens[place].low))
        for place in run
    ) and not any(
        announcements().find(tokens, place) or phrase_table("vague").find(tokens, place)
        for place in run
    )
