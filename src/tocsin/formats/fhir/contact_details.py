"""Names of persons, addresses and telephone numbers as FHIR writes them: the one to use."""

from collections.abc import Iterable

from tocsin.formats.fhir.element import Element, one_line, part_of, parts_of, text_of, texts_of

_NAME_USES = ("official", "usual", "", "temp", "nickname", "anonymous")
_OLD = frozenset({"old", "maiden"})


def read_person_name(person: Element) -> str | None:
    """Return the name by which to address a person: the official one, never an old one."""
    names = [name for name in parts_of(person, "name") if text_of(name, "use") not in _OLD]
    ordered = sorted(names, key=_name_rank)
    return next((text for name in ordered if (text := _written(name))), None)


def _name_rank(name: Element) -> tuple[bool, int]:
    use = text_of(name, "use") or ""
    known = _NAME_USES.index(use) if use in _NAME_USES else len(_NAME_USES)
    return text_of(part_of(name, "period"), "end") is not None, known


def _written(name: Element) -> str | None:
    if text := text_of(name, "text"):
        return one_line(text)
    parts = [*texts_of(name, "prefix"), *texts_of(name, "given")]
    parts += [text_of(name, "family") or "", *texts_of(name, "suffix")]
    return one_line(" ".join(part for part in parts if part)) or None


def read_contact_point(points: Iterable[Element], systems: tuple[str, ...]) -> str | None:
    """Return the preferred e-mail address or number of some systems, never an old one."""
    usable = [
        (_point_rank(point, systems), number, text)
        for number, point in enumerate(points)
        if text_of(point, "system") in systems
        and text_of(point, "use") != "old"
        and (text := text_of(point, "value"))
    ]
    return min(usable)[2] if usable else None


def _point_rank(point: Element, systems: tuple[str, ...]) -> tuple[bool, int, int]:
    rank = text_of(point, "rank") or ""
    ended = text_of(part_of(point, "period"), "end") is not None
    place = systems.index(text_of(point, "system") or systems[0])
    return ended, int(rank) if rank.isascii() and rank.isdigit() and len(rank) < 9 else 99, place


def read_address(addresses: Iterable[Element]) -> tuple[str | None, str | None]:
    """Return the lines of the postal address, joined by ``|``, and its country."""
    usable = [item for item in addresses if text_of(item, "use") != "old"]
    ordered = sorted(usable, key=_address_rank)
    for address in ordered:
        if lines := _lines(address):
            return "|".join(line.replace("|", "/") for line in lines), text_of(address, "country")
    return None, next((text_of(item, "country") for item in ordered), None)


def _address_rank(address: Element) -> tuple[bool, bool, int]:
    ended = text_of(part_of(address, "period"), "end") is not None
    uses = ("home", "work", "", "temp", "billing")
    use = text_of(address, "use") or ""
    rank = uses.index(use) if use in uses else len(uses)
    return ended, text_of(address, "type") == "physical", rank


def _lines(address: Element) -> list[str]:
    """Return the lines: the parts if there are any, else the text."""
    # Where a state is written, the code follows it (Emporia KS 66801); elsewhere it goes first.
    with_state = ("city", "state", "postalCode")
    order = with_state if text_of(address, "state") else ("postalCode", "city")
    town = " ".join(part for name in order if (part := text_of(address, name)))
    lines = [one_line(line) for line in texts_of(address, "line")]
    lines += [town] if town else []
    if lines:
        country = text_of(address, "country")
        return [*lines, country] if country else lines
    text = text_of(address, "text")
    return [line.strip() for line in text.splitlines() if line.strip()] if text else []
