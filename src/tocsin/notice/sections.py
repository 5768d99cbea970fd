"""A notice in words, section by section: to be read, and compared side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tocsin.notice.describe import describe_entry
from tocsin.notice.model import Audience, Classification, Contact, Notice
from tocsin.notice.translation_fields import who_words


@dataclass(frozen=True)
class Section:
    """One part of a notice.

    Attributes:
        key: the keys of the notice that it tells, the first names it in an address.
        title: its heading.
        lines: sentences or phrases, none if the notice says nothing here.
    """

    key: str
    title: str
    lines: tuple[str, ...]


def sections_of(notice: Notice) -> list[Section]:
    """Return the sections of a notice in the order of reading; the scope by its entries."""
    parts = (
        ("identity", "What it is", _identity(notice)),
        ("scope", "Which devices", _scope(notice)),
        ("hazard", "Hazard", _hazard(notice)),
        ("precautions", "Precautions until then", _by_audience(notice.precautions)),
        ("instructions", "Instructions", _by_audience(notice.instructions)),
        ("remedies", "Remedies", _remedies(notice)),
        ("translations", "Translations", _translations(notice)),
        ("contacts", "Contacts", map(_contact, notice.contacts)),
        ("milestones", "Milestones", _milestones(notice)),
        ("classification", "Classification", _classifications(notice)),
        ("links", "Linked notices", _links(notice)),
        ("information", "For information only, clears nobody", _information(notice)),
        ("source", "Source", _source(notice)),
    )
    return [Section(key, title, tuple(lines)) for key, title, lines in parts]


def changed_sections(old: Notice, new: Notice) -> frozenset[str]:
    """Return the keys of the sections that say something else in a newer revision."""
    before = {section.key: section.lines for section in sections_of(old)}
    return frozenset(each.key for each in sections_of(new) if before[each.key] != each.lines)


def _identity(notice: Notice) -> Iterator[str]:
    yield notice.title
    yield f"Kind: {notice.kind.replace('-', ' ')}"
    for issuer in notice.issuers:
        country = f", {issuer.country}" if issuer.country else ""
        yield f"{issuer.name} ({issuer.role.replace('-', ' ')}{country})"
    if notice.issued_on:
        yield f"Issued on {notice.issued_on}"
    if notice.supersedes:
        yield f"Replaces revision {notice.supersedes.revision} of {notice.supersedes.notice}"
    if notice.escalation:
        yield f"People are told by the ladder {notice.escalation!r}"
    if notice.languages:
        yield f"Languages: {', '.join(notice.languages)}"


def _scope(notice: Notice) -> Iterator[str]:
    for entry in notice.scope:
        verb = "affects" if entry.affects else "excludes"
        maker = f" Made by {entry.product.manufacturer}." if entry.product.manufacturer else ""
        review = "" if entry.reviewed else " Not reviewed."
        yield f"{entry.entry} {verb} {describe_entry(entry)}.{maker}{review}"


def _hazard(notice: Notice) -> Iterator[str]:
    hazard = notice.hazard
    if hazard is None:
        return
    yield hazard.what
    if hazard.harms:
        yield f"Harms: {', '.join(hazard.harms)}"
    if hazard.alarm:
        yield f"Alarm: {hazard.alarm}"
    if hazard.fix_available is not None:
        yield "A fix is available" if hazard.fix_available else "There is no fix"


def _by_audience(texts: Mapping[Audience, Sequence[str]]) -> Iterator[str]:
    for audience, lines in texts.items():
        for line in lines:
            yield f"{audience}: {line}"


def _remedies(notice: Notice) -> Iterator[str]:
    for remedy in notice.remedies:
        years = f", for {remedy.for_years} years" if remedy.for_years is not None else ""
        details = f": {remedy.details}" if remedy.details else ""
        yield f"{remedy.audience}, {remedy.kind.replace('-', ' ')}{years}{details}"


def _translations(notice: Notice) -> Iterator[str]:
    for told in notice.translations:
        for english, text in told.texts.items():
            yield f"{told.language}: {text} (of: {english}; {who_words(told)})"


def _contact(contact: Contact) -> str:
    place = f" in {contact.country}" if contact.country else ""
    ways = (contact.name, contact.phone, contact.email, contact.url, contact.hours)
    told = ", ".join(way for way in ways if way)
    languages = f" ({', '.join(contact.languages)})" if contact.languages else ""
    return f"{contact.audience}{place}: {told or 'no way is given'}{languages}"


def _milestones(notice: Notice) -> Iterator[str]:
    for step in notice.milestones:
        place = f" ({step.country})" if step.country else ""
        yield f"{step.on or 'No day yet'}{place}: {step.what}, {step.state}"
        for earlier in step.earlier:
            reason = f", {earlier.reason}" if earlier.reason else ""
            yield f"before that it was {earlier.was}{reason}"


def _classifications(notice: Notice) -> Iterator[str]:
    if own := notice.classification.own:
        yield f"Our own: {_class(own)}"
    for told in notice.classification.authorities:
        yield f"{told.body or 'An authority'}: {_class(told)}"


def _class(told: Classification) -> str:
    number = f", number {told.number}" if told.number else ""
    return f"{told.level or 'no class yet'}{number}{f', {told.on}' if told.on else ''}"


def _links(notice: Notice) -> Iterator[str]:
    for link in notice.links:
        yield f"{link.notice} ({link.relation.replace('-', ' ')})"


def _information(notice: Notice) -> Iterator[str]:
    for key, value in notice.information.items():
        text = str(value)
        yield f"{key.replace('_', ' ')}: {text if len(text) <= 400 else f'{text[:397]}...'}"


def _source(notice: Notice) -> Iterator[str]:
    source = notice.source
    yield source.document
    if source.url:
        yield source.url
    yield f"Read on {source.checked_on}"
    if source.note:
        yield source.note
