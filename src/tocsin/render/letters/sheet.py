"""What a letter's page holds, as the JSON that the template reads."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from babel.dates import format_date
from pydantic import BaseModel, ConfigDict

from tocsin.base.errors import TocsinError
from tocsin.base.provenance import Source
from tocsin.identify.data_file import data_folder, load_data_file
from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import Block, Contact, Devices, Reply, Table
from tocsin.render.letters.qr_code import qr_svg

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi"})
_LETTER_PAPER = frozenset({"US", "CA", "MX", "PH"})
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


class LanguageUnknown(TocsinError):
    """The page has no words of its own in this language."""

    code = "language_unknown"


@dataclass(frozen=True)
class LetterSheet:
    """One letter to one addressee, ready for the page.

    Attributes:
        text: what it says, every field filled in.
        letter_id: which letter it is.
        sender: name of who writes.
        sender_line: name and address of who writes, on one line.
        address: the addressee's name and address, line by line.
        written_on: the letter's date.
        reference: of the notice; None: none.
        code: with which the letter can be verified; None: it cannot.
        check_url: where it is verified.
        answer_url: where the addressee answers; it is also in the QR code.
        anchor: of the audit trail, current when the letter was made.
        devices: the addressee's devices, for the block that lists them; none: it is left out.
        is_unreviewed: whether the page says that a native speaker has yet to review it.
    """

    text: LetterText
    letter_id: str
    sender: str
    sender_line: str
    address: Sequence[str]
    written_on: date
    reference: str | None = None
    code: str | None = None
    check_url: str | None = None
    answer_url: str | None = None
    anchor: str | None = None
    devices: Sequence[Mapping[str, str]] = field(default=())
    is_unreviewed: bool = False


class Labels(BaseModel):
    """The words that the page itself adds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    letter: str
    code: str
    check: str
    anchor: str
    page: str
    phone: str
    email: str
    web: str
    hours: str
    reference: str
    qr: str
    draft: str


class _LabelTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    languages: dict[str, Labels]


class _Script(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    signs: re.Pattern[str]


class _FontTable(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: Source
    always: tuple[str, ...]
    languages: dict[str, tuple[str, ...]]
    runs: dict[str, str]
    scripts: dict[str, _Script]


@cache
def page_labels() -> Mapping[str, Labels]:
    """Return the page's own words by language."""
    path = data_folder("tocsin.render.letters") / "labels.yaml"
    return load_data_file(path, _LabelTable).languages


@cache
def _fonts() -> _FontTable:
    return load_data_file(data_folder("tocsin.render.letters") / "fonts.yaml", _FontTable)


def families_of(language: str, available: frozenset[str]) -> list[str]:
    """Return the font families for a language, its own first, then those of names in others."""
    table = _fonts()
    own = table.languages.get(language.partition("-")[0], ())
    others = (name for names in table.languages.values() for name in names)
    wanted = dict.fromkeys([*table.always, *own, *others])
    return [name for name in wanted if name in available]


def first_font(language: str, available: frozenset[str]) -> dict[str, str] | None:
    """Return the font that comes before all others in a language, and the signs that it writes."""
    main, table = language.partition("-")[0], _fonts()
    own = next((name for name in table.languages.get(main, ()) if name in available), None)
    return {"name": own, "signs": table.runs[main]} if own and main in table.runs else None


def script_of(language: str, said: object) -> str | None:
    """Return the script as which a whole text can be set; None: Typst looks at each sign.

    Args:
        language: of the text.
        said: what it says, as a tree of JSON.
    """
    script = _fonts().scripts.get(language.partition("-")[0])
    if script is None or not script.signs.fullmatch(json.dumps(said, ensure_ascii=False)):
        return None
    return script.name


def sheet_json(sheet: LetterSheet, available: frozenset[str]) -> str:
    """Return a letter as the JSON that the template reads.

    Args:
        sheet: the letter.
        available: font families that there are.

    Raises:
        LanguageUnknown: if the page has no words in its language.
    """
    return json.dumps(sheet_tree(sheet, available), ensure_ascii=False)


def sheet_tree(sheet: LetterSheet, available: frozenset[str]) -> dict[str, Any]:
    """Return a letter as the tree that the template reads; see `sheet_json`."""
    text, main = sheet.text, sheet.text.language.partition("-")[0]
    labels = page_labels().get(main)
    if labels is None:
        raise LanguageUnknown(
            f"The page has no words of its own in the language {text.language!r}. This letter was "
            f"not made. Known are {', '.join(page_labels())}."
        )
    blocks = [
        _block(block, sheet)
        for block in text.blocks
        if sheet.devices or not isinstance(block, Devices)
    ]
    return {
        "lang": main,
        "region": text.country.lower() if text.country else None,
        "dir": "rtl" if main in _RIGHT_TO_LEFT else "ltr",
        "fonts": families_of(text.language, available),
        "first_font": first_font(text.language, available),
        "script": script_of(text.language, [text.subject, blocks]),
        "paper": "us-letter" if text.country in _LETTER_PAPER else "a4",
        "labels": labels.model_dump(),
        "mark": labels.draft if sheet.is_unreviewed else None,
        "subject": text.subject,
        "sender": {"name": sheet.sender, "line": _own(sheet.sender_line)},
        "address": [_own(line) for line in sheet.address],
        "date_value": _own(format_date(sheet.written_on, "long", locale=_locale(text))),
        "reference_value": _own(sheet.reference),
        "letter_id": sheet.letter_id,
        "id_value": _own(sheet.letter_id),
        "code_value": _own(sheet.code),
        "check_value": _own(sheet.check_url),
        "answer_value": _own(sheet.answer_url),
        "anchor_value": _own(sheet.anchor),
        "qr": qr_svg(sheet.answer_url) if sheet.answer_url else None,
        "blocks": blocks,
    }


def direction_of(text: str) -> str:
    """Return ltr or rtl: the direction of the first letter that has one.

    >>> direction_of("12 Example Street"), direction_of("שלום")
    ('ltr', 'rtl')
    """
    if text.isascii():
        return "ltr"
    kinds = (_STRONG.get(unicodedata.bidirectional(character)) for character in text)
    return next((kind for kind in kinds if kind), "ltr")


def _own(text: str | None) -> dict[str, str] | None:
    return None if text is None else {"text": text, "dir": direction_of(text)}


def _locale(text: LetterText) -> str:
    return text.language.replace("-", "_")


def _block(block: Block, sheet: LetterSheet) -> dict[str, Any]:
    match block:
        case Devices():
            names = list(block.columns)
            rows = [[device.get(name, "") for name in names] for device in sheet.devices]
            return _table(block.caption, list(block.columns.values()), rows)
        case Table():
            return _table(block.caption, block.columns, block.rows)
        case Contact():
            tree = block.model_dump()
            return tree | {key: _own(tree[key]) for key in ("phone", "email", "url")}
        case Reply():
            return block.model_dump()
    return block.model_dump()


def _table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": caption,
        "columns": list(columns),
        "rows": [[_own(cell) for cell in row] for row in rows],
    }
