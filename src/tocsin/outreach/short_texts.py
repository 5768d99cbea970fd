"""What a text message says: the letter's own short text, or only that there is a letter.

Pure rules over `data/short_texts.yaml`. Source of the lengths: 3GPP TS 23.038, 6.2.1 (alphabet)
and 23.040, 9.2.3.24.1 (parts of a longer message).
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tocsin.base.errors import TocsinError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.recipients import base_language

MOST_PARTS = 2
LONGEST_LINK = 64
"""Characters of a link as long as we expect one, to judge a text before there is any."""
ShortKind = Literal["letter", "reminder", "possible_copy"]
_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€\f")


class ShortTextUnfit(TocsinError):
    """A text message would be longer than two parts, or has no link to the letter."""

    code = "short_text_unfit"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    most_sender: int
    texts: Mapping[ShortKind, Mapping[str, str]]


@cache
def _table() -> _Table:
    return load_data_file(data_folder("tocsin.outreach") / "short_texts.yaml", _Table)


def longest_sender() -> int:
    """Return how many characters a sender's name may have in a text message."""
    return _table().most_sender


def longest_beside() -> int:
    """Return how many characters sender and link take beside a letter's own short text."""
    return _table().most_sender + len(":  ") + LONGEST_LINK


def count_parts(text: str) -> int:
    """Return how many parts a text message is sent in.

    >>> count_parts("a" * 160), count_parts("a" * 161), count_parts("ж" * 70), count_parts("ж" * 71)
    (1, 2, 1, 2)
    """
    if all(char in _PLAIN or char in _DOUBLE for char in text):
        length, alone, part = sum(1 + (char in _DOUBLE) for char in text), 160, 153
    else:
        length, alone, part = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else -(-length // part)


def short_text(kind: ShortKind, language: str, sender: str, link: str, own: str = "") -> str:
    """Return the text of a message about a letter.

    Args:
        kind: the letter itself, a reminder, or what may be a copy.
        language: of the letter; English where there is no wording in it.
        sender: who writes.
        link: of the letter's page.
        own: the letter's own short text, filled in; it stands for the first message only.

    Raises:
        ShortTextUnfit: without a link, or if it would take more than two parts.

    >>> short_text("letter", "de-AT", "Acme", "https://a.example/a/X")
    'Acme: Sie haben einen wichtigen Brief. Bitte lesen und antworten: https://a.example/a/X'
    """
    texts = _table().texts[kind]
    wording = texts.get(base_language(language), texts["en"])
    told = f"{sender}: {own} {link}" if own and kind == "letter" else wording.format(
        sender=sender, link=link
    )  # fmt: skip
    if not link or count_parts(told) > MOST_PARTS:
        raise ShortTextUnfit(
            f"A text message in {language} "
            f"{f'would take {count_parts(told)} parts' if link else 'has no link to its letter'}; "
            f"it may take {MOST_PARTS} and must have one. Nothing was queued. Shorten the "
            "letter's short text or the sender's name, or take another channel."
        )
    return told
