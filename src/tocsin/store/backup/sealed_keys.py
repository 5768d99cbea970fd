"""The installation's keys in one file, sealed with a passphrase: kept apart from the backup.

scrypt (RFC 7914) makes a key of the passphrase, at the cost of 128 MiB of memory per try; AES-256
in GCM seals. What stands in clear (parameters, when, whose) is authenticated with it.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tocsin.store.audit.chain import canonical_json
from tocsin.store.backup.errors import BackupUnreadable, RestoreRefused
from tocsin.store.home import KEY_FILES, Home

SHORTEST_PASSPHRASE = 12
_FORMAT = "tocsin-keys 1"
_N, _R, _P = 1 << 17, 8, 1
_OPTIONAL = ("settings.toml",)
"""Not keys, but secrets all the same, and needed to run."""


class PassphraseRefused(RestoreRefused):
    """A passphrase is too short, or not the one that the keys were sealed with."""

    code = "passphrase_refused"


@dataclass(frozen=True)
class SealedKeys:
    """What a file of keys holds once it is opened: names and contents of files."""

    installation: str
    files: dict[str, str]


def seal_keys(home: Home, passphrase: str, installation: str, made_at: str, path: Path) -> None:
    """Write an installation's keys to a new file that only its owner may read.

    Raises:
        PassphraseRefused: if the passphrase is short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseRefused(
            f"The passphrase has {len(passphrase)} characters; take at least "
            f"{SHORTEST_PASSPHRASE}, such as four words by chance. Nothing was written."
        )
    names = [*KEY_FILES, *(name for name in _OPTIONAL if (home.folder / name).is_file())]
    plain = {name: (home.folder / name).read_text("utf-8") for name in names}
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    clear = {
        "format": _FORMAT,
        "made_at": made_at,
        "installation": installation,
        "scrypt": {"n": _N, "r": _R, "p": _P, "salt": salt.hex()},
        "nonce": nonce.hex(),
    }
    key = Scrypt(salt, 32, _N, _R, _P).derive(passphrase.encode())
    sealed = AESGCM(key).encrypt(nonce, canonical_json(plain), canonical_json(clear))
    text = json.dumps(clear | {"sealed": sealed.hex()}, indent=1) + "\n"
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def open_keys(path: Path, passphrase: str) -> SealedKeys:
    """Return what a file of keys holds.

    Raises:
        BackupUnreadable: if it is no such file.
        PassphraseRefused: if it does not open.
    """
    try:
        clear = json.loads(path.read_text("utf-8"))
        sealed = bytes.fromhex(clear.pop("sealed"))
        nonce, salt = bytes.fromhex(clear["nonce"]), bytes.fromhex(clear["scrypt"]["salt"])
        cost = tuple(clear["scrypt"][name] for name in ("n", "r", "p"))
        installation = str(clear["installation"])
        if clear["format"] != _FORMAT or cost != (_N, _R, _P):
            raise ValueError(clear["format"])  # noqa: TRY301 - the same sentence as below
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupUnreadable(
            f"{path} is no file of keys that `tocsin backup --keys-out` wrote, or it is damaged. "
            "Nothing was changed."
        ) from error
    key = Scrypt(salt, 32, *cost).derive(passphrase.encode())
    try:
        plain = AESGCM(key).decrypt(nonce, sealed, canonical_json(clear))
    except InvalidTag as error:
        raise PassphraseRefused(
            f"The keys in {path} do not open with this passphrase, or the file was changed. "
            "Nothing was changed. There is no other way to open it."
        ) from error
    files: dict[str, str] = json.loads(plain)
    return SealedKeys(installation, files)


def put_keys(home: Home, files: dict[str, str]) -> None:
    """Write keys into a new installation's folder, private."""
    for name in (*KEY_FILES, *_OPTIONAL):
        if name in files:
            path = home.folder / name
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                out.write(files[name])
                out.flush()
                os.fsync(out.fileno())
