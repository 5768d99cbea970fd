"""PDF letters: their text with the cells of tables kept apart, within bounds of time and memory."""

import json
import subprocess
import sys
from typing import Any

from tocsin.base.errors import NoticeUnreadable
from tocsin.formats.prose.document import MAX_TEXT, Document
from tocsin.formats.prose.pdf_child import MAX_PAGES
from tocsin.formats.prose.text_tables import read_plain_document

MAX_SECONDS = 60.0
_MIN_CHARACTERS = 20
_COPY = "Copy the text that states the scope into a .txt file."
_REASONS = {
    "password": "is a PDF that asks for a password. Nothing was read. Save it without a "
    "password, or copy its text into a .txt file.",
    "pages": f"has more than {MAX_PAGES} pages. Nothing was read. Give the pages that state the "
    "scope.",
    "characters": f"holds more than {MAX_TEXT:,} characters. Nothing was read. Give the pages "
    "that state the scope.",
    "full": f"has a page with more on it than a letter's page can hold. Nothing was read. {_COPY}",
    "memory": f"needs too much memory to read. Nothing was read. {_COPY}",
    "time": f"takes longer than {MAX_SECONDS:.0f} seconds to read. Nothing was read. {_COPY}",
}


def read_pdf_document(raw: bytes, name: str, seconds: float = MAX_SECONDS) -> Document:
    """Return a PDF's text as a document, cells of tables parted by tabs.

    Raises:
        NoticeUnreadable: if it is encrypted, damaged, only pictures, or beyond the bounds.
    """
    answer = _ask_child(raw, seconds)
    if "pages" not in answer:
        known = _REASONS.get(str(answer.get("refused")))
        damaged = (
            f"cannot be read as PDF ({answer.get('how', 'it ended early')}). Nothing was read. "
            f"Is it complete? If it opens on a screen: {_COPY[0].lower()}{_COPY[1:]}"
        )
        raise NoticeUnreadable(f"The notice {name} {known or damaged}")
    text = "\n\n".join(answer["pages"])
    if sum(not char.isspace() for char in text) < _MIN_CHARACTERS:
        raise NoticeUnreadable(
            f"The notice {name} is a PDF without text: its {len(answer['pages'])} pages are "
            "pictures or empty. Nothing was read. Have the text recognised first, or type the "
            "scope into a .txt file."
        )
    return read_plain_document(text)


def _ask_child(raw: bytes, seconds: float) -> dict[str, Any]:
    """Return what a process of its own read, so that neither time nor memory can run away."""
    command = [sys.executable, "-m", "tocsin.formats.prose.pdf_child"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nothing of the file in the command
            command, input=raw, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return {"refused": "time"}
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return {"refused": "memory" if done.returncode < 0 else "damaged"}
    return answer if isinstance(answer, dict) else {"refused": "damaged"}
