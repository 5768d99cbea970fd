"""How many questions an address or a token, and all together, may ask in a minute.

Counts stand in one small file that all workers of the machine map into memory: nothing goes
through the database, and no address is written down, only a keyed hash of it as a place in the
file. Two addresses can share a place; the limit is generous enough for that. Several machines
count on their own. (Django's cache was rejected: in a database it makes every question a write.)
"""

import fcntl
import hashlib
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from threading import Lock

_SLOT = struct.Struct("<II")  # minute, count
_N_SLOTS = 65536
_IN_ALL = 0


@dataclass
class RateLimit:
    """Counters of the minute.

    Attributes:
        path: the file; made if it is not there.
        key: a secret, so that the file tells nobody which addresses were here.
        per_address: the most posts of one address, or of whatever else is counted, in a minute.
        in_all: the most posts of all in a minute.
    """

    path: Path
    key: bytes
    per_address: int
    in_all: int
    _memory: mmap.mmap = field(init=False, repr=False)
    _lock: Lock = field(init=False, repr=False, default_factory=Lock)
    _file: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Map the file."""
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        size = _SLOT.size * _N_SLOTS
        os.ftruncate(self._file, size)
        self._memory = mmap.mmap(self._file, size)

    def allows(self, address: str, minute: int) -> bool:
        """Count one post of an address (or token); return whether it is within both limits.

        A post over its own limit does not count for all: one address cannot shut out the others.
        """
        with self._locked():
            if self._count(self._place_of(address), minute) > self.per_address:
                return False
            return self._count(_IN_ALL, minute) <= self.in_all

    def _count(self, place: int, minute: int) -> int:
        offset = place * _SLOT.size
        of_minute, count = _SLOT.unpack_from(self._memory, offset)
        count = min(count + 1, 0xFFFFFFFF) if of_minute == minute else 1
        _SLOT.pack_into(self._memory, offset, minute, count)
        return count

    def _place_of(self, address: str) -> int:
        digest = hashlib.blake2b(_household(address).encode(), key=self.key, digest_size=8)
        return 1 + int.from_bytes(digest.digest(), "big") % (_N_SLOTS - 1)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one thread of one worker count at a time."""
        with self._lock:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def counted_address(forwarded: str, remote: str, *, behind_proxy: bool) -> str:
    """Return the address of a visitor, for counting.

    Args:
        forwarded: the header X-Forwarded-For, which only a proxy of ours is believed.
        remote: the address at the other end of the connection.
        behind_proxy: whether that is a proxy of ours.
    """
    return forwarded.rpartition(",")[2].strip() if behind_proxy and forwarded else remote


def _household(address: str) -> str:
    """Return an address, or the network of 64 bits that one subscriber has of version 6.

    What is no address counts as it is: a token by its number.
    """
    try:
        read = ip_address(address)
    except ValueError:
        return address[:100]
    return str(ip_network(f"{read}/64", strict=False)) if read.version == 6 else str(read)
