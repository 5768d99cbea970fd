"""What fills in the fields of an action's letters, for one recipient."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from tocsin.outreach.letter import LetterText
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.home import find_home
from tocsin.store.models import Action, Recipient
from tocsin.store.site import read_site_settings

Values = Callable[[Recipient, Mapping[str, str]], dict[str, str]]


def letter_values(action: Action, now: datetime, tokens: Mapping[int, str] | None = None) -> Values:
    """Return what gives the values of all fields for a recipient whose private data are open.

    Args:
        action: the action.
        now: the time of the act.
        tokens: recipient -> the token of their answer link; without, they are read one by one.
    """
    shared = {"date": f"{now:%Y-%m-%d}", "action": action.title, "reference": f"{action.pk}"}

    def values(recipient: Recipient, private: Mapping[str, str]) -> dict[str, str]:
        known = read_answer_tokens([recipient]) if tokens is None else tokens
        answer = answer_values(known.get(recipient.pk, ""))
        return shared | {"name": private.get("name", "")} | answer

    return values


def answer_values(token: str) -> dict[str, str]:
    """Return how a letter is answered: the link, the page, and the code to type; empty without."""
    if not token:
        return {}
    site = public_address()
    code = "-".join(token[at : at + 5] for at in range(0, len(token), 5))
    return {
        "answer_link": f"{site}/a/{token}",
        "answer_site": f"{site}/en/answer",
        "answer_code": code,
    }


def public_address() -> str:
    """Return the address under which people reach the public pages."""
    known = os.environ.get("TOCSIN_PUBLIC_URL", "").rstrip("/")
    return known or f"https://{read_site_settings(find_home().folder).site.host}"


def sample_values(letter: LetterText, now: datetime) -> dict[str, str]:
    """Return invented values for every field that a letter names: about nobody."""
    return {name: f"[{name}]" for name in letter.fields()} | {"date": f"{now:%Y-%m-%d}"}
