"""All devices of one person: the pump, and the parts around it that a notice may speak of."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict as Answer
from tocsin.base.verdict import verdict_of
from tocsin.identify.part_kind import PUMP, part_kind
from tocsin.identify.shown_model import shown_model
from tocsin.registry.schema import PRODUCT_COLUMNS
from tocsin.services.action_work import find_action
from tocsin.services.work import Work, service
from tocsin.store.models import Action, DeviceRecord, Holder, MatchRun, Verdict
from tocsin.store.run_rows import find_run, linked_groups, records_at

MOST = 200


@dataclass(frozen=True)
class HeldDevice:
    """A device of a person.

    Attributes:
        part: what it is, such as ``pump`` or ``remote controller``; empty if nothing says so.
        name: the product's name as the registry has it.
        verdict: of the action's last match, the most urgent of all notices.
    """

    registry: str
    device_id: str
    part: str
    name: str
    model: str
    quantity: str
    verdict: str


@service
def list_held_devices(
    work: Work,  # noqa: ARG001 - asks for rights only
    action_id: int,
    registry: str,
    holder_id: str,
) -> Sequence[HeldDevice]:
    """Return what a holder has now in all registries of an action, pumps first.

    Who is confirmed to be the same person in another list counts with them. At most `MOST`. Right:
    author, reviewer, releaser, operator, auditor.

    Raises:
        ActionUnknown: if there is no such action.
        NoMatchYet: if it was never matched.
    """
    action = find_action(action_id)
    run = find_run(action.pk)
    lists = {
        link.registry_id: link.registry for link in action.registries.select_related("registry")
    }
    found: list[HeldDevice] = []
    for registry_id, holder in _same_holders(action, registry, holder_id):
        if registry_id not in lists:
            continue
        rows = records_at(registry_id, lists[registry_id].revision).filter(holder_id=holder)
        devices = list(rows.order_by("device_id")[:MOST])
        verdicts = _verdicts(run, registry_id, [row.device_id for row in devices])
        found += [_held(lists[registry_id].name, row, verdicts) for row in devices]
    return sorted(found, key=lambda each: (each.part != PUMP, not each.part, each.part))[:MOST]


def _same_holders(action: Action, registry: str, holder_id: str) -> list[tuple[int, str]]:
    """Return registry and holder id of everybody who is the same person, the asked one first."""
    link = action.registries.filter(registry__name=registry).first()
    if link is None or not holder_id:
        return []
    own = (link.registry_id, holder_id)
    held = Holder.objects.filter(registry_id=link.registry_id, holder_id=holder_id).first()
    if held is None:
        return [own]
    group = linked_groups().get(str(held.person_id), (str(held.person_id),))
    others = Holder.objects.filter(person_id__in=group).values_list("registry_id", "holder_id")
    return [own, *(each for each in others if each != own)]


def _verdicts(run: MatchRun, registry_id: int, device_ids: Sequence[str]) -> dict[str, Truth]:
    found: dict[str, Truth] = {}
    rows = Verdict.objects.filter(run=run, device_id__in=device_ids, registry_id=registry_id)
    for device_id, truth in rows.values_list("device_id", "truth"):
        found[device_id] = max(Truth(truth), found.get(device_id, Truth.FALSE))
    return found


def _held(registry: str, row: DeviceRecord, verdicts: dict[str, Truth]) -> HeldDevice:
    texts = {name: getattr(row, name) for name in PRODUCT_COLUMNS}
    truth = verdicts.get(row.device_id)
    return HeldDevice(
        registry,
        row.device_id,
        part_kind(texts),
        row.product,
        shown_model(texts),
        row.quantity,
        str(verdict_of(truth) if truth is not None else Answer.NOT_AFFECTED),
    )
