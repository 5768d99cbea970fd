"""The languages of the public pages and of what callers ask: one catalogue per language, as data.

gettext was rejected: a catalogue of it must be compiled before it is read, falls back to English
text by text without saying so, and cannot tell who prepared it.
"""

from functools import cache, cached_property
from string import Formatter
from typing import Literal

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from pydantic import BaseModel, ConfigDict

from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.notice.translation import ENGLISH, Words

LANGUAGES = ("en", "fr", "nl", "sv", "de", "es")
"""The languages in the order in which a page offers them."""


class Catalogue(BaseModel):
    """What the pages say in one language.

    ``prepared_by`` tells whether a person or a machine wrote it; a page says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    name: str
    direction: Literal["ltr", "rtl"]
    prepared_by: Literal["person", "machine"]
    texts: dict[str, str]

    def say(self, key: str, **values: object) -> SafeString:
        """Return a text as HTML, its values put in and escaped.

        Raises:
            KeyError: if there is no such text: a bug of ours, never an empty place on a page.
        """
        text = self._escaped[key]
        return format_html(text, **values) if values else text

    def tell(self, key: str, **values: object) -> str:
        """Return a text as plain words, its values put in: for what is no page.

        Raises:
            KeyError: as `say`.
        """
        text = self.texts[key]
        return text.format(**values) if values else text

    @cached_property
    def _escaped(self) -> dict[str, SafeString]:
        return {key: SafeString(conditional_escape(text)) for key, text in self.texts.items()}

    def mark(self, words: Words) -> SafeString | str:
        """Return a text of a notice as HTML, marked with its language where that is another."""
        if words.language == self.language:
            return words.text
        return format_html('<span lang="{}">{}</span>', words.language, words.text)

    def has(self, key: str) -> bool:
        """Whether there is a text of that name."""
        return key in self.texts

    def places_of(self, key: str) -> set[str]:
        """Return the names of the values that a text has places for."""
        return {name for _, name, _, _ in Formatter().parse(self.texts[key]) if name}


@cache
def catalogue_of(language: str) -> Catalogue:
    """Return the catalogue of one of `LANGUAGES`."""
    folder = data_folder("tocsin.services") / "languages"
    return load_data_file(folder / f"{language}.yaml", Catalogue)


def preferred_language(accepted: str) -> str:
    """Return the first of our languages that an Accept-Language header wants, else English.

    >>> preferred_language("da, nl-BE;q=0.8, fr;q=0.9")
    'fr'
    """
    wanted = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        wanted.append((-quality, place, tag.strip().partition("-")[0].lower()))
    return next((tag for _, _, tag in sorted(wanted) if tag in LANGUAGES), ENGLISH)
