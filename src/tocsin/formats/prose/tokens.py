"""A text in tokens, each with its place: words, codes, signs, device identifiers, line ends."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

WORD, CODE, SIGN, LINE, GAP, UDI = "word", "code", "sign", "line", "gap", "udi"

_PIECES = re.compile(
    r"""(?P<gap>\n[^\S\n]*(?:\n[^\S\n]*)+)
    |(?P<line>\n)
    |(?P<space>[^\S\n]+)
    |(?P<mark>[™®©°º¿\u00ad\u200b\ufeff]|\((?:s|n|es|en|r|tm)\)|\#
        |(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+|CVE-\d+-\d+)
    |(?P<udi>\(01\)[ ]?\d[^\s,;]*)
    |(?P<abbreviation>\b(?:[^\W\d_]\.){2,})
    |(?P<sign2><=|>=|=<|=>|==)
    |(?P<chunk>(?:(?<![^\s(,;/])-(?=\d))?(?:[^\W_])(?:[^\W_]|_(?=[^\W_])
        |-(?=[^\W_])
        |(?<=\d)\.(?=\d|[xX*](?![^\W\d_])|[^\W\d_](?![^\W\d_]{2}))
        |(?<=[vV])\.(?=\d)|(?<=\b[A-Za-z])\.(?=\d)
        |(?<=\.x)\.(?=[xX*\d])
        |(?<=\.)\*
        |(?<=\b[A-Za-z]):(?=[a-z]{3})
        |['’](?=s\b))*)
    |(?P<sign>\S)""",
    re.VERBOSE | re.IGNORECASE,
)
_DASHES = "\u2013\u2014\u2212\u2010\u2011"
_BULLETS = "\u2022\u00b7\u25aa"
_SIGNS = dict.fromkeys(_DASHES, "-") | dict.fromkeys(_BULLETS, "*") | {"\u2019": "'"}
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text.

    Attributes:
        kind: word (letters), code (with a digit), sign, line or gap (an empty line), udi.
        text: as written.
        start: where it begins in the whole text.
        end: where it ends.
        spaced: whether space stands before it.
        low: as it is compared: lower case, plain dashes and apostrophes.
    """

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False
    low: str = field(default="")

    @property
    def is_value(self) -> bool:
        """Whether it can be a number, a version or an identifier."""
        return self.kind in {CODE, UDI}


Tokens = Sequence[Token]


def read_tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the tokens of a part of a text.

    >>> [token.text for token in read_tokens("Lot(s): A-1, t:connect v2.4A or lower.")]
    ['Lot', ':', 'A-1', ',', 't:connect', 'v2.4A', 'or', 'lower', '.']
    """
    return list(_tokens(text, start, len(text) if end is None else end))


def _tokens(text: str, start: int, end: int) -> Iterator[Token]:
    spaced = False
    for found in _PIECES.finditer(text, start, end):
        kind = found.lastgroup or ""
        if kind in {"space", "mark"}:
            spaced = spaced or kind == "space"
            continue
        piece = found.group()
        yield Token(
            _kind_of(kind, piece), piece, found.start(), found.end(), spaced, _compared(piece)
        )
        spaced = kind in {"line", "gap"}


def _kind_of(kind: str, piece: str) -> str:
    if kind in {LINE, GAP, UDI}:
        return kind
    if kind == "chunk":
        return CODE if _DIGIT.search(piece) else WORD
    return WORD if kind == "abbreviation" else SIGN


def _compared(piece: str) -> str:
    low = piece.lower()
    if low in _SIGNS:
        return _SIGNS[low]
    return low.replace("’", "'").rstrip(".") if len(low) > 1 else low


def text_of(text: str, tokens: Tokens) -> str:
    """Return the text from the first to the last of some tokens, in one line."""
    return " ".join(text[tokens[0].start : tokens[-1].end].split()) if tokens else ""
