"""The installation's folder: the database by default, and the keys that never enter it.

A copy of the database alone can neither read persons, nor sign an anchor, nor send: what it needs
for that lies here, in files that only their owner may read.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.base.errors import TocsinError

HOME_VARIABLE = "TOCSIN_HOME"
DEFAULT_HOME = "tocsin-data"
_SECRET, _PERSONS, _ANCHOR = "secret.key", "persons.key", "anchor.key"
KEY_FILES = (_SECRET, _PERSONS, _ANCHOR)
_KEY_BYTES = 32


class HomeIncomplete(TocsinError):
    """The installation's folder is missing, or lacks a key."""

    code = "home_incomplete"


@dataclass(frozen=True)
class Home:
    """An installation's folder."""

    folder: Path

    @property
    def database(self) -> Path:
        """Return where the SQLite database lies."""
        return self.folder / "tocsin.sqlite3"

    @property
    def anchors(self) -> Path:
        """Return where anchors of the audit trail are written."""
        return self.folder / "anchors.jsonl"

    @property
    def armed(self) -> Path:
        """Return where the token lies without which no letter is sent (`store.arming`)."""
        return self.folder / "armed"

    @property
    def erased(self) -> Path:
        """Return where erasures of persons are noted, for a backup that is restored later."""
        return self.folder / "erased.jsonl"

    @property
    def keys(self) -> tuple[Path, ...]:
        """Return where the keys lie."""
        return tuple(self.folder / name for name in KEY_FILES)

    def work_folder(self, organisation_id: int, name: str) -> Path:
        """Return a folder for one organisation's files, made so that only its owner may look."""
        folder = self.folder / "work" / str(organisation_id) / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        return folder

    @property
    def session_secret(self) -> str:
        """Return what sessions and links are signed with."""
        return self._read(_SECRET).hex()

    @property
    def persons_key(self) -> bytes:
        """Return the key, 32 bytes, that wraps every person's own key."""
        return self._read(_PERSONS)

    @property
    def anchor_key(self) -> Ed25519PrivateKey:
        """Return the key that signs anchors."""
        return Ed25519PrivateKey.from_private_bytes(self._read(_ANCHOR))

    @property
    def is_complete(self) -> bool:
        """Whether all keys are there."""
        return all(key.is_file() for key in self.keys)

    def create(self) -> None:
        """Make the folder and every key that is missing; what exists is kept."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for key in self.keys:
            _write_once(key, secrets.token_bytes(_KEY_BYTES))

    def _read(self, name: str) -> bytes:
        path = self.folder / name
        try:
            key = bytes.fromhex(path.read_text("ascii").strip())
        except (OSError, ValueError) as error:
            raise HomeIncomplete(
                f"The key {path} cannot be read: {error}. Restore it from its backup; without it "
                "nothing was changed. A new installation is made by `tocsin store init`."
            ) from error
        if len(key) != _KEY_BYTES:
            raise HomeIncomplete(f"The key {path} has {len(key)} bytes instead of {_KEY_BYTES}.")
        return key


def find_home() -> Home:
    """Return the installation's folder: TOCSIN_HOME, else `tocsin-data` where we stand."""
    return Home(Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME).resolve())


def _write_once(path: Path, key: bytes) -> None:
    """Write a key that only its owner may read, unless there is one; whole or not at all."""
    if path.exists():
        return
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a renaming: a key that somebody else has made meanwhile is kept.
        with suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
