"""Model numbers of products, found by what may be the same number."""

from functools import cached_property

from tocsin.identify.model_number import ModelNumber, ModelRange, model_number
from tocsin.identify.text_ends import Places, beginning_with


class NumberIndex:
    """Model numbers of products: equal, alike, cut short or continued."""

    def __init__(self) -> None:
        """Begin without any."""
        self._equal: Places = {}
        self._alike: Places = {}
        self._patterns: list[int] = []

    def add(self, number: ModelNumber, place: int) -> None:
        """Add a number of the product at a place."""
        self._equal.setdefault(number.squeezed, []).append(place)
        if number.is_pattern:
            self._patterns.append(place)
        for skeleton in number.skeletons:
            self._alike.setdefault(skeleton, []).append(place)

    @cached_property
    def _ordered(self) -> list[str]:
        return sorted(self._equal)

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted(text[::-1] for text in self._equal)

    def add_equal(self, squeezed: str, found: set[int]) -> None:
        """Add the places of all numbers of just these characters."""
        found.update(self._equal.get(squeezed, ()))

    def add_related(self, number: ModelNumber, found: set[int]) -> None:
        """Add the places of all numbers that `NumberList.compare` may find alike."""
        found.update(self._patterns)
        for skeleton in number.skeletons:
            found.update(self._alike.get(skeleton, ()))
        for stem in number.stems:
            found.update(self._equal.get(stem, ()))
        for longer in beginning_with(self._ordered, number.squeezed):
            found.update(self._equal[longer])
        for longer in beginning_with(self._backwards, number.squeezed[::-1]):
            found.update(self._equal[longer[::-1]])

    def add_within(self, models: ModelRange, found: set[int]) -> None:
        """Add the places of all numbers that a model range may hold."""
        for squeezed in beginning_with(self._ordered, models.letters):
            if models.may_hold(model_number(squeezed)):
                found.update(self._equal[squeezed])
