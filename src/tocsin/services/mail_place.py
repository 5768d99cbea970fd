"""Where mail leaves and comes back: the relay of `settings.toml`, and keyed names of dispatches."""

import hmac
from base64 import b32encode
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.delivery.smtp_relay import RelayPlace
from tocsin.outreach.sending_rules import Rate, sending_rules
from tocsin.store.home import find_home
from tocsin.store.sending_buckets import Limits
from tocsin.store.site import Mail, read_site_settings

_PREFIX = "bounces+"


@dataclass(frozen=True)
class MailPlace:
    """The relay, and the key by which notifications name dispatches."""

    mail: Mail
    persons_key: bytes
    local_name: str

    @cached_property
    def _key(self) -> bytes:
        return HKDF(SHA256(), length=32, salt=None, info=b"tocsin addresses of bounces").derive(
            self.persons_key
        )

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), "sha256")[:16]

    def bounce_token(self, reference: UUID) -> str:
        """Return the keyed hash that names a dispatch in the address of its sender."""
        return b32encode(self._keyed(f"dispatch {reference}")).decode().rstrip("=").lower()

    def sender_of(self, token: str) -> str:
        """Return the envelope's sender: notifications about the dispatch come back to it."""
        return f"{_PREFIX}{token}@{self.mail.bounce_domain or self.mail.domain}"

    def message_id(self, action_id: int, reference: UUID) -> str:
        """Return the Message-ID of a dispatch, the same at every attempt."""
        return f"<{action_id}.{reference.hex}@{self.mail.domain}>"

    def destination(self, address: str) -> str:
        """Return the blind token of an address's domain, by which the throttle knows it."""
        return self._keyed(f"domain {address.rpartition('@')[2].lower()}").hex()[:16]

    def relay(self) -> RelayPlace:
        """Return the relay as `delivery` wants it."""
        mail = self.mail
        return RelayPlace(
            mail.host,
            mail.port,
            mail.security,
            mail.user,
            mail.password,
            self.local_name,
            answer_timeout_s=sending_rules().answer_timeout_s,
            ca_file=mail.ca_file,
        )

    def limits(self) -> Limits:
        """Return what the throttle allows."""
        per_minute = self.mail.per_minute
        return Limits(
            Rate(per_minute / 60, max(1, int(per_minute / 60))) if per_minute else None,
            {
                self.destination(f"x@{domain}"): Rate(rate / 60)
                for domain, rate in self.mail.destinations.items()
            },
        )


def token_in(address: str) -> str:
    """Return the token in an address that notifications came to; empty if it has none.

    >>> token_in("Bounces+ABC@bounce.example.org")
    'abc'
    """
    local = address.partition("@")[0].lower()
    return local.removeprefix(_PREFIX) if local.startswith(_PREFIX) else ""


def find_mail_place() -> MailPlace | None:
    """Return where mail leaves from here; None if no relay is set up.

    Raises:
        SettingsUnfit: if `settings.toml` cannot be used.
    """
    home = find_home()
    site = read_site_settings(home.folder)
    if site.mail is None:
        return None
    return MailPlace(site.mail, home.persons_key, site.site.host)
