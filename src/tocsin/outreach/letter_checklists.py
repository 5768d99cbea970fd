"""What a letter must hold, as lists that a person ticks; data say which lists a text has."""

from collections.abc import Collection, Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.notice.model import Audience
from tocsin.outreach.letter import LetterText


class Checklist(BaseModel):
    """One list of items.

    Attributes:
        source: where it comes from.
        audiences: for whose letters it is; empty: for all.
        letters: for which letters; empty: for all.
        countries: for the letters of which countries, or of none named; empty: for all.
        only_machine: whether it is only for texts that a machine has prepared.
        items: what the text must hold, by a key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    source: Source
    audiences: frozenset[Audience] = frozenset()
    letters: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    only_machine: bool = False
    items: Mapping[str, str]

    def is_for(self, text: LetterText) -> bool:
        """Return whether a text must hold what this list says."""
        return (
            (not self.audiences or text.audience in self.audiences)
            and (not self.letters or text.letter in self.letters)
            and (not self.countries or not text.country or text.country in self.countries)
            and (not self.only_machine or text.prepared_by == "machine")
        )


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lists: dict[str, Checklist]


@cache
def checklists() -> Mapping[str, Checklist]:
    """Return every checklist by its name."""
    path = data_folder("tocsin.outreach") / "letter_checklists.yaml"
    return load_data_file(path, _Table).lists


def items_for(text: LetterText) -> dict[str, str]:
    """Return the items that a person must tick for a text, by ``list.item``."""
    return {
        f"{name}.{key}": words
        for name, each in checklists().items()
        if each.is_for(text)
        for key, words in each.items.items()
    }


def open_items(text: LetterText, ticked: Collection[str]) -> list[str]:
    """Return the items of a text that nobody has ticked yet."""
    return [key for key in items_for(text) if key not in ticked]
