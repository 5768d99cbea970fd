"""Letters as rows: texts are kept as the very bytes that are hashed and signed."""

from collections.abc import Iterable
from hashlib import sha256

from pydantic import ValidationError

from tocsin.base.errors import TocsinError
from tocsin.outreach.letter import LetterText
from tocsin.store.models import LetterSource, LetterTick, LetterVersion


class LetterBytesChanged(TocsinError):
    """A kept text is not what its hash was made of, or this version cannot read it."""

    code = "letter_bytes_changed"


def read_text(row: LetterSource | LetterVersion) -> LetterText:
    """Return the text of a source or version.

    Raises:
        LetterBytesChanged: if the bytes are not those that were hashed, or cannot be read.
    """
    body = bytes(row.body)
    found = sha256(body).hexdigest()
    try:
        text = LetterText.model_validate_json(body)
    except ValidationError:
        text = None
    if found != row.sha256 or text is None:
        raise LetterBytesChanged(
            f"The text of {row} is not what was kept: its SHA-256 is {found[:16]}... instead of "
            f"{row.sha256[:16]}..., or it is no letter of this version. Nothing was done with it. "
            "Restore it from a backup, and run `tocsin audit verify`."
        )
    return text


def newest_sources(action_id: int) -> dict[str, LetterSource]:
    """Return the newest revision of each source of an action by its key."""
    rows = LetterSource.objects.filter(action_id=action_id).order_by("key", "revision")
    return {row.key: row for row in rows}


def newest_versions(action_id: int) -> list[LetterVersion]:
    """Return the version that counts of each letter x language x country of an action."""
    rows = LetterVersion.objects.filter(action_id=action_id).order_by("number")
    found = {(row.key, row.language, row.country): row for row in rows}
    return [found[key] for key in sorted(found)]


def locked_versions(action_id: int) -> list[LetterVersion]:
    """Return the versions that may be sent: locked, and none newer."""
    return [row for row in newest_versions(action_id) if row.locked_at is not None]


def ticked_items(row: LetterVersion) -> set[str]:
    """Return the items that somebody has ticked for the very text that a version has now."""
    ticks = LetterTick.objects.filter(version=row, sha256=row.sha256)
    return set(ticks.values_list("item", flat=True))


def version_name(row: LetterVersion) -> str:
    """Return letter, language and country of a version, as people write it."""
    return " ".join(filter(None, (row.key, row.language, row.country)))


def version_names(rows: Iterable[LetterVersion]) -> str:
    """Return the names of versions as one list in words."""
    return ", ".join(map(version_name, rows))
