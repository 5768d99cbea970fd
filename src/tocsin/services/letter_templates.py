"""Letters of our own that an author can begin with: general ones, and those of the golden cases."""

from collections.abc import Mapping
from functools import cache

from tocsin.outreach.letter import LetterText
from tocsin.services.letter_files import case_texts, general_texts

_CASES = ("a", "b", "c")


@cache
def letter_templates() -> Mapping[str, LetterText]:
    """Return our own letters by a name such as ``general/clinician/en`` or ``a/bulletin/nl``."""
    found = {"general": general_texts(), **{case: case_texts(case) for case in _CASES}}
    return {
        f"{where}/{text.letter}/{text.language}": text
        for where, texts in found.items()
        for text in sorted(texts, key=lambda text: (text.letter, text.language))
    }
