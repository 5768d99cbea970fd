"""Letters' texts as our own YAML or JSON; read with the care of notices."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from tocsin.base.errors import NoticeUnreadable, TocsinError
from tocsin.formats.notice_file import parse_tree, read_notice_text
from tocsin.outreach.letter import LetterText


class LetterInvalid(TocsinError):
    """A file holds no letter's text that can be kept."""

    code = "letter_invalid"


def read_letter_file(path: Path) -> LetterText:
    """Return the letter's text in a file.

    Raises:
        LetterInvalid: naming the first fault.
    """
    try:
        text = read_notice_text(path)
    except NoticeUnreadable as error:
        raise LetterInvalid(error.sentence.replace("The notice", "The letter")) from error
    return letter_of_text(text, path)


def letter_of_text(text: str, path: Path) -> LetterText:
    """Return the letter's text that a file's content states; see `read_letter_file`."""
    try:
        tree = parse_tree(text, path)
    except NoticeUnreadable as error:
        raise LetterInvalid(error.sentence.replace("The notice", "The letter")) from error
    try:
        return LetterText.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = " > ".join(str(step) for step in first["loc"]) or "the letter"
        raise LetterInvalid(
            f"The letter {path} cannot be kept: at {where}: {first['msg']}. Nothing was changed. "
            "How a letter is written stands in docs/how-to/write-letters.md."
        ) from error


def write_letter_file(text: LetterText) -> str:
    """Return a letter's text as YAML that reads as the same text."""
    tree = text.model_dump(mode="json", exclude_none=True, exclude_defaults=False)
    written: str = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=96)
    return written
