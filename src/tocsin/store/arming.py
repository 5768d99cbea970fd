"""Whether the sender may send: a token outside of the database says so, for this place only.

`tocsin sender arm` writes the token, the file `armed` in the installation's folder. It names
everything by which a copy can be told from what was armed: the file's own number on the disk, the
folder, the machine, and of the database its identity, its epoch and the audit row of the arming.
Whatever does not fit disarms. What cannot be told: `docs/how-to/back-up-and-restore.md`.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import connection

from tocsin.base.errors import TocsinError
from tocsin.store.audit.anchor import AnchorsUnreadable
from tocsin.store.audit.anchor_file import read_end
from tocsin.store.backup.container import sync_folder
from tocsin.store.home import Home
from tocsin.store.models import AuditRow, Installation

_MACHINE = (Path("/etc/machine-id"), Path("/sys/class/dmi/id/product_uuid"))


class InstallationUnregistered(TocsinError):
    """The database has no row that names its installation."""

    code = "installation_unregistered"


@dataclass(frozen=True)
class Binding:
    """What a token is bound to.

    Attributes:
        installation: the installation's uuid.
        database: the uuid that this database got when it was made or restored.
        epoch: how often the sender was armed or disarmed.
        folder: the installation's folder.
        machine: SHA-256 of the machine's own ids, as far as this account may read them.
        server: SQLite's file and its number on the disk; or PostgreSQL's cluster, time line,
            database and the address under which it is reached.
    """

    installation: str
    database: str
    epoch: int
    folder: str
    machine: str
    server: str


_PARTS = {
    "installation": "the database belongs to another installation",
    "database": "the database was restored since",
    "epoch": "the sender was armed or disarmed elsewhere since, or the database is an older copy",
    "folder": "the installation's folder was moved or copied",
    "machine": "this is another machine, or another account than that which armed the sender",
    "server": "the database is another one, was copied, or is reached in another way",
}


def find_installation() -> Installation:
    """Return the row that names the installation.

    Raises:
        InstallationUnregistered: if there is none.
    """
    found = Installation.objects.first()
    if found is None:
        raise InstallationUnregistered(
            "The database does not say which installation it belongs to. Nothing was changed. Run "
            "`tocsin store upgrade`, which registers it."
        )
    return found


def current_binding(home: Home) -> Binding:
    """Return what a token would be bound to here and now."""
    row = find_installation()
    return Binding(
        installation=str(row.uuid),
        database=str(row.database_uuid),
        epoch=row.epoch,
        folder=str(home.folder.resolve()),
        machine=_machine(),
        server=_server(),
    )


def write_token(home: Home, at: str) -> None:
    """Arm: bind a token to what stands here. The audit row of the arming must be committed."""
    last = AuditRow.objects.filter(event="sender_armed").order_by("-seq").first()
    row = {"seq": last.seq, "hash": bytes(last.hash).hex()} if last else None
    partial = home.folder / f".armed.{os.getpid()}.partial"
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            # A copy of the folder gets files with other numbers.
            token = asdict(current_binding(home)) | {
                "row": row,
                "at": at,
                "inode": os.fstat(file.fileno()).st_ino,
            }
            file.write(json.dumps(token, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(home.armed)
        sync_folder(home.folder)
    finally:
        partial.unlink(missing_ok=True)


def remove_token(home: Home) -> bool:
    """Disarm; return whether there was a token."""
    was = home.armed.exists()
    home.armed.unlink(missing_ok=True)
    sync_folder(home.folder)
    return was


def is_armed(home: Home) -> bool:
    """Whether the sender may send; ask before every batch."""
    return not explain_disarmed(home)


def explain_disarmed(home: Home) -> list[str]:
    """Return why the sender must not send, a clause each; none if it is armed."""
    if not home.armed.exists():
        return ["it was not armed here"]
    try:
        token = json.loads(home.armed.read_text("utf-8"))
        inode = home.armed.stat().st_ino
        here = asdict(current_binding(home))
        reasons = [told for name, told in _PARTS.items() if token.get(name) != here[name]]
        if token.get("inode") != inode:
            reasons.append("the token is a copy")
        if not _has_row(token["row"]):
            reasons.append("the database is a copy from before the arming")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ["its token cannot be read"]
    return reasons + _later_anchors(home)


def _later_anchors(home: Home) -> list[str]:
    """Return a clause if the database is older than the last anchor: it was put back."""
    try:
        end = read_end(home.anchors)
    except (AnchorsUnreadable, OSError):
        return ["the file of anchors cannot be read"]
    if end.cut_short:
        return ["the file of anchors cannot be read"]
    held = end.last is None or end.last.seq == 0 or _has_row(asdict(end.last))
    return [] if held else ["the audit trail ends before its last anchor, or is another one"]


def _has_row(row: Mapping[str, Any]) -> bool:
    found = AuditRow.objects.filter(seq=row["seq"]).first()
    return found is not None and bytes(found.hash).hex() == row["hash"]


def _machine() -> str:
    told = []
    for path in _MACHINE:
        try:
            told.append(path.read_text("ascii").strip())
        except (OSError, ValueError):
            told.append("")
    return sha256("\n".join(told).encode()).hexdigest()


def _server() -> str:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"])).resolve()
        return f"{path} {path.stat().st_ino}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, timeline_id, oid, datname FROM pg_database, "
            "pg_control_system(), pg_control_checkpoint() WHERE datname = current_database()"
        )
        told = " ".join(str(value) for value in cursor.fetchone())
    settings = connection.settings_dict
    host = (settings.get("OPTIONS") or {}).get("host") or settings.get("HOST") or ""
    return f"{told} {host} {settings.get('PORT') or ''}"
