"""Names of products, found by what may be the same name."""

from collections.abc import Iterable
from functools import cached_property

from tocsin.identify.product_name import ProductName, spelling_keys
from tocsin.identify.short_form import cut_forms
from tocsin.identify.text_ends import EndIndex, Places, beginning_with


class NameIndex:
    """Names of products: the same, near misspellings, one within the other."""

    def __init__(self) -> None:
        """Begin without any."""
        self._names: dict[ProductName, list[int]] = {}

    def add(self, name: ProductName, place: int) -> None:
        """Add a name of the product at a place."""
        self._names.setdefault(name, []).append(place)

    @cached_property
    def _by_joined(self) -> Places:
        return _grouped((name.joined, places) for name, places in self._names.items())

    @cached_property
    def _by_told(self) -> Places:
        told = ((name.told, places) for name, places in self._names.items() if name.telling)
        return _grouped(told)

    @cached_property
    def _by_word(self) -> Places:
        return _grouped(
            (word, places) for name, places in self._names.items() for word in name.words
        )

    @cached_property
    def _by_rarest(self) -> Places:
        """Return the names by their rarest word: what lies in another has it there."""
        sizes = {word: len(places) for word, places in self._by_word.items()}
        return _grouped(
            (min(name.telling, key=sizes.__getitem__), places)
            for name, places in self._names.items()
            if name.telling
        )

    @cached_property
    def _words_by_key(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._by_word:
            for key in spelling_keys(word):
                found.setdefault(key, []).append(word)
        return found

    @cached_property
    def _by_initials(self) -> Places:
        return _grouped(
            (short, places) for name, places in self._names.items() for short in name.initials
        )

    @cached_property
    def _in_other_script(self) -> list[int]:
        return [
            place
            for name, places in self._names.items()
            if name.is_in_other_script
            for place in places
        ]

    @cached_property
    def without_number(self) -> list[int]:
        """Return the places of all names without a digit."""
        names = self._names.items()
        return [place for name, places in names if not name.has_number for place in places]

    @cached_property
    def _ordered_words(self) -> list[str]:
        return sorted(self._by_word)

    @cached_property
    def _ends(self) -> list[EndIndex]:
        return [EndIndex(self._by_told), EndIndex(self._by_joined)]

    def add_spelling(self, joined: str, found: set[int]) -> None:
        """Add the places of just these letters as one name, or as two names in a row."""
        found.update(self._by_joined.get(joined, ()))
        for cut in range(1, len(joined)):
            first = self._by_joined.get(joined[:cut])
            if first is not None and (second := self._by_joined.get(joined[cut:])):
                found |= set(first) & set(second)

    def add_near(self, name: ProductName, found: set[int]) -> None:
        """Add the places of all names that are not surely different."""
        if not name.telling:
            for places in self._names.values():
                found.update(places)
            return
        if name.is_in_other_script:
            for other, places in self._names.items():
                if not other.is_in_other_script:
                    found.update(places)
        else:
            found.update(self._in_other_script)
        near = {word: self._near_words(word) for word in name.words}
        for word in min((near[word] for word in name.telling), key=self._count):
            found.update(self._by_word[word])
        for words in near.values():
            for word in words:
                found.update(self._by_rarest.get(word, ()))
        for word in (*name.numbers, *name.initials):
            found.update(self._by_word.get(word, ()))
        for word in name.words:
            found.update(self._by_initials.get(word, ()))
        for ends, text in zip(self._ends, (name.told, name.joined), strict=True):
            ends.add_related(text, found)

    def _near_words(self, word: str) -> set[str]:
        """Return the words that are spelt like this one, cut short or not."""
        words = {other for key in spelling_keys(word) for other in self._words_by_key.get(key, ())}
        words.update(short for short in cut_forms(word) if short in self._by_word)
        words.update(
            longer
            for longer in beginning_with(self._ordered_words, word)
            if word in cut_forms(longer)
        )
        return words

    def _count(self, words: set[str]) -> int:
        return sum(len(self._by_word[word]) for word in words)


def _grouped(pairs: Iterable[tuple[str, list[int]]]) -> Places:
    grouped: Places = {}
    for key, places in pairs:
        grouped.setdefault(key, []).extend(places)
    return grouped
