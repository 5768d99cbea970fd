"""The form of a letter's text: its blocks with their fields, read from what was sent and shown.

One field, ``shape``, says which blocks there are: for each its kind and the number of the source's
block that it stands beside. A block's fields are called ``b<place>-<key>``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms

from tocsin.outreach.letter import LetterText
from tocsin.outreach.letter_blocks import texts_of
from tocsin.outreach.typed_letter import (
    BLOCKS,
    BlockField,
    NotALetterYet,
    TypedBlock,
    TypedLetter,
    read_letter_text,
    typed_fields,
)

MOST_FIELDS = 360
MOST_BYTES = 48_000
_FEWEST_ROWS, _MOST_ROWS, _PER_ROW = 2, 14, 60
_STEPS = {"up": -1, "down": 1}
_PREPARED = (
    ("person", "A person wrote it"),
    ("machine", "A machine prepared it: a native speaker must review it"),
)


@dataclass(frozen=True)
class Removed:
    """The block that was removed last; the form carries it, so that it can be put back.

    Attributes:
        place: where it stood, from 0.
        block: with all that was typed into it.
    """

    place: int
    block: TypedBlock

    @property
    def title(self) -> str:
        """Return what its kind is called."""
        return BLOCKS[self.block.kind][0]

    @property
    def fields(self) -> Mapping[str, str]:
        """Return the hidden fields that carry it; `read_removed` reads them."""
        beside = "" if self.block.beside is None else self.block.beside
        head = {"gone": f"{self.place}.{self.block.kind}.{beside}"}
        return head | {f"gone-{key}": text for key, text in self.block.typed.items()}


@dataclass(frozen=True)
class Edited:
    """What a button made of the letter.

    Attributes:
        typed: the letter as it is typed now.
        place: of the block that was changed; None: none was.
        note: what was done with it.
        removed: what can be put back.
    """

    typed: TypedLetter
    place: int | None = None
    note: str = ""
    removed: Removed | None = None


@dataclass(frozen=True)
class ShownBlock:
    """A block as the page shows it.

    Attributes:
        place: its place, from 0.
        title: what its kind is called.
        fields: its controls.
        note: what was just done with it; empty: nothing.
        is_focused: whether the page opens at it.
        source_number: of the source's block beside it, from 1; None: there is none.
        source_lines: what that one says.
        is_same: whether it says the very same as that one.
    """

    place: int
    title: str
    fields: Sequence[forms.BoundField]
    note: str = ""
    is_focused: bool = False
    source_number: int | None = None
    source_lines: Sequence[str] = ()
    is_same: bool = False


class LetterForm(forms.Form):
    """All fields of a letter as it is typed.

    Args:
        typed: the letter.
        language: that it is written in, told to the browser.
        own: fields that stand beside the letter's own, such as its language, with their values.
        is_sent: whether what is wrong is to be said.
    """

    use_required_attribute = False

    def __init__(
        self,
        typed: TypedLetter,
        language: str,
        own: Mapping[str, tuple[forms.Field, str]] | None = None,
        *,
        is_sent: bool = False,
    ) -> None:
        self.typed, self.of_blocks = typed, list[list[str]]()
        values = {name: value for name, (_, value) in (own or {}).items()}
        values |= {key: getattr(typed, key) for key in ("subject", "short", "prepared_by")}
        made: dict[str, forms.Field] = {name: each for name, (each, _) in (own or {}).items()}
        made |= _head_fields(language)
        for place, block in enumerate(typed.blocks):
            names = []
            for told in BLOCKS[block.kind][1]:
                name, value = f"b{place}-{told.key}", block.typed.get(told.key, "")
                made[name], values[name] = _control(told, value, language), value
                names.append(name)
            self.of_blocks.append(names)
        super().__init__(values if is_sent else None, initial=values)
        self.fields |= made

    def read(self, head: Mapping[str, str | None]) -> LetterText | None:
        """Return the text that was typed; None, with the faults at their fields, if it is none."""
        is_whole = self.is_valid()
        try:
            text = read_letter_text(self.typed, head)
        except NotALetterYet as error:
            for (place, key), sentence in error.faults.items():
                name = key if place is None else f"b{place}-{key}"
                if name == "blocks":
                    self.add_error(None, "A letter needs at least one block.")
                elif name not in self.fields:
                    self.add_error(None, sentence)
                elif name not in self.errors:
                    self.add_error(name, sentence)
            return None
        return text if is_whole else None

    def shown(self, edited: Edited, source: LetterText | None) -> Iterator[ShownBlock]:
        """Yield the blocks of the page, each beside the source's."""
        theirs = source.blocks if source else ()
        for place, (block, names) in enumerate(zip(self.typed.blocks, self.of_blocks, strict=True)):
            is_changed = place == edited.place
            shown = ShownBlock(
                place,
                BLOCKS[block.kind][0],
                [self[name] for name in names],
                edited.note if is_changed else "",
                is_changed,
            )
            if block.beside is not None and block.beside < len(theirs):
                beside = theirs[block.beside]
                is_same = beside.kind == block.kind and typed_fields(beside) == dict(block.typed)
                lines = tuple(texts_of(beside))
                shown = replace(
                    shown, source_number=block.beside + 1, source_lines=lines, is_same=is_same
                )
            yield shown


def read_sent(sent: Mapping[str, str]) -> TypedLetter:
    """Return the letter that a form sent, as it was typed; what no form of ours sends is left."""
    words = enumerate(sent.get("shape", "").split()[:MOST_FIELDS])
    read = (_block(sent, f"b{place}-", word) for place, word in words)
    blocks = [block for block in read if block]
    prepared = "machine" if sent.get("prepared_by") == "machine" else "person"
    return TypedLetter(sent.get("subject", ""), sent.get("short", ""), prepared, tuple(blocks))


def read_removed(sent: Mapping[str, str]) -> Removed | None:
    """Return the block that a form carries because it was removed; None if it carries none."""
    place, _, word = sent.get("gone", "").partition(".")
    block = _block(sent, "gone-", word)
    return Removed(int(place), block) if block and _is_place(place) else None


def _block(sent: Mapping[str, str], prefix: str, word: str) -> TypedBlock | None:
    kind, _, beside = word.partition(".")
    if kind not in BLOCKS:
        return None
    typed = {told.key: sent.get(f"{prefix}{told.key}", "") for told in BLOCKS[kind][1]}
    typed = {key: value.replace("\r\n", "\n") for key, value in typed.items()}
    return TypedBlock(kind, typed, int(beside) if _is_place(beside) else None)


def shape_of(typed: TypedLetter) -> str:
    """Return what the field ``shape`` says of a letter."""
    return " ".join(
        f"{each.kind}.{'' if each.beside is None else each.beside}" for each in typed.blocks
    )


def is_too_long(typed: TypedLetter) -> bool:
    """Return whether a letter has more fields or bytes than a form may send."""
    fields = sum(len(BLOCKS[each.kind][1]) for each in typed.blocks)
    n_bytes = sum(len(each.encode()) for block in typed.blocks for each in block.typed.values())
    return fields > MOST_FIELDS or n_bytes > MOST_BYTES


def apply_button(sent: Mapping[str, str], typed: TypedLetter, source: LetterText | None) -> Edited:
    """Return a letter as the button that was pressed makes it; any other leaves it as it is."""
    what, _, number = sent.get("do", "").partition(":")
    removed = read_removed(sent)
    if what == "add" and (kind := sent.get("add_kind", "")) in BLOCKS:
        wanted = sent.get("add_before", "")
        place = min(int(wanted) if _is_place(wanted) else len(typed.blocks), len(typed.blocks))
        blocks = list(typed.added(kind, place).blocks)
        blocks[place] = replace(blocks[place], beside=_left_of(kind, typed, source))
        return Edited(replace(typed, blocks=tuple(blocks)), place, "Added", removed)
    if what == "restore" and removed:
        place = min(removed.place, len(typed.blocks))
        blocks = [*typed.blocks[:place], removed.block, *typed.blocks[place:]]
        return Edited(replace(typed, blocks=tuple(blocks)), place, "Put back")
    if not _is_place(number) or int(number) >= len(typed.blocks):
        return Edited(typed, removed=removed)
    place = int(number)
    if what in _STEPS:
        to = min(max(place + _STEPS[what], 0), len(typed.blocks) - 1)
        return Edited(typed.moved(place, _STEPS[what]), to, f"Moved {what}", removed)
    if what == "remove":
        left, gone = typed.without(place), Removed(place, typed.blocks[place])
        note = f"Block {place + 1} before it was removed" if place else "The first was removed"
        near = min(place, len(left.blocks) - 1) if left.blocks else None
        return Edited(left, near, note, gone)
    return Edited(typed, removed=removed)


def unmatched(typed: TypedLetter, source: LetterText | None) -> list[tuple[int, list[str]]]:
    """Return number (from 1) and lines of the source's blocks that nothing stands beside."""
    met = {each.beside for each in typed.blocks}
    blocks = source.blocks if source else ()
    return [(i + 1, list(texts_of(each))) for i, each in enumerate(blocks) if i not in met]


def _left_of(kind: str, typed: TypedLetter, source: LetterText | None) -> int | None:
    """Return the first block of the source of a kind that nothing stands beside."""
    met = {each.beside for each in typed.blocks}
    blocks = enumerate(source.blocks if source else ())
    return next((i for i, each in blocks if each.kind == kind and i not in met), None)


def _is_place(number: str) -> bool:
    return number.isdecimal() and number.isascii() and len(number) <= 3


def language_field() -> forms.RegexField:
    """Return the field for the language of a letter."""
    return forms.RegexField(
        regex=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$",
        label="Language",
        help_text="Two letters, such as fr; with a script where one must be named: sr-Latn.",
        error_messages={"invalid": "Write two small letters, such as fr."},
        widget=forms.TextInput(attrs={"class": "short"}),
    )


def _head_fields(language: str) -> dict[str, forms.Field]:
    words = {"lang": language, "dir": "auto"}
    return {
        "subject": forms.CharField(
            label="Subject",
            help_text="The heading of the letter, and the subject of an e-mail.",
            widget=forms.TextInput(attrs=words),
        ),
        "short": forms.CharField(
            label="Text message",
            help_text="What a text message says before the link. Empty: only that there is a "
            "letter.",
            required=False,
            widget=forms.Textarea(attrs={"rows": 2, **words}),
        ),
        "prepared_by": forms.ChoiceField(
            label="Who prepared the text", choices=_PREPARED, widget=forms.RadioSelect
        ),
    }


def _control(told: BlockField, value: str, language: str) -> forms.Field:
    common: dict[str, Any] = {
        "label": told.label,
        "help_text": told.hint,
        "required": not told.is_optional,
    }
    if told.shape == "choice":
        return forms.ChoiceField(choices=[(each, each) for each in told.choices], **common)
    words = {"lang": language, "dir": "auto"}
    if told.shape == "line":
        return forms.CharField(widget=forms.TextInput(attrs=words), **common)
    rows = sum(1 + len(line) // _PER_ROW for line in value.split("\n")) + 1
    n_rows = max(_FEWEST_ROWS, min(rows, _MOST_ROWS))
    return forms.CharField(widget=forms.Textarea(attrs={"rows": n_rows, **words}), **common)
