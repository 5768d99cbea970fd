"""The address under which people reach the public pages: where links and codes of letters lead.

It is the installation's (`store.site`). Two people sign it with the letters, and it is kept with
their release: whichever process makes letters of a release, wherever it runs, they lead there.
"""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from tocsin.base.errors import TocsinError
from tocsin.services.public_notices import DEMO_VARIABLE
from tocsin.store.home import find_home
from tocsin.store.models import Action, LetterRelease
from tocsin.store.site import ADDRESS_VARIABLE, FILE, read_public_address, read_site_settings

_NO_ADDRESS = "https://localhost"
_PLAIN = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*")
# Names that no public server has (RFC 6761, RFC 6762, RFC 8375, and what ICANN keeps for houses).
_IN_THE_HOUSE = frozenset(
    {"localhost", "local", "localdomain", "internal", "lan", "home", "corp", "arpa", "test"}
)


class PublicAddressUnset(TocsinError):
    """Nobody has said under which address people reach the public pages."""

    code = "public_address_unset"


class PublicAddressUnfit(TocsinError):
    """The address of the public pages is none that a recipient could safely open."""

    code = "public_address_unfit"


class PublicAddressesDiffer(TocsinError):
    """The installation's file and this process's environment name two public addresses."""

    code = "public_addresses_differ"


def public_address() -> str:
    """Return the address of the public pages; one that leads nowhere if none is known."""
    settings = read_site_settings(find_home().folder)
    known = read_public_address(settings)
    if not known and settings.site.host != "localhost":
        known = f"https://{settings.site.host}"
    return known or _NO_ADDRESS


def explain_unfit_address() -> TocsinError | None:
    """Return why links must not lead to this installation's address; None if they may.

    The demonstration runs on one machine only: there everything may.
    """
    if os.environ.get(DEMO_VARIABLE) == "1":
        return None
    file = f"{FILE} in the installation's folder"
    mend = f'Write address = "https://..." under [site] into {file}, where all processes read it.'
    told, known = os.environ.get(ADDRESS_VARIABLE, "").rstrip("/"), public_address()
    if known == _NO_ADDRESS and not told:
        return PublicAddressUnset(
            "Nobody has said under which address people reach the public pages, so the links and "
            f"codes of letters would lead nowhere. Nothing was changed. {mend}"
        )
    if told and told != known:
        return PublicAddressesDiffer(
            f"Letters could lead to two addresses: {file} names {known}, {ADDRESS_VARIABLE} names "
            f"{told}. Nothing was changed. Take the wrong one out, and start all processes anew."
        )
    if why := why_unfit(known):
        return PublicAddressUnfit(
            f"The links and codes of letters would lead to {known}: {why}. Nothing was changed. "
            f"{mend}"
        )
    return None


def why_unfit(address: str) -> str:
    """Return why recipients could not safely open an address, a clause; empty if they can.

    >>> why_unfit("http://safety.example.org"), why_unfit("https://safety.example.org")
    ('it does not begin with https', '')
    """
    if not address.startswith("https://"):
        return "it does not begin with https"
    if not _PLAIN.fullmatch(address):
        return "it is no plain address such as https://safety.example.org"
    host = urlsplit(address).hostname or ""
    try:
        is_public = ip_address(host).is_global
    except ValueError:
        _, dot, last = host.rstrip(".").rpartition(".")
        is_public = bool(dot) and last not in _IN_THE_HOUSE and not last.isdecimal()
    return "" if is_public else "only this machine or its own network knows it"


def released_addresses(action: Action) -> Mapping[int, str]:
    """Return the address that the letters of each release of an action lead to.

    What was released before addresses were kept leads to this installation's, if that is fit.

    Raises:
        PublicAddressUnset, PublicAddressUnfit, PublicAddressesDiffer: if it is not.
    """
    rows = LetterRelease.objects.filter(action=action, released_at__isnull=False)
    found = dict(rows.values_list("pk", "public_address"))
    if not action.is_exercise and "" in found.values() and (unfit := explain_unfit_address()):
        raise unfit
    return {release: address or public_address() for release, address in found.items()}
