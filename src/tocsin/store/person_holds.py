"""What keeps a person from being erased: legal hold, and actions that are still open.

Whatever knows of another reason adds a rule to `RULES`; each returns a few words or nothing.
"""

from collections.abc import Callable, Sequence

from tocsin.outreach.dispatch_states import Standing, states_with
from tocsin.store.models import Dispatch, Person

Rule = Callable[[Person], str | None]


def _legal_hold(person: Person) -> str | None:
    return "legal hold" if person.legal_hold else None


def _represents_somebody(person: Person) -> str | None:
    """Tell of somebody who would have no addressee any more."""
    if Person.objects.filter(represented_by=person, erased_at=None).exists():
        return "they are written to for somebody else"
    return None


def _waits_for_a_letter(person: Person) -> str | None:
    """Tell of a letter that waits, or of whose outcome nobody knows: it would be lost silently."""
    open_states = [str(state) for state in states_with(Standing.WAITING, Standing.DOUBT)]
    theirs = Dispatch.objects.filter(state__in=open_states)
    if theirs.filter(person=person).exists() or theirs.filter(addressee=person).exists():
        return "a letter to them is under way"
    return None


RULES: list[Rule] = [_legal_hold, _represents_somebody, _waits_for_a_letter]


def why_held(person: Person, rules: Sequence[Rule] | None = None) -> tuple[str, ...]:
    """Return why a person may not be erased now, a few words each; nothing if they may."""
    told = [rule(person) for rule in (RULES if rules is None else rules)]
    return tuple(words for words in told if words)
