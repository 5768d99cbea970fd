"""A letter's text as somebody types it, block by block, and back; pure.

What is typed is kept as it is until it can be a text: a block is its kind and one text for each of
its fields. A field of several lines has one per line; a row of a table is a line, its cells apart
by ``|``; a bar inside a cell has a backslash before it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ValidationError

from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import Block

_CELL = re.compile(r"(?:\\[|\\]|[^|])+|\|")
_HEAD = ("subject", "short", "prepared_by")


@dataclass(frozen=True)
class BlockField:
    """A field of a block's form.

    Attributes:
        key: its name in the block; of a table of devices, the column.
        label: what a form calls it.
        shape: a line; a text that may be long; several lines; rows of cells; one of some values.
        choices: the values that it can have, the first where none was chosen.
        is_optional: whether it may be left empty.
        hint: how it is written.
    """

    key: str
    label: str
    shape: Literal["line", "text", "lines", "rows", "choice"] = "line"
    choices: tuple[str, ...] = ()
    is_optional: bool = False
    hint: str = ""


_ONE_PER_LINE = "One per line."
_ITEMS = (BlockField("items", "Points", "lines", hint=_ONE_PER_LINE),)
_COLUMNS = ("product", "model", "serial", "lot", "software", "quantity")
BLOCKS: Mapping[str, tuple[str, tuple[BlockField, ...]]] = MappingProxyType(
    {
        "heading": (
            "Heading",
            (
                BlockField("text", "Heading"),
                BlockField("level", "Level", "choice", ("1", "2")),
            ),
        ),
        "paragraph": ("Paragraph", (BlockField("text", "Text", "text"),)),
        "list": ("List", _ITEMS),
        "steps": ("Steps, in their order", _ITEMS),
        "callout": (
            "What must not be missed",
            (
                BlockField("urgency", "Urgency", "choice", ("important", "emergency")),
                BlockField("lines", "Lines", "lines", hint=_ONE_PER_LINE),
            ),
        ),
        "table": (
            "Table",
            (
                BlockField("caption", "Caption"),
                BlockField("columns", "Heads of the columns", "lines", hint=_ONE_PER_LINE),
                BlockField(
                    "rows",
                    "Rows",
                    "rows",
                    hint="One row per line, the cells apart by | such as: B201575 | France",
                ),
            ),
        ),
        "devices": (
            "The addressee's own devices",
            (
                BlockField("caption", "Caption"),
                *(
                    BlockField(
                        each,
                        f"Head of the column {each}",
                        is_optional=True,
                        hint="Empty: no such column.",
                    )
                    for each in _COLUMNS
                ),
            ),
        ),
        "contact": (
            "Whom to call or write to",
            (
                BlockField("name", "Name"),
                BlockField("phone", "Telephone", is_optional=True),
                BlockField("email", "E-mail", is_optional=True),
                BlockField("url", "Page", is_optional=True),
                BlockField("hours", "When", is_optional=True),
            ),
        ),
        "reply": (
            "How to answer",
            (
                BlockField("lines", "How to answer", "lines", hint=_ONE_PER_LINE),
                BlockField(
                    "statements",
                    "Statements to tick on the printed form",
                    "lines",
                    is_optional=True,
                    hint="One per line. Empty: there is no form.",
                ),
                BlockField(
                    "means",
                    "What each statement means for the answer page",
                    "lines",
                    is_optional=True,
                    hint="One per line, in their order: understood, done, none, number, call or "
                    "forwarded. Empty: each is something to do.",
                ),
                BlockField(
                    "signature",
                    "Words before the place to sign",
                    is_optional=True,
                    hint="Empty: nobody signs.",
                ),
            ),
        ),
    }
)
"""The kinds of blocks: what each is called, and its fields."""


@dataclass(frozen=True)
class TypedBlock:
    """A block as it is typed.

    Attributes:
        kind: one of `BLOCKS`.
        typed: text by field.
        beside: number of the source's block that it stands for; None: of none.
    """

    kind: str
    typed: Mapping[str, str] = field(default_factory=dict)
    beside: int | None = None


@dataclass(frozen=True)
class TypedLetter:
    """A letter as it is typed: its head, and its blocks in order."""

    subject: str = ""
    short: str = ""
    prepared_by: str = "person"
    blocks: tuple[TypedBlock, ...] = ()

    def added(self, kind: str, place: int) -> "TypedLetter":
        """Return it with an empty block before the one at a place, or at the end."""
        chosen = {told.key: told.choices[0] for told in BLOCKS[kind][1] if told.choices}
        new = TypedBlock(kind, chosen)
        return replace(self, blocks=(*self.blocks[:place], new, *self.blocks[place:]))

    def without(self, place: int) -> "TypedLetter":
        """Return it without a block."""
        return replace(self, blocks=(*self.blocks[:place], *self.blocks[place + 1 :]))

    def moved(self, place: int, step: int) -> "TypedLetter":
        """Return it with a block moved by one place, up (-1) or down (1), if there is one."""
        blocks, other = list(self.blocks), place + step
        if 0 <= other < len(blocks):
            blocks[place], blocks[other] = blocks[other], blocks[place]
        return replace(self, blocks=tuple(blocks))


class NotALetterYet(ValueError):
    """What was typed is no letter's text yet.

    Attributes:
        faults: a sentence by place: a field of the head, or number and field of a block.
    """

    def __init__(self, faults: Mapping[tuple[int | None, str], str]) -> None:
        super().__init__("what was typed is no letter's text yet")
        self.faults = faults


def type_letter(text: LetterText) -> TypedLetter:
    """Return a letter's text as somebody would type it."""
    blocks = tuple(TypedBlock(block.kind, typed_fields(block)) for block in text.blocks)
    return TypedLetter(text.subject, text.short or "", text.prepared_by, blocks)


def type_plain(written: str) -> TypedLetter:
    r"""Return plain text as a letter: its first line the subject, then paragraphs and lists.

    Lines that follow each other are one paragraph; where each begins with a hyphen, a list.

    >>> made = type_plain("Pumps\n\nStop\nnow.\n\n- One\n- Two")
    >>> made.subject, [(each.kind, *each.typed.values()) for each in made.blocks]
    ('Pumps', [('paragraph', 'Stop now.'), ('list', 'One\nTwo')])
    """
    subject, _, rest = written.strip().partition("\n")
    blocks = []
    for part in re.split(r"\n\s*\n", rest.replace("\r", "")):
        lines = list(_lines(part))
        if lines and all(line.startswith("- ") for line in lines):
            items = "\n".join(line[2:].strip() for line in lines)
            blocks.append(TypedBlock("list", {"items": items}))
        elif lines:
            blocks.append(TypedBlock("paragraph", {"text": " ".join(lines)}))
    return TypedLetter(subject.strip(), blocks=tuple(blocks))


def typed_fields(block: Block) -> dict[str, str]:
    r"""Return a block's fields as they are typed.

    >>> from tocsin.outreach.letter_blocks import Table
    >>> typed_fields(Table(caption="Lots", columns=("Lot",), rows=(("A|1",), ("B2",))))
    {'caption': 'Lots', 'columns': 'Lot', 'rows': 'A\\|1\nB2'}
    """
    tree = block.model_dump()
    if block.kind == "devices":
        tree |= tree.pop("columns")
    return {each.key: _as_typed(each, tree.get(each.key)) for each in BLOCKS[block.kind][1]}


def read_letter_text(typed: TypedLetter, head: Mapping[str, str | None]) -> LetterText:
    """Return the text that was typed.

    Args:
        typed: what was typed.
        head: ``letter``, ``audience``, ``language`` and ``country``.

    Raises:
        NotALetterYet: naming each place that cannot be so.
    """
    tree: dict[str, Any] = {**head, "subject": typed.subject, "prepared_by": typed.prepared_by}
    tree |= {"short": typed.short.strip() or None}
    tree["blocks"] = [_tree(each) for each in typed.blocks]
    try:
        return LetterText.model_validate(tree)
    except ValidationError as error:
        faults: dict[tuple[int | None, str], str] = {}
        for each in error.errors(include_url=False, include_input=False):
            place = _place(each["loc"], typed.blocks)
            faults.setdefault(place, _sentence(each["type"], each["msg"], each.get("ctx", {})))
        if len(faults) > 1 and typed.blocks:
            faults.pop((None, "blocks"), None)  # said of blocks that all have faults
        raise NotALetterYet(faults) from None


def lay_beside(typed: TypedLetter, source: LetterText) -> TypedLetter:
    """Return a letter whose blocks know which block of the source each stands for, by kinds."""
    theirs = [block.kind for block in source.blocks]
    ours = [block.kind for block in typed.blocks]
    found = SequenceMatcher(None, theirs, ours, autojunk=False).get_matching_blocks()
    pairs = {same.b + i: same.a + i for same in found for i in range(same.size)}
    return replace(
        typed,
        blocks=tuple(
            replace(each, beside=pairs.get(place)) for place, each in enumerate(typed.blocks)
        ),
    )


def _as_typed(told: BlockField, value: Any) -> str:
    if value is None:
        return ""
    if told.shape == "rows":
        return "\n".join(" | ".join(map(_with_bars_kept, row)) for row in value)
    if told.shape == "lines":
        return "\n".join(value)
    return str(value)


def _with_bars_kept(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|")


def _tree(block: TypedBlock) -> dict[str, Any]:
    """Return a block as a tree to be validated; what is optional and empty is left out."""
    tree: dict[str, Any] = {"kind": block.kind}
    for told in BLOCKS[block.kind][1]:
        value = _value(told, block.typed.get(told.key, ""))
        if value or not told.is_optional:
            tree[told.key] = value
    if block.kind == "devices":
        tree["columns"] = {key: tree.pop(key) for key in _COLUMNS if key in tree}
    return tree


def _value(told: BlockField, typed: str) -> Any:
    if told.shape == "rows":
        return [_cells(line) for line in _lines(typed)]
    if told.shape == "lines":
        return list(_lines(typed))
    return typed.strip()


def _lines(typed: str) -> Iterator[str]:
    for line in typed.replace("\r\n", "\n").split("\n"):
        if line.strip():
            yield line.strip()


def _cells(line: str) -> list[str]:
    r"""Return the cells of a row.

    >>> _cells(r"A\|1 | B2")
    ['A|1', 'B2']
    """
    cells = [""]
    for part in _CELL.findall(line):
        if part == "|":
            cells.append("")
        else:
            cells[-1] += re.sub(r"\\([|\\])", r"\1", part)
    return [cell.strip() for cell in cells]


def _place(loc: Sequence[int | str], blocks: Sequence[TypedBlock]) -> tuple[int | None, str]:
    """Return the field that a fault is about; a whole block's is put to its last field."""
    if len(loc) < 2 or loc[0] != "blocks" or not isinstance(loc[1], int):
        return None, str(loc[0]) if loc and loc[0] in {*_HEAD, "blocks"} else ""
    keys = [told.key for told in BLOCKS[blocks[loc[1]].kind][1]]
    named = [str(each) for each in loc[3:] if str(each) in keys]
    fallback = "caption" if "columns" in loc[3:] else keys[-1]
    return loc[1], named[-1] if named else fallback


def _sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind in {"string_too_short", "missing"}:
        return "Something must be written here."
    if kind == "string_too_long":
        return f"At most {context['max_length']} characters in a line."
    if kind == "too_short":
        return "At least one is needed."
    if kind == "too_long":
        return f"At most {context['max_length']}."
    said = message.removeprefix("Value error, ")
    return f"{said[:1].upper()}{said[1:]}."
