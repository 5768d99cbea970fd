"""`settings.toml` in the installation's folder: the name of the site, and who vouches for users.

    [site]
    host = "tocsin.example.org"

    [oidc]
    name = "Acme"
    issuer = "https://login.example.org/realms/acme"
    client_id = "tocsin"
    client_secret = "..."

Nothing of it is needed to begin with. Because of the secret, only the owner may read the file.
"""

import stat
import tomllib
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin.base.errors import TocsinError

FILE = "settings.toml"
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
    """

    host: str = Field(default="localhost", pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")


class SiteSettings(_Strict):
    """The whole file."""

    site: Site = Site()
    oidc: Oidc | None = None


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
            "compare with docs/how-to/people.md."
        ) from error
    if settings.oidc:
        _check_oidc(path, mode)
    return settings


def _check_oidc(path: Path, mode: int) -> None:
    if mode & 0o077:
        raise SettingsUnfit(
            f"{path} holds a secret, but others may read it. Nothing was changed. Run `chmod 600` "
            "on it, and give the provider a new secret if others had access."
        )
    if any(find_spec(name) is None for name in _NEEDED_FOR_OIDC):
        raise SettingsUnfit(
            f"{path} asks for a provider of identities, but what that needs is not installed. "
            "Nothing was changed. Run `pip install 'tocsin[oidc]'`, or take [oidc] out."
        )
