"""By which way somebody can be told, and which ways to take first.

Pure rules. A person who can be reached by nothing is never dropped: they get no dispatch, and a
task to repair the contact.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from tocsin.outreach.telephone import international_number

INTERNATIONAL_PHONE = "international phone"
"""A number that says its country: only to such a one can a text message go."""


class Channel(StrEnum):
    """A way by which a letter reaches somebody."""

    EMAIL = "e-mail"
    LETTER = "letter"
    TELEPHONE = "telephone"
    CLINIC = "clinic"
    SMS = "sms"


NEEDED: Mapping[Channel, str] = {
    Channel.EMAIL: "email",
    Channel.LETTER: "address_lines",
    Channel.TELEPHONE: "phone",
    Channel.SMS: INTERNATIONAL_PHONE,
}
"""What must be known of a person for a channel; the clinic needs one that looks after them."""


def known_contacts(private: Mapping[str, str]) -> set[str]:
    """Return the names of the contact data that somebody's private data have.

    >>> sorted(known_contacts({"email": "", "phone": "+44 1632 960001"}))
    ['international phone', 'phone']
    """
    known = {name for name, text in private.items() if text}
    if international_number(private.get("phone", "")):
        known.add(INTERNATIONAL_PHONE)
    return known


def usable_channels(
    known: Collection[str], *, has_clinic: bool, offered: Collection[Channel]
) -> tuple[Channel, ...]:
    """Return the channels by which a person can be reached, in the order of `Channel`.

    Args:
        known: the names of the contact data that are known, such as ``email``.
        has_clinic: whether a clinic looks after the person.
        offered: the channels that the installation has.

    >>> usable_channels({"phone"}, has_clinic=True, offered=list(Channel)[:4])
    (<Channel.TELEPHONE: 'telephone'>, <Channel.CLINIC: 'clinic'>)
    """
    return tuple(
        channel
        for channel in Channel
        if channel in offered
        and (has_clinic if channel is Channel.CLINIC else NEEDED[channel] in known)
    )
