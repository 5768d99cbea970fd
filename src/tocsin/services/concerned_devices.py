"""The devices of a recipient that the released scope speaks of, as their lists have them now."""

from collections.abc import Iterator

from tocsin.store.models import DeviceRecord, Holder, Recipient, Verdict
from tocsin.store.run_rows import linked_groups


def concerned_records(recipient: Recipient) -> Iterator[tuple[DeviceRecord, list[Verdict]]]:
    """Yield each record of a recipient's devices with its verdicts of the released run.

    Persons who were linked as one have their devices together. What a later list no longer has is
    left out.
    """
    person = str(recipient.person_id)
    persons = linked_groups().get(person, (person,))
    held = Holder.objects.filter(person_id__in=persons).values_list("registry_id", "holder_id")
    run = recipient.release.scope_release.run
    by_device: dict[tuple[int, str], list[Verdict]] = {}
    for registry_id, holder_id in held:
        found = Verdict.objects.filter(run=run, registry_id=registry_id, holder_id=holder_id)
        for row in found.order_by("pk"):
            by_device.setdefault((row.registry_id, row.device_id), []).append(row)
    for (registry_id, device_id), rows in sorted(by_device.items()):
        record = (
            DeviceRecord.objects.select_related("registry")
            .filter(registry_id=registry_id, device_id=device_id, until_revision=None)
            .first()
        )
        if record is not None:
            yield record, rows
