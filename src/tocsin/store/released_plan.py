"""What two people have signed about who gets which letter: read from a release's manifest."""

import json
from typing import Any

from tocsin.outreach.conservation import Listed
from tocsin.store.models import LetterRelease


def read_released_plan(release: LetterRelease) -> dict[str, Any]:
    """Return the part of a release's manifest that tells of recipients; empty if it has none."""
    told = json.loads(bytes(release.manifest) or b"{}")
    found: dict[str, Any] = told.get("dispatch") or {}
    return found


def released_call_words(release: LetterRelease) -> dict[str, Any]:
    """Return what callers say, as it was signed; empty in a release of before there was any."""
    found: dict[str, Any] = json.loads(bytes(release.manifest) or b"{}").get("call_words") or {}
    return found


def released_letters(release: LetterRelease) -> frozenset[str]:
    """Return the SHA-256 of the text of each letter that a release names."""
    told = json.loads(bytes(release.manifest) or b"{}")
    return frozenset(str(letter[-1]) for letter in told.get("letters", []))


def released_list(release: LetterRelease) -> list[Listed]:
    """Return the persons of a release's manifest, each with their letter version."""
    recipients = read_released_plan(release).get("recipients", [])
    return [Listed(person, str(letter or "")) for person, letter in recipients]
