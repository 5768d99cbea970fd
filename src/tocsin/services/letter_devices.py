"""What persons have, and what is known of it now: a match, and what answers have changed since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict as Answer
from tocsin.base.verdict import verdict_of
from tocsin.outreach.recipients import Why
from tocsin.store.models import (
    DeviceRecord,
    Holder,
    MatchRun,
    PassedOn,
    Recipient,
    TriageAnswer,
    Verdict,
)
from tocsin.store.run_rows import linked_groups

MOST_IN_A_MAIL = 20
N_SERIAL_END = 3
_AT_ONCE = 400
_URGENCY = {Answer.NOT_AFFECTED: 0, Answer.CANNOT_TELL: 1, Answer.AFFECTED: 2}
Key = tuple[int, str]


@dataclass(frozen=True)
class HeldDevice:
    """A device that somebody has now.

    Attributes:
        record: its record, as the list says it now.
        rows: what the run says of it, a row per notice; empty if it is not affected.
        verdict: the most urgent one of all notices, after what answers have changed since.
    """

    record: DeviceRecord
    rows: Sequence[Verdict]
    verdict: Answer


def worst_of(verdicts: Iterable[Answer]) -> Answer:
    """Return the most urgent of some verdicts.

    >>> worst_of([Answer.NOT_AFFECTED, Answer.CANNOT_TELL]).value, worst_of([]).value
    ('cannot_tell', 'not_affected')
    """
    return max(verdicts, key=_URGENCY.__getitem__, default=Answer.NOT_AFFECTED)


def held_devices(run: MatchRun, persons: Collection[UUID]) -> dict[UUID, list[HeldDevice]]:
    """Return what persons have in the lists that a run judged; linked persons are one.

    What somebody was given, and no list tells yet, they have as well.

    Args:
        run: the match.
        persons: whose devices; of a group of linked ones, any.

    Returns:
        Person -> devices in the order of list and id; who has none is missing.
    """
    person_of = _holders_of(persons)
    judged = dict(run.registries.values_list("registry_id", "revision"))
    owned = [
        (record, person_of[registry_id, record.holder_id])
        for registry_id in judged
        for some in _batches(holder for list_, holder in person_of if list_ == registry_id)
        for record in DeviceRecord.objects.select_related("registry").filter(
            registry_id=registry_id, holder_id__in=some, until_revision=None
        )
    ]
    there = {(record.pk, person) for record, person in owned}
    owned += [each for each in _given(run, persons) if (each[0].pk, each[1]) not in there]
    records = [record for record, _ in owned]
    keys = {(record.registry_id, record.device_id) for record in records}
    rows, answered = _verdict_rows(run, keys), _answered_since(run, judged, keys)
    found: dict[UUID, list[HeldDevice]] = defaultdict(list)
    for record, person in sorted(owned, key=lambda each: (each[0].registry_id, each[0].device_id)):
        key = (record.registry_id, record.device_id)
        told = rows.get(key, [])
        verdict = answered.get(key) or worst_of(verdict_of(Truth(row.truth)) for row in told)
        found[person].append(HeldDevice(record, told, verdict))
    return dict(found)


def concerned_records(
    run: MatchRun, recipients: Sequence[Recipient]
) -> dict[int, list[DeviceRecord]]:
    """Return the devices that letters tell of, by recipient.

    A letter that something is not concerned any more tells of everything that the person has; any
    other of what is affected or cannot be told.
    """
    holders = {each.person_id for each in recipients if each.why != Why.LOOKS_AFTER}
    held = held_devices(run, holders)
    found: dict[int, list[DeviceRecord]] = {}
    for each in recipients:
        is_over = each.verdict in {"", str(Answer.NOT_AFFECTED)}
        found[each.pk] = [
            device.record
            for device in held.get(each.person_id, ())
            if is_over or device.verdict is not Answer.NOT_AFFECTED
        ]
    return found


def letter_devices(
    run: MatchRun, recipients: Sequence[Recipient]
) -> dict[int, list[dict[str, str]]]:
    """Return the devices that letters tell of, as the texts of a mail, by recipient.

    A mail travels in clear: of a serial number it shows the end only. At most `MOST_IN_A_MAIL` of
    each.
    """
    return {
        recipient: [_texts(record) for record in records[:MOST_IN_A_MAIL]]
        for recipient, records in concerned_records(run, recipients).items()
        if records
    }


def _texts(record: DeviceRecord) -> dict[str, str]:
    end = record.serial[-N_SERIAL_END:]
    return {
        "product": record.product or record.manufacturer,
        "model": record.model,
        "serial": f"...{end}" if len(record.serial) > len(end) else end,
        "lot": record.lot,
        "software": record.software_version,
        "quantity": record.quantity,
    }


def _given(run: MatchRun, persons: Collection[UUID]) -> Iterator[tuple[DeviceRecord, UUID]]:
    """Yield what persons were given, as an answer to the run's action tells, and who has it."""
    rows = PassedOn.objects.filter(action_id=run.action_id, recipient__isnull=False)
    if not rows.exists():
        return
    for some in _batches(persons):
        for registry_id, device_id, person in rows.filter(recipient__person__in=some).values_list(
            "registry_id", "device_id", "recipient__person_id"
        ):
            found = DeviceRecord.objects.select_related("registry").filter(
                registry_id=registry_id, device_id=device_id, until_revision=None
            )
            yield from ((record, person) for record in found)


def _holders_of(persons: Collection[UUID]) -> dict[Key, UUID]:
    """Return the holders that stand for persons, in whatever list."""
    groups = linked_groups()
    member_of = {
        UUID(member): person
        for person in persons
        for member in groups.get(str(person), (str(person),))
    }
    return {
        (registry_id, holder): member_of[person]
        for some in _batches(member_of)
        for registry_id, holder, person in Holder.objects.filter(person_id__in=some).values_list(
            "registry_id", "holder_id", "person_id"
        )
    }


def _verdict_rows(run: MatchRun, keys: Collection[Key]) -> Mapping[Key, list[Verdict]]:
    found: dict[Key, list[Verdict]] = defaultdict(list)
    for some in _batches({device for _, device in keys}):
        for row in Verdict.objects.filter(run=run, device_id__in=some).order_by("pk"):
            found[row.registry_id, row.device_id].append(row)
    return found


def _answered_since(
    run: MatchRun, judged: Mapping[int, int], keys: Collection[Key]
) -> Mapping[Key, Answer]:
    """Return what answers to the run's action have made of devices since the run."""
    found: dict[Key, Answer] = {}
    answers = TriageAnswer.objects.filter(action_id=run.action_id)
    if not answers.exists():
        return found
    for some in _batches({device for _, device in keys}):
        for row in answers.filter(device_id__in=some).order_by("pk"):
            if row.registry_revision > judged.get(row.registry_id, 0):
                told: list[dict[str, Any]] = row.verdicts
                now = worst_of(Answer(each["now"]) for each in told)
                found[row.registry_id, row.device_id] = now
    return found


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(items)
    while some := list(islice(left, _AT_ONCE)):
        yield some
