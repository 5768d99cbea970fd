"""One contact per person in an action, however many linked notices concern them.

Pure rules. A person is contacted once, about the most urgent verdict of any notice and device;
persons that somebody has confirmed to be one count once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tocsin.base.truth import Truth
from tocsin.base.verdict import Verdict, verdict_of


@dataclass(frozen=True, slots=True)
class Concern:
    """That a notice concerns a device of a holder.

    Attributes:
        holder: who has it; empty if nobody is known.
        notice: the notice's name.
        device: the device, as ``registry/device_id``.
        truth: TRUE or UNKNOWN.
    """

    holder: str
    notice: str
    device: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class ActionContact:
    """One person or organisation to contact in an action.

    Attributes:
        person: who is contacted: the one that all linked persons stand for.
        verdict: the most urgent verdict over all notices and devices.
        notices: what each notice says, the most urgent first.
        n_devices: devices that are affected or cannot be told.
    """

    person: str
    verdict: Verdict
    notices: tuple[tuple[str, Verdict], ...]
    n_devices: int


def contacts_of_action(
    concerns: Iterable[Concern], same_person: Mapping[str, str]
) -> list[ActionContact]:
    """Return one contact per person, the most urgent first, then by id.

    Devices without a holder have nobody to contact; they are not in the list, and
    `concerns_without_holder` gives them.

    Args:
        concerns: what every notice says about every device.
        same_person: holder -> who stands for them; a holder who is missing stands alone.

    >>> affected = Concern("b", "N1", "1/D1", Truth.TRUE)
    >>> perhaps = Concern("a", "N2", "1/D2", Truth.UNKNOWN)
    >>> contacts_of_action([affected, perhaps], {"b": "a"})[0].verdict.value
    'affected'
    """
    truths: dict[str, dict[str, Truth]] = {}
    devices: dict[str, set[str]] = {}
    for concern in concerns:
        if not concern.holder:
            continue
        person = same_person.get(concern.holder, concern.holder)
        of_person = truths.setdefault(person, {})
        of_person[concern.notice] = max(concern.truth, of_person.get(concern.notice, Truth.FALSE))
        devices.setdefault(person, set()).add(concern.device)
    ordered = sorted(truths.items(), key=lambda item: (-max(item[1].values()), item[0]))
    return [
        ActionContact(
            person,
            verdict_of(max(by_notice.values())),
            tuple(
                (notice, verdict_of(truth))
                for notice, truth in sorted(by_notice.items(), key=lambda item: (-item[1], item[0]))
            ),
            len(devices[person]),
        )
        for person, by_notice in ordered
    ]


def concerns_without_holder(concerns: Iterable[Concern]) -> list[Concern]:
    """Return what concerns devices that nobody is known to hold: somebody must find out."""
    return [concern for concern in concerns if not concern.holder]
