"""What fills in the fields of an action's letters, for one recipient."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tocsin.outreach.letter import LetterText
from tocsin.store.models import Action, Recipient

Values = Callable[[Recipient, Mapping[str, str]], dict[str, str]]


def letter_values(action: Action, now: datetime) -> Values:
    """Return what gives the values of all fields for a recipient whose private data are open."""
    shared = {"date": f"{now:%Y-%m-%d}", "action": action.title, "reference": f"{action.pk}"}

    def values(_recipient: Recipient, private: Mapping[str, str]) -> dict[str, str]:
        return shared | {"name": private.get("name", "")}

    return values


def sample_values(letter: LetterText, now: datetime) -> dict[str, str]:
    """Return invented values for every field that a letter names: about nobody."""
    return {name: f"[{name}]" for name in letter.fields()} | {"date": f"{now:%Y-%m-%d}"}
