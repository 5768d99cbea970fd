"""The translations of a notice into one language as the fields of a form, and back.

What was not touched stays with who made and reviewed it; what was typed anew belongs to whom the
form names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tocsin.notice.model import Notice
from tocsin.notice.translation import Translation, public_texts

Tree = dict[str, Any]
WHO = ("prepared_by", "translator", "reviewed_by", "reviewed_on")
"""The keys of a translation that say who answers for it."""
REVIEW = WHO[2:]
_MARK_LENGTH = 12


@dataclass(frozen=True)
class TextRow:
    """A text of the notice in a form.

    Attributes:
        field: the name of its field; it changes when the English text does.
        place: where the text stands in the notice.
        english: the text.
        translated: the same in the language; empty if it is not translated.
        told: who prepared and reviewed that; empty likewise.
    """

    field: str
    place: str
    english: str
    translated: str
    told: str


def text_field(english: str) -> str:
    """Return what a form calls the field of a text."""
    return f"text-{sha256(english.encode()).hexdigest()[:_MARK_LENGTH]}"


def rows_in(notice: Notice, language: str) -> list[TextRow]:
    """Return the texts of a notice with what they are in a language."""
    made = _by_text(notice.translations, language)
    return [
        TextRow(
            text_field(english),
            place,
            english,
            made[english].texts[english] if english in made else "",
            who_words(made[english]) if english in made else "",
        )
        for english, place in public_texts(notice).items()
    ]


def who_words(told: Translation) -> str:
    """Return who made and who reviewed a translation, in words."""
    how = "machine-prepared" if told.prepared_by == "machine" else "prepared"
    by = f" by {told.translator}" if told.translator else ""
    on = f" on {told.reviewed_on}" if told.reviewed_on else ""
    review = f"reviewed by {told.reviewed_by}{on}" if told.reviewed_by else "not reviewed"
    return f"{how}{by}, {review}"


def read_translations(
    translations: Iterable[Translation],
    language: str,
    typed: Mapping[str, str],
    who: Mapping[str, Any],
    *,
    reviews_all: bool,
) -> list[Tree]:
    """Return a notice's translations as trees, with those of one language as a form states them.

    What was made from English texts that are not in the form is taken out.

    Args:
        translations: as they are.
        language: which language the form is about.
        typed: the English text -> what stands in its field; empty if it is not translated.
        who: the keys of `WHO` for what is new or changed; empty ones may be None.
        reviews_all: whether the review that is named there covers what is unchanged, too.
    """
    all_told = tuple(translations)
    made = _by_text(all_told, language)
    blocks: dict[tuple[Any, ...], Tree] = {}
    for english, text in typed.items():
        if not text:
            continue
        before = made.get(english)
        if before is not None and before.texts[english] == text:
            by = before.model_dump(mode="json", include=set(WHO))
            if reviews_all:
                by |= {key: who.get(key) for key in REVIEW}
        else:
            by = {key: who.get(key) for key in WHO}
        named = {key: value for key, value in by.items() if value}
        block = blocks.setdefault(tuple(sorted(named.items())), {"language": language, **named})
        block.setdefault("texts", {})[english] = text
    trees = {language: list(blocks.values())}
    for told in all_told:
        if told.language != language:
            tree = told.model_dump(mode="json", exclude_defaults=True)
            trees.setdefault(told.language, []).append(tree)
    order = dict.fromkeys([*(told.language for told in all_told), language])
    return [tree for each in order for tree in trees[each]]


def _by_text(translations: Iterable[Translation], language: str) -> dict[str, Translation]:
    return {
        english: told
        for told in translations
        if told.language == language
        for english in told.texts
    }
