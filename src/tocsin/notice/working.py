"""A notice while it is written: edited part by part, whole only when it is kept as a revision.

Each edit gives a new value. An entry that a person has changed counts as unreviewed until somebody
compares it with the published text and confirms it; who and when stays with the draft.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin.notice.model import Notice
from tocsin.notice.scope import Entry, ProductPart
from tocsin.notice.translation import Translation, fitting, outdated, public_texts

_PLACEHOLDER = Entry(entry="none-yet", affects=ProductPart(names=("none yet",)))
SCOPE = "scope"
TRANSLATIONS = "translations"


class EntryMissing(ValueError):
    """There is no entry of this name in the draft."""


class EntryNameTaken(ValueError):
    """Another entry of the draft bears this name."""


class Confirmation(BaseModel):
    """Who has compared an entry with the published text, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: int
    at: datetime


class _Translations(BaseModel):
    """What a draft holds of translations, whether or not their English texts are still there."""

    translations: tuple[Translation, ...] = ()


class WorkingNotice(BaseModel):
    """What a draft holds. A translation whose English text was changed stays until it is settled.

    Attributes:
        head: the notice without its scope, as a tree.
        scope: its entries so far; each is an entry that could stand in a file.
        confirmed: who has confirmed an entry here, by its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: dict[str, Any]
    scope: tuple[Entry, ...] = ()
    confirmed: dict[str, Confirmation] = Field(default_factory=dict)

    def entry(self, name: str) -> Entry:
        """Return an entry by its name.

        Raises:
            EntryMissing: if there is none.
        """
        for entry in self.scope:
            if entry.entry == name:
                return entry
        raise EntryMissing(name)

    def notice(self) -> Notice:
        """Return the notice as it would be kept.

        Raises:
            ValidationError: if it is not whole yet, or a translation is of a text that is gone.
        """
        return Notice.model_validate({**self.head, SCOPE: self.scope})

    def notice_so_far(self) -> Notice:
        """Return the notice with a placeholder where it has no entry yet, to be looked at.

        It has those translations whose English texts are there.
        """
        head = {key: value for key, value in self.head.items() if key != TRANSLATIONS}
        notice = Notice.model_validate({**head, SCOPE: self.scope or (_PLACEHOLDER,)})
        fit = fitting(self.translations(), public_texts(notice))
        return notice.model_copy(update={TRANSLATIONS: tuple(fit)})

    def translations(self) -> tuple[Translation, ...]:
        """Return all translations, those of texts that are gone among them."""
        told = {TRANSLATIONS: self.head.get(TRANSLATIONS, ())}
        return _Translations.model_validate(told).translations

    def outdated_translations(self) -> list[Translation]:
        """Return the translations of texts that were changed or removed since."""
        return outdated(self.translations(), public_texts(self.notice_so_far()))


def working_of(notice: Notice) -> WorkingNotice:
    """Return a draft that says what a notice says, but for how far it had been approved."""
    apart = {SCOPE, "approval"}
    head = notice.model_dump(mode="json", by_alias=True, exclude=apart, exclude_defaults=True)
    return WorkingNotice(head=head, scope=notice.scope)


def with_entry(draft: WorkingNotice, was: str | None, entry: Entry) -> WorkingNotice:
    """Return a draft with an entry added, or put in the place of another.

    Args:
        draft: as it is.
        was: the name of the entry that it replaces; None to add one at the end.
        entry: the entry; unless it says the same as before, it is unreviewed.

    Raises:
        EntryMissing, EntryNameTaken: if it cannot be placed.
    """
    if entry.entry != was and any(each.entry == entry.entry for each in draft.scope):
        raise EntryNameTaken(entry.entry)
    if was is None:
        return draft.model_copy(update={"scope": (*draft.scope, entry)})
    before = draft.entry(was)
    confirmed = {name: told for name, told in draft.confirmed.items() if name != was}
    if before == entry.model_copy(update={"reviewed": before.reviewed}):
        entry, confirmed = before, draft.confirmed
    scope = tuple(entry if each.entry == was else each for each in draft.scope)
    return draft.model_copy(update={"scope": scope, "confirmed": confirmed})


def without_entry(draft: WorkingNotice, name: str) -> WorkingNotice:
    """Return a draft without an entry.

    Raises:
        EntryMissing: if there is none of this name.
    """
    draft.entry(name)
    scope = tuple(each for each in draft.scope if each.entry != name)
    confirmed = {of: told for of, told in draft.confirmed.items() if of != name}
    return draft.model_copy(update={"scope": scope, "confirmed": confirmed})


def with_confirmed(draft: WorkingNotice, name: str, by: int, at: datetime) -> WorkingNotice:
    """Return a draft in which a person has confirmed an entry.

    Raises:
        EntryMissing: if there is none of this name.
    """
    confirmed = {**draft.confirmed, name: Confirmation(by=by, at=at)}
    return as_if_reviewed(draft, name).model_copy(update={"confirmed": confirmed})


def as_if_reviewed(draft: WorkingNotice, name: str) -> WorkingNotice:
    """Return a draft that counts an entry as reviewed; nobody has confirmed it.

    Raises:
        EntryMissing: if there is none of this name.
    """
    entry = draft.entry(name).model_copy(update={"reviewed": True})
    scope = tuple(entry if each.entry == name else each for each in draft.scope)
    return draft.model_copy(update={"scope": scope})


def with_head(draft: WorkingNotice, changed: Mapping[str, Any]) -> WorkingNotice:
    """Return a draft whose head says something else for some keys.

    A translation is kept though its English text is gone, until somebody has settled it.

    Raises:
        ValidationError: if no notice could say that.
    """
    wanted = {**draft.head, **changed}
    told = _Translations.model_validate({TRANSLATIONS: wanted.pop(TRANSLATIONS, None) or ()})
    notice = Notice.model_validate({**wanted, SCOPE: (_PLACEHOLDER,)})
    head = notice.model_dump(mode="json", by_alias=True, exclude={SCOPE}, exclude_defaults=True)
    head |= told.model_dump(mode="json", exclude_defaults=True)
    return draft.model_copy(update={"head": head})


def parts_changed(before: WorkingNotice, after: WorkingNotice) -> frozenset[str]:
    """Return the names of the parts in which two drafts differ: ``entry NAME``, or a head's key."""
    keys = {
        key for key in {*before.head, *after.head} if before.head.get(key) != after.head.get(key)
    }
    old = {entry.entry: entry for entry in before.scope}
    new = {entry.entry: entry for entry in after.scope}
    names = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    return frozenset(keys | {entry_part(name) for name in names})


def entry_part(name: str) -> str:
    """Return the name of an entry as a part of a draft."""
    return f"entry {name}"


def open_points(draft: WorkingNotice) -> Iterator[str]:
    """Yield what stands against keeping a draft as a revision, in sentences."""
    if not draft.scope:
        yield "The scope has no entry yet: add at least one that affects."
        return
    try:
        draft.notice()
    except ValidationError as error:
        for fault in error.errors():
            place = ".".join(map(str, fault["loc"]))
            said = fault["msg"].removeprefix("Value error, ")
            yield f"{place}: {said}." if place else f"{said[:1].upper()}{said[1:]}."


def unreviewed(draft: WorkingNotice) -> list[str]:
    """Return the names of the entries that nobody has confirmed."""
    return [entry.entry for entry in draft.scope if not entry.reviewed]
