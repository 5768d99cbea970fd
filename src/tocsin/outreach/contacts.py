"""Whom to contact about a verdict: one line per person, with channel and language.

Pure rules; the escalation ladder and letters come with outreach proper.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tocsin.base.verdict import Verdict

AUDIENCE_OF_KIND: Mapping[str, str] = {
    "person": "patient",
    "clinician": "clinician",
    "clinic": "facility",
    "pharmacy": "facility",
    "payer": "facility",
    "distributor": "distributor",
}
UNREACHABLE = "none: repair the contact"


@dataclass(frozen=True)
class HolderVerdict:
    """The most urgent verdict of one holder, and the clinic that looks after it."""

    holder_id: str
    clinic_id: str | None
    verdict: Verdict


@dataclass(frozen=True)
class ContactLine:
    """One person or organisation to contact.

    Attributes:
        audience: which text they get.
        holder_id: whom it is about.
        addressee_id: to whom it goes (a guardian for a minor).
        why: the verdict, or for whom a clinic is told.
        channel: the first channel; see ``other_channels``.
        language: the holder's language, or empty if unknown.
        language_ready: whether the notice has that language.
    """

    audience: str
    holder_id: str
    addressee_id: str
    name: str
    why: str
    n_persons: int
    channel: str
    address: str
    other_channels: str
    country: str
    language: str
    language_ready: bool


Holder = Mapping[str, str | None]


def contact_lines(
    verdicts: Iterable[HolderVerdict], holders: Mapping[str, Holder], languages: Sequence[str]
) -> Iterator[ContactLine]:
    """Yield one line per holder, and per clinic and clinician of a concerned person.

    Sorted by audience and id.

    A holder who is not in the holders file still gets a line, with no channel: nobody is
    dropped because of missing contact data.
    """
    clinicians = _clinicians_by_clinic(holders)
    worst: dict[str, Verdict] = {}
    looked_after: dict[str, set[str]] = {}
    for each in verdicts:
        if worst.get(each.holder_id) is not Verdict.AFFECTED:
            worst[each.holder_id] = each.verdict
        clinic = each.clinic_id or holders.get(each.holder_id, {}).get("clinic_id")
        if clinic:
            looked_after.setdefault(clinic, set()).add(each.holder_id)
    lines = [
        _line(holder_id, str(verdict), 1, holders, languages)
        for holder_id, verdict in worst.items()
    ]
    lines += [
        _line(carer, "looks after persons concerned", len(persons), holders, languages)
        for clinic, persons in looked_after.items()
        for carer in (clinic, *clinicians.get(clinic, ()))
        if carer not in worst
    ]
    yield from sorted(lines, key=lambda line: (line.audience, line.holder_id))


def addressee_of(holder_id: str, represented_by: str | None) -> str:
    """Return whom to write to: the carer or guardian where there is one.

    >>> addressee_of("child", "mother"), addressee_of("grown-up", None)
    ('mother', 'grown-up')
    """
    return represented_by or holder_id


def _clinicians_by_clinic(holders: Mapping[str, Holder]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for holder_id, holder in holders.items():
        clinic = holder.get("clinic_id")
        if holder.get("kind") == "clinician" and clinic:
            found.setdefault(clinic, []).append(holder_id)
    return found


def _line(
    holder_id: str,
    why: str,
    n_persons: int,
    holders: Mapping[str, Holder],
    languages: Sequence[str],
) -> ContactLine:
    holder = holders.get(holder_id, {})
    addressee_id = addressee_of(holder_id, holder.get("represented_by"))
    addressee = holders.get(addressee_id, holder)
    channels = reachable_channels(addressee)
    language = addressee.get("language") or holder.get("language") or ""
    return ContactLine(
        audience=AUDIENCE_OF_KIND.get(holder.get("kind") or "person", "patient"),
        holder_id=holder_id,
        addressee_id=addressee_id,
        name=addressee.get("name") or "",
        why=why,
        n_persons=n_persons,
        channel=next(iter(channels), UNREACHABLE),
        address=next(iter(channels.values()), ""),
        other_channels=", ".join(list(channels)[1:]),
        country=addressee.get("country") or holder.get("country") or "",
        language=language,
        language_ready=language.partition("-")[0].lower() in languages,
    )


def reachable_channels(holder: Holder) -> dict[str, str]:
    """Return the channels by which a holder can be reached, quickest first, with the address.

    >>> list(reachable_channels({"phone": "555-0100", "email": "a@example.org"}))
    ['e-mail', 'telephone']
    """
    found = {
        "e-mail": holder.get("email"),
        "letter": holder.get("address_lines"),
        "telephone": holder.get("phone"),
    }
    return {channel: address for channel, address in found.items() if address}
