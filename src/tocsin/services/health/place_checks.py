"""The installation's folder: who may read it, its keys, its files outside the database, room."""

import os
import shutil
import stat
from collections.abc import Iterator

from tocsin.services.health.finding import Finding, Urgency
from tocsin.store.audit.anchor import AnchorsUnreadable
from tocsin.store.audit.anchor_file import AnchorFile
from tocsin.store.home import Home

_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY_CHARACTERS = 64
_LEAST_FREE_BYTES = 1 << 30


def check_place(home: Home) -> Iterator[Finding]:
    """Yield what is wrong with the folder, its keys and the files beside the database."""
    if not home.folder.is_dir():
        yield Finding(
            "home_missing",
            Urgency.NOW,
            f"There is no folder {home.folder}.",
            "Name it with TOCSIN_HOME, restore a backup, or make one with `tocsin store init`.",
        )
        return
    if home.folder.stat().st_mode & _FOR_OTHERS:
        yield Finding(
            "home_open_to_others",
            Urgency.NOW,
            f"Other accounts of this machine may look into {home.folder}.",
            f"Run: chmod 700 {home.folder}",
        )
    yield from _check_keys(home)
    yield from _check_anchors(home)
    free = shutil.disk_usage(home.folder).free
    if free < _LEAST_FREE_BYTES:
        yield Finding(
            "disk_nearly_full",
            Urgency.NOW,
            f"The disk of {home.folder} has {free // 1_000_000} MB left.",
            "Free at least 1 GB: imports, the audit trail and backups need it.",
        )


def _check_keys(home: Home) -> Iterator[Finding]:
    restore = "Restore it with the keys of a backup (`tocsin restore ... --keys`)."
    for key in home.keys:
        if not key.is_file():
            yield Finding("key_missing", Urgency.NOW, f"The key {key} is missing.", restore)
            continue
        if key.stat().st_mode & _FOR_OTHERS:
            yield Finding(
                "key_open_to_others",
                Urgency.NOW,
                f"Other accounts may read the key {key}.",
                f"Run: chmod 600 {key}, and think about who may have read it.",
            )
        try:
            is_whole = len(bytes.fromhex(key.read_text("ascii").strip())) * 2 == _KEY_CHARACTERS
        except (OSError, ValueError):
            is_whole = False
        if not is_whole:
            yield Finding("key_damaged", Urgency.NOW, f"The key {key} is none.", restore)


def _check_anchors(home: Home) -> Iterator[Finding]:
    folder = home.anchors.parent
    if not os.access(home.anchors if home.anchors.exists() else folder, os.W_OK):
        yield Finding(
            "anchors_read_only",
            Urgency.NOW,
            f"Anchors cannot be written to {home.anchors}.",
            "Let the account that runs Tocsin write there.",
        )
    try:
        AnchorFile(home.anchors).read()
    except AnchorsUnreadable as error:
        yield Finding(
            "anchors_damaged",
            Urgency.NOW,
            error.sentence.split(". ")[0] + ".",
            "Compare the file with its copy in a second place, and find out who changed it.",
        )
