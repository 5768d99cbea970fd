"""The file in which a terminal keeps what `tocsin login` gave it, one per installation and user.

It lies under the user's home and only they may read it. Its name tells neither address nor place.
"""

import json
import os
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path


def keep_token(installation: Path, email: str, token: str, until: datetime) -> Path:
    """Write a token to its file, readable by its owner only; return where."""
    path = _path(installation, email)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    forget_token(installation, email)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump({"token": token, "until": until.isoformat()}, file)
    return path


def read_token(installation: Path, email: str, now: datetime) -> str | None:
    """Return a kept token; None if there is none, it has expired, or others may read the file."""
    path = _path(installation, email)
    try:
        if path.stat().st_mode & 0o077:
            return None
        kept = json.loads(path.read_text("ascii"))
        return str(kept["token"]) if datetime.fromisoformat(kept["until"]) > now else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_token(installation: Path, email: str) -> None:
    """Delete a kept token, if there is one."""
    with suppress(FileNotFoundError):
        _path(installation, email).unlink()


def _path(installation: Path, email: str) -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    name = sha256(f"{installation}\n{email.strip().lower()}".encode()).hexdigest()[:24]
    return Path(state) / "tocsin" / f"login-{name}.json"
