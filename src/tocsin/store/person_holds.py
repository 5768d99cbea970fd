"""What keeps a person from being erased: legal hold, and actions that are still open.

Whatever knows of another reason adds a rule to `RULES`; each returns a few words or nothing.
"""

from collections.abc import Callable, Sequence

from tocsin.store.models import Person

Rule = Callable[[Person], str | None]


def _legal_hold(person: Person) -> str | None:
    return "legal hold" if person.legal_hold else None


def _represents_somebody(person: Person) -> str | None:
    """Tell of somebody who would have no addressee any more."""
    if Person.objects.filter(represented_by=person, erased_at=None).exists():
        return "they are written to for somebody else"
    return None


RULES: list[Rule] = [_legal_hold, _represents_somebody]


def why_held(person: Person, rules: Sequence[Rule] | None = None) -> tuple[str, ...]:
    """Return why a person may not be erased now, a few words each; nothing if they may."""
    told = [rule(person) for rule in (RULES if rules is None else rules)]
    return tuple(words for words in told if words)
