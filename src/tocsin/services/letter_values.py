"""What fills in the fields of an action's letters, for one recipient; and how it is answered."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import cast

from tocsin.notice.model import Audience
from tocsin.notice.translation import ENGLISH
from tocsin.outreach.letter_fields import Value, letter_fields, notice_values
from tocsin.outreach.recipients import base_language
from tocsin.services.languages import LANGUAGES
from tocsin.services.public_address import public_address, released_addresses
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.models import Action, Recipient
from tocsin.store.notice_rows import newest_revisions, read_revision

Values = Callable[[Recipient], dict[str, Value]]
_ANSWER_WITHIN = timedelta(days=14)


def letter_values(action: Action, now: datetime, tokens: Mapping[int, str] | None = None) -> Values:
    """Return what gives the values of all fields for a recipient.

    Where an action answers several notices, the one that was added first speaks first.

    Args:
        action: the action.
        now: the time of the act.
        tokens: recipient -> the token of their answer link; without, they are read one by one.

    Raises:
        PublicAddressUnset, PublicAddressUnfit, PublicAddressesDiffer: as `released_addresses`.
    """
    sites = released_addresses(action)
    notices = [read_revision(row) for row in newest_revisions(action.pk)]
    asked = {"reply_by": f"{now + _ANSWER_WITHIN:%Y-%m-%d}"}
    kept: dict[tuple[str, str], dict[str, Value]] = {}

    def values(recipient: Recipient) -> dict[str, Value]:
        audience = recipient.letter_version.source.audience
        key = (audience, recipient.country)
        if key not in kept:
            found: dict[str, Value] = {}
            for notice in reversed(notices):
                country = recipient.country or None
                found |= notice_values(notice, cast("Audience", audience), country)
            kept[key] = {**asked, **found}
        known = read_answer_tokens([recipient]) if tokens is None else tokens
        site = sites.get(recipient.release_id) or public_address()  # of a sample: not released yet
        return {**kept[key], **_answer_values(site, known.get(recipient.pk, ""), recipient)}

    return values


def _answer_values(site: str, token: str, recipient: Recipient) -> dict[str, str]:
    """Return how a letter is answered: the link, the page, and the code to type; empty without."""
    if not token:
        return {}
    code = "-".join(token[at : at + 5] for at in range(0, len(token), 5))
    return {
        "answer_link": f"{site}/a/{token}",
        "answer_site": f"{site}/{page_language(recipient.letter_version.language)}/answer",
        "answer_code": code,
    }


def page_language(language: str) -> str:
    """Return the language of the page on which a letter in some language is answered.

    >>> page_language("fr-BE"), page_language("ar")
    ('fr', 'en')
    """
    base = base_language(language)
    return base if base in LANGUAGES else ENGLISH


def sample_values(now: datetime) -> dict[str, Value]:
    """Return invented values for every field that a letter may name: about nobody."""
    found: dict[str, Value] = {name: f"[{name}]" for name in letter_fields()}
    return {**found, "reply_by": f"{now:%Y-%m-%d}"}
