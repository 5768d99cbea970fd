"""Letters to invented people, for tests of the page."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tocsin.outreach.letter import LetterText
from tocsin.render.letters.sheet import LetterSheet

NOTO = Path("/usr/share/fonts/truetype/noto")
TAKAO = Path("/usr/share/fonts/truetype/takao-gothic")
ADDRESS = ("Jane Example", "1 Example Street", "Testwater, ZZ 00068")


def letter_text(said: str, language: str = "en", **more: Any) -> LetterText:
    """Return a letter that says one thing."""
    tree = {"letter": "clinician", "audience": "clinician", "language": language}
    blocks = [{"kind": "paragraph", "text": said}]
    return LetterText.model_validate({**tree, "subject": "Recall", "blocks": blocks, **more})


def sheet(text: LetterText, address: Sequence[str] = ADDRESS, **more: Any) -> LetterSheet:
    """Return a letter ready for the page."""
    about: dict[str, Any] = {"reference": "ANIMAS-2011", **more}
    return LetterSheet(
        text, "T-TEST-TEST-TEST", "Animas", "Animas, 1 Road, Testwater", address,
        date(2026, 12, 1), **about,
    )  # fmt: skip
