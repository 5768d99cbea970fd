"""``postgresql://user@host/database#table`` and ``sqlite:///file.db#table``: where a table is.

An address may hold a password. It is kept out of everything that is shown: `DatabaseTable` prints
itself without user, password and options, and faults in an address are told without quoting it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tocsin.base.errors import UsageError

_BEGINS = re.compile(r"(?:postgres(?:ql)?|sqlite):", re.IGNORECASE)
_FORMS = "Write postgresql://user@host/database#table or sqlite:///file.db#table"
_UNSAFE = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class DatabaseTable:
    """A table or view in somebody's database.

    Attributes:
        kind: ``postgresql`` or ``sqlite``.
        address: what the driver connects to; may hold a password.
        shown: the same without user, password and options.
        schema: where the table is, if the address says so.
        table: its name.
    """

    kind: str
    address: str = field(repr=False)
    shown: str
    schema: str | None
    table: str

    def __str__(self) -> str:
        return self.shown

    @property
    def name(self) -> str:
        """Return what the table is called in a summary."""
        return self.shown

    @property
    def beside(self) -> Path:
        """Return the path beside which files about the table are written: the current folder."""
        return Path(f"{_UNSAFE.sub('_', self.table)}.table")


def is_database_address(text: str) -> bool:
    """Return whether a text is an address of a database rather than a path.

    >>> is_database_address("sqlite:///devices.db#devices"), is_database_address("devices.csv")
    (True, False)
    """
    return _BEGINS.match(text) is not None


def parse_database_address(text: str) -> DatabaseTable:
    """Return the table that an address leads to.

    Raises:
        UsageError: if the address has no table, or cannot be read.

    >>> print(parse_database_address("postgresql://me:secret@localhost/clinic#public.devices"))
    postgresql://localhost/clinic#public.devices
    """
    address, mark, fragment = text.partition("#")
    if not mark or not fragment:
        raise UsageError(
            "The address of the registry's database does not say which table. "
            f"{_FORMS}; for a table in a schema, #schema.table."
        )
    if re.search(r"[@/?#]", fragment):
        raise UsageError(
            f"The address of the registry's database cannot be read after its first #. {_FORMS}; "
            "write # / @ and ? in a password as %23 %2F %40 and %3F, or leave the password to "
            "PGPASSWORD or a password file."
        )
    name = unquote(fragment)
    if text.lower().startswith("sqlite:"):
        return _sqlite(address, name)
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = None, ""
    if parts is None or not address.lower().startswith(("postgresql://", "postgres://")):
        raise UsageError(
            f"The address of the registry's database cannot be read. {_FORMS}; write # / @ and ? "
            "in a password as %23 %2F %40 and %3F."
        )
    schema, _, table = name.rpartition(".")
    shown = f"postgresql://{parts.hostname or ''}{port}{parts.path}#{name}"
    return DatabaseTable("postgresql", address, shown, schema or None, table)


def _sqlite(address: str, name: str) -> DatabaseTable:
    found = re.fullmatch(r"sqlite:///(?P<path>[^?]+)", address, re.IGNORECASE)
    if found is None:
        raise UsageError(
            f"The address {address!r} is not that of a SQLite file. Write sqlite:///file.db#table, "
            "and four slashes before a path from the root: sqlite:////srv/file.db#table."
        )
    path = unquote(found["path"])
    return DatabaseTable("sqlite", path, f"sqlite:///{path}#{name}", None, name)
