"""The whole notice, kept in notes of a CSAF document that we write.

CSAF has no place for lots, days, facts and much else. So the notice stands as JSON in notes
of category ``other`` with the title below, for long ones in several parts. A reader of ours
believes them only if writing that notice again gives the very document (`csaf.py`): a
document that somebody has changed is read as any other.
Source: `docs/adr/0012-notices-in-csaf.md`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from tocsin.formats.csaf.tree import as_dict, as_list
from tocsin.notice.model import Notice

_TITLE = "Tocsin notice, part {} of {}"
_TITLED = re.compile(r"Tocsin notice, part ([0-9]{1,6}) of ([0-9]{1,6})")
MAX_NOTE = 200_000  # CSAF's guidance on size allows 250,000 characters


def own_notes(notice: Notice) -> list[dict[str, str]]:
    """Return the notes that hold a notice."""
    tree = notice.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    parts = [text[start : start + MAX_NOTE] for start in range(0, len(text), MAX_NOTE)]
    return [
        {"category": "other", "text": part, "title": _TITLE.format(place, len(parts))}
        for place, part in enumerate(parts, start=1)
    ]


def is_own_note(note: Any) -> bool:
    """Whether a note says that it holds a notice of ours."""
    title = as_dict(note).get("title")
    return isinstance(title, str) and bool(_TITLED.fullmatch(title))


def noted_notice(document: dict[str, Any]) -> Notice | None:
    """Return the notice that a document's notes hold; None if there is none to be read."""
    text = "".join(_parts(document))
    if not text:
        return None
    try:
        return Notice.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError):
        return None


def _parts(document: dict[str, Any]) -> Iterator[str]:
    for note in filter(is_own_note, as_list(document.get("notes"))):
        text = note.get("text")
        if isinstance(text, str):
            yield text
