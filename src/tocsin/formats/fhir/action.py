"""All that an action writes about its holders: flags, planned letters, requests for supplies."""

from collections.abc import Iterable, Iterator

from tocsin.base.verdict import Verdict
from tocsin.formats.fhir.communication import write_communication_request
from tocsin.formats.fhir.flag import write_flag
from tocsin.formats.fhir.supply_request import replacing_remedy, write_supply_request
from tocsin.formats.fhir.written import Concerned, Resource, WrittenRelease
from tocsin.notice.model import Notice


def write_action(
    notice: Notice, holders: Iterable[Concerned], release: WrittenRelease
) -> Iterator[Resource]:
    """Yield the resources of an action, holder by holder.

    Every holder gets a planned letter, also where it cannot be told; a flag only who surely has
    an affected device and is a patient, a request for supplies only for an affected device.
    """
    remedy = replacing_remedy(notice)
    for concerned in holders:
        yield write_communication_request(notice, concerned, release)
        if concerned.verdict is Verdict.AFFECTED:
            if concerned.is_person:
                yield write_flag(notice, concerned)
            if remedy:
                yield write_supply_request(notice, remedy, concerned, release)
