"""Whether nobody was lost and nothing was sent twice: four accounts of one release, compared.

Pure rules. The released manifest, the frozen list of recipients, the dispatches, and what the relay
tells must agree person by person, not only in their sums.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState, Standing, standing_of


@dataclass(frozen=True, slots=True)
class Listed:
    """A person on a list: of the manifest, or of the frozen recipients.

    Attributes:
        person: their id.
        letter: the letter version that they are to get; empty if there is none for them.
    """

    person: str
    letter: str


@dataclass(frozen=True, slots=True)
class DispatchFact:
    """What the database tells of a dispatch.

    Attributes:
        dispatch: its id.
        was_accepted: whether an attempt or evidence tells that it was accepted.
        message_id: of the mail; empty for other channels.
        replaces: the dispatch that it is a possible duplicate of, if a person chose so.
    """

    dispatch: int
    person: str
    letter: str
    channel: Channel
    purpose: str
    state: DispatchState
    was_accepted: bool
    message_id: str = ""
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """That two accounts do not agree.

    Attributes:
        code: which rule is broken; `FAULTS` tells it in words.
        subject: ``person:ID`` or ``dispatch:ID``; a Message-ID where nothing of ours is known.
    """

    code: str
    subject: str

    def __str__(self) -> str:
        return f"{self.subject}: {FAULTS[self.code]}"


FAULTS: Mapping[str, str] = {
    "not_frozen": "stands in the released manifest, but not on the frozen list",
    "not_released": "stands on the frozen list, but not in the released manifest",
    "other_letter": "is to get another letter than was released",
    "listed_twice": "stands twice on a list",
    "forgotten": "is to be told, has no dispatch, and nobody repairs the contact",
    "stray": "a dispatch for somebody who is not on the frozen list",
    "twice": "a second dispatch of one letter for one purpose through one channel",
    "unproven": "counts as accepted, but no answer and no evidence tells so",
    "unrecorded": "was accepted, but still waits or counts as never sent",
    "sent_unrecorded": "the relay has accepted it, but it counts as not sent",
    "sent_twice": "the relay has accepted it more than once",
    "not_at_relay": "counts as accepted, but the relay knows nothing of it",
    "not_ours": "the relay has a mail of ours that no dispatch tells of",
}
_MAYBE_SENT = {DispatchState.UNKNOWN, DispatchState.HANDING_OVER, DispatchState.SET_ASIDE}


def find_faults(
    manifest: Iterable[Listed],
    frozen: Iterable[Listed],
    dispatches: Iterable[DispatchFact],
    in_repair: Collection[str],
) -> list[Fault]:
    """Return what does not agree between a manifest, a frozen list and the dispatches.

    Args:
        manifest: who was signed to get which letter.
        frozen: the frozen recipients.
        dispatches: of this release.
        in_repair: persons with an open or closed task to repair their contact.

    >>> find_faults([Listed("p", "l")], [Listed("p", "l")], [], [])[0].code
    'forgotten'
    """
    rows = list(dispatches)
    signed, faults = _index(manifest)
    listed, more = _index(frozen)
    faults += more
    faults += _compare(signed, listed)
    faults += _compare_dispatches(listed, rows, in_repair)
    return faults


def find_relay_faults(
    dispatches: Iterable[DispatchFact], n_accepted: Mapping[str, int], *, is_complete: bool
) -> list[Fault]:
    """Return what does not agree between the dispatches by mail and a relay's log.

    Args:
        dispatches: all that the log may speak of.
        n_accepted: how often the relay has accepted each Message-ID of ours.
        is_complete: whether the log speaks of all of them, so that what is missing is missing.
    """
    faults = []
    known = {row.message_id: row for row in dispatches if row.message_id}
    for message_id, n in n_accepted.items():
        row = known.get(message_id)
        if row is None:
            faults.append(Fault("not_ours", message_id))
            continue
        if n > 1:
            faults.append(Fault("sent_twice", f"dispatch:{row.dispatch}"))
        if n and not row.was_accepted and row.state not in _MAYBE_SENT:
            faults.append(Fault("sent_unrecorded", f"dispatch:{row.dispatch}"))
    if is_complete:
        faults += [
            Fault("not_at_relay", f"dispatch:{row.dispatch}")
            for row in known.values()
            if row.was_accepted and not n_accepted.get(row.message_id)
        ]
    return faults


def _index(rows: Iterable[Listed]) -> tuple[dict[str, str], list[Fault]]:
    found: dict[str, str] = {}
    faults = []
    for row in rows:
        if row.person in found:
            faults.append(Fault("listed_twice", f"person:{row.person}"))
        found[row.person] = row.letter
    return found, faults


def _compare(signed: Mapping[str, str], listed: Mapping[str, str]) -> Iterator[Fault]:
    for person in signed.keys() | listed.keys():
        subject = f"person:{person}"
        if person not in listed:
            yield Fault("not_frozen", subject)
        elif person not in signed:
            yield Fault("not_released", subject)
        elif signed[person] != listed[person]:
            yield Fault("other_letter", subject)


def _compare_dispatches(
    listed: Mapping[str, str], rows: Iterable[DispatchFact], in_repair: Collection[str]
) -> Iterator[Fault]:
    of_person: dict[str, list[DispatchFact]] = defaultdict(list)
    ways: Counter[tuple[str, str, Channel, str]] = Counter()
    for row in rows:
        subject = f"dispatch:{row.dispatch}"
        of_person[row.person].append(row)
        ways[row.person, row.letter, row.channel, row.purpose] += 1
        if ways[row.person, row.letter, row.channel, row.purpose] > 1:
            yield Fault("twice", subject)
        if row.person not in listed:
            yield Fault("stray", subject)
        elif row.letter != listed[row.person]:
            yield Fault("other_letter", subject)
        yield from _state_faults(row, subject)
    for person in listed:
        if person not in of_person and person not in in_repair:
            yield Fault("forgotten", f"person:{person}")


def _state_faults(row: DispatchFact, subject: str) -> Iterator[Fault]:
    told = row.state in {DispatchState.ACCEPTED, DispatchState.BOUNCED}
    if told and row.channel is Channel.EMAIL and not row.was_accepted:
        yield Fault("unproven", subject)
    if row.was_accepted and row.state in {
        DispatchState.BEING_MADE,
        DispatchState.QUEUED,
        DispatchState.CLAIMED,
        DispatchState.EXPIRED,
        DispatchState.WITHDRAWN,
    }:
        yield Fault("unrecorded", subject)


def is_settled(states: Iterable[DispatchState], *, was_sought: bool = False) -> bool:
    """Whether a person with dispatches in these states needs nothing more before an action ends.

    Nothing may wait or be in doubt, and one of them must have told the person; or somebody has
    looked for the person and said with what outcome.

    >>> is_settled([DispatchState.BOUNCED, DispatchState.POSTED]), is_settled([])
    (True, False)
    """
    standings = {standing_of(state) for state in states}
    is_told = Standing.TOLD in standings or was_sought
    return is_told and not standings & {Standing.WAITING, Standing.DOUBT}
