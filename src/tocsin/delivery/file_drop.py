"""A folder that a vendor empties: one file per message, named by its dispatch.

The file is written under a name that begins with a dot, brought to the disk, and then renamed: the
vendor sees it whole or not at all. A repeat has the same name and the same bytes. Renaming is the
one step after which the vendor may have it; what fails before it has certainly not left.
Source: POSIX.1-2017, rename() (atomic), fsync().
"""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from tocsin.delivery.channel import (
    AddressUnfit,
    Answer,
    ChannelUnfit,
    Envelope,
    Handed,
    explain_error,
)

_REFERENCE = re.compile(r"[0-9a-f]{32}")
_PARTIAL = ".partial"
_LEFT_AFTER_S = 3600.0


class FileDrop:
    """One folder, used for one message after the other."""

    def __init__(self, folder: Path, suffix: str = ".json") -> None:
        """Take the folder and how its files' names end; nothing is touched yet."""
        self._folder = folder
        self._suffix = suffix
        self._ready: tuple[Path, Path] | None = None
        self._is_open = False

    @property
    def local_port(self) -> int:
        """Return 0: there is no connection."""
        return 0

    def open(self) -> None:
        """Check that the folder can be written to, and remove what killed senders have left there.

        Raises:
            ChannelUnfit: if it cannot.
        """
        if self._is_open:
            return
        if not self._folder.is_dir() or not os.access(self._folder, os.W_OK | os.X_OK):
            raise ChannelUnfit(f"The folder {self._folder} is not there, or cannot be written to")
        until = time.time() - _LEFT_AFTER_S
        for left in self._folder.glob(f".*{_PARTIAL}"):
            with suppress(OSError):
                if left.stat().st_mtime < until:
                    left.unlink()
        self._is_open = True

    def offer(self, envelope: Envelope, content: bytes) -> Answer | None:
        """Write the file under its hidden name, and bring it to the disk.

        Raises:
            AddressUnfit: if the reference cannot name a file.
        """
        if not _REFERENCE.fullmatch(envelope.reference):
            raise AddressUnfit("A dispatch's reference cannot name a file.")
        hidden = self._folder / f".{envelope.reference}.{os.getpid()}{_PARTIAL}"
        self._ready = hidden, self._folder / f"{envelope.reference}{self._suffix}"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with open(os.open(hidden, flags, 0o640), "wb") as file:  # noqa: PTH123 - by its number
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.withdraw()
            self._is_open = False
            return Answer(Handed.NOT_BEGUN, 0, _why(error))
        return None

    def hand_over(self) -> Answer:
        """Give the file its name, and bring that to the disk."""
        if self._ready is None:
            return Answer(Handed.NOT_BEGUN, 0, "nothing was offered")
        hidden, seen = self._ready
        self._ready = None
        try:
            hidden.rename(seen)
        except OSError as error:
            # A folder on another machine may have done it although it says that it failed.
            self._is_open = False
            outcome = Handed.NOT_BEGUN if hidden.exists() else Handed.UNKNOWN
            return Answer(outcome, 0, _why(error))
        try:
            _sync(self._folder)
        except OSError as error:
            return Answer(Handed.UNKNOWN, 0, _why(error))
        return Answer(Handed.ACCEPTED, 0, "the file is in the vendor's folder")

    def withdraw(self) -> None:
        """Remove what was offered and not handed over."""
        if self._ready is not None:
            with suppress(OSError):
                self._ready[0].unlink(missing_ok=True)
        self._ready = None

    def close(self) -> None:
        """Leave nothing behind."""
        self.withdraw()
        self._is_open = False


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _why(error: OSError) -> str:
    """Return an error without the path, which names the dispatch."""
    return explain_error(OSError(error.errno, error.strerror))
