"""What a caller says beside the letter: our own words, signed with the letters that they lead to.

Pure rules over `data/call_words.yaml`. What was released is kept with the letters as a tree
(`call_words_tree`), so that a later version of the file changes no call of an earlier release.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.recipients import base_language


class CallWords(BaseModel):
    """The words of one language; each text is what is said at one moment of a call.

    Attributes:
        prepared_by: whether a person wrote them, or a machine whose text a person must review.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prepared_by: Literal["person", "machine"]
    greet: str
    ask_for: str
    is_it: str
    for_whom: str
    good_time: str
    other_private: str
    other_when: str
    call_back: str
    voicemail: str
    voicemail_back: str
    voicemail_again: str
    first: str
    again: str
    rest: str
    questions: str
    clear: str
    later: str
    thanks: str


class CallWordsTable(BaseModel):
    """The words by language, with the number of their version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    languages: Mapping[str, CallWords]

    def in_language(self, language: str) -> tuple[str, CallWords]:
        """Return words in a letter's language, with their own; in English if there are none."""
        base = base_language(language)
        found = base if base in self.languages else "en"
        return found, self.languages[found]


class _File(CallWordsTable):
    source: Source


@cache
def shipped_call_words() -> CallWordsTable:
    """Return the words that we ship.

    >>> shipped_call_words().in_language("de-AT")[1].is_it
    'Spreche ich mit {name}?'
    """
    return load_data_file(data_folder("tocsin.outreach") / "call_words.yaml", _File)


def call_words_tree(languages: Iterable[str]) -> dict[str, Any]:
    """Return the words for letters in some languages as plain values, for a manifest.

    English is always among them: who reads another language than ours is called in it.
    """
    shipped = shipped_call_words()
    wanted = {"en", *(base_language(each) for each in languages)} & set(shipped.languages)
    return {
        "version": shipped.version,
        "languages": {name: shipped.languages[name].model_dump() for name in sorted(wanted)},
    }
