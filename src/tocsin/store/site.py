"""`settings.toml` in the installation's folder: the name of the site, and who vouches for users.

    [site]
    host = "tocsin.example.org"
    address = "https://safety.example.org"

    [oidc]
    name = "Acme"
    issuer = "https://login.example.org/realms/acme"
    client_id = "tocsin"
    client_secret = "..."

    [mail]
    host = "relay.example.org"
    security = "starttls"
    sender = "safety@example.org"
    sender_name = "Acme Safety"
    bounce_domain = "bounce.example.org"

Nothing of it is needed to begin with. Because of secrets, only the owner may read the file.
"""

import os
import stat
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin.base.errors import TocsinError

FILE = "settings.toml"
ADDRESS_VARIABLE = "TOCSIN_PUBLIC_URL"
"""The public address where the file names none."""
_NEEDED_FOR_OIDC = ("requests", "jwt")


class SettingsUnfit(TocsinError):
    """`settings.toml` cannot be read, says what cannot be, or is open to others."""

    code = "settings_unfit"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Oidc(_Strict):
    """An organisation's own provider of identities (OpenID Connect).

    Attributes:
        name: how the button calls it.
        issuer: its address; must be https.
        client_id: what it calls us.
        client_secret: what it knows us by.
    """

    name: str = Field(min_length=1)
    issuer: str = Field(pattern=r"^https://\S+$")
    client_id: str = Field(min_length=1)
    client_secret: str = Field(min_length=1, repr=False)


class Site(_Strict):
    """What the site is called.

    Attributes:
        host: the name under which browsers reach it; security keys are bound to it.
        address: where everybody reaches the public pages; links and codes of letters lead there.
    """

    host: str = Field(default="localhost", pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
    address: str = Field(default="", pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$")


class Mail(_Strict):
    """The relay that takes our mail, and from whom it comes.

    Attributes:
        security: ``none`` only for a relay on this machine or in its own network.
        user, password: empty for a relay that asks for neither.
        sender: the address that people see and answer to, with ``sender_name``.
        bounce_domain: where notifications go: addresses in it must reach one mailbox, which
            `tocsin dispatch bounces` reads. Empty: the sender's domain.
        per_minute: the most that may be handed to the relay; none: as fast as it takes them.
        destinations: the most a minute for single domains of recipients.
        ca_file: certificates of a relay of one's own.
    """

    host: str = Field(min_length=1)
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = Field(default="", repr=False)
    sender: str = Field(pattern=r"^[!-;=?-~]+@[A-Za-z0-9.-]+$")
    sender_name: str = Field(default="", pattern=r"^[^\x00-\x1f\x7f]*$")
    bounce_domain: str = Field(default="", pattern=r"^[A-Za-z0-9.-]*$")
    per_minute: float | None = Field(default=None, gt=0)
    destinations: dict[str, float] = Field(default_factory=dict)
    ca_file: str | None = None

    @property
    def domain(self) -> str:
        """Return the domain of the sender's address."""
        return self.sender.rpartition("@")[2]


class SiteSettings(_Strict):
    """The whole file."""

    site: Site = Site()
    oidc: Oidc | None = None
    mail: Mail | None = None

    @property
    def holds_secret(self) -> bool:
        """Whether the file may be read by its owner only."""
        return self.oidc is not None or (self.mail is not None and bool(self.mail.password))


def read_site_settings(folder: Path) -> SiteSettings:
    """Return the installation's own settings; the defaults if it has no file.

    Raises:
        SettingsUnfit: if the file is no TOML, names what is unknown, is open to others although
            it holds a secret, or asks for what is not installed.
    """
    path = folder / FILE
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            settings = SiteSettings.model_validate(tomllib.load(file))
    except FileNotFoundError:
        return SiteSettings()
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsUnfit(f"{path} cannot be read: {error}. Nothing was changed.") from error
    except ValidationError as error:  # its own text would quote the secret
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise SettingsUnfit(
            f"{path} says what Tocsin cannot use at {places}. Nothing was changed. Correct it, or "
            "compare with docs/how-to/people.md and send-letters.md."
        ) from error
    if settings.holds_secret and mode & 0o077:
        raise SettingsUnfit(
            f"{path} holds a secret, but others may read it. Nothing was changed. Run `chmod 600` "
            "on it, and give whoever knows us by it a new secret if others had access."
        )
    if settings.oidc:
        _check_oidc(path)
    return settings


def read_public_address(settings: SiteSettings) -> str:
    """Return the address of the public pages: the file's, else the environment's; or nothing."""
    return (settings.site.address or os.environ.get(ADDRESS_VARIABLE, "")).rstrip("/")


def _check_oidc(path: Path) -> None:
    if any(find_spec(name) is None for name in _NEEDED_FOR_OIDC):
        raise SettingsUnfit(
            f"{path} asks for a provider of identities, but what that needs is not installed. "
            "Nothing was changed. Run `pip install 'tocsin[oidc]'`, or take [oidc] out."
        )
