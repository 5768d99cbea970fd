"""What a match tells an electronic health record: planned letters, flags, requests for supplies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.base.errors import OutputRefused
from tocsin.base.verdict import Verdict
from tocsin.formats.database_address import DatabaseTable
from tocsin.formats.fhir.action import write_action
from tocsin.formats.fhir.transaction import write_ndjson, write_transaction
from tocsin.formats.fhir.written import Concerned, Resource, WrittenRelease
from tocsin.formats.whole_file import write_text_whole
from tocsin.services.matching import MatchRun, find_contacts, holders_of

if TYPE_CHECKING:
    from tocsin.outreach.contacts import ContactLine

FHIR_SUFFIXES = (".json", ".ndjson")


def check_fhir_output(path: Path) -> None:
    """Check that FHIR can be written where it is asked for."""
    if path.suffix.lower() not in FHIR_SUFFIXES:
        raise OutputRefused(
            f"The FHIR output {path} must end in .json (a transaction Bundle) or .ndjson; nothing "
            "was written."
        )
    if not path.parent.is_dir():
        raise OutputRefused(f"The folder {path.parent} does not exist; nothing was written.")


def write_fhir(
    run: MatchRun,
    registry: Path | DatabaseTable,
    holders: Path | None,
    path: Path,
    release: WrittenRelease,
) -> int:
    """Write what a match asks of a health record, all as drafts; return the number of resources.

    The file is whole or not there. Records without a holder give nothing: nobody is named.
    """
    resources = list(_resources(run, registry, holders, release))
    if path.suffix.lower() == ".ndjson":
        text = write_ndjson(resources)
    else:
        text = json.dumps(write_transaction(resources), ensure_ascii=False, indent=1) + "\n"
    write_text_whole(path, text)
    return len(resources)


def _resources(
    run: MatchRun, registry: Path | DatabaseTable, holders: Path | None, release: WrittenRelease
) -> Iterator[Resource]:
    for number, notice in enumerate(run.matched.notices):
        lines: dict[str, ContactLine] = {}
        if holders:
            lines = {line.holder_id: line for line in find_contacts(run, number, holders)}
        concerned = _concerned(run, number, lines, from_fhir=holders_of(registry, None) is not None)
        yield from write_action(notice, concerned, release)


def _concerned(
    run: MatchRun, notice_no: int, lines: "dict[str, ContactLine]", *, from_fhir: bool
) -> Iterator[Concerned]:
    """Yield the holders of affected and open records, by their ids."""
    from tocsin.compute.verdict_table import output_relation  # noqa: PLC0415

    table = output_relation(run.matched)
    if "holder_id" not in table.columns:
        return
    notice = run.matched.notices[notice_no]
    table = table.filter(
        table.notice_id == notice.notice,
        table.revision == str(notice.revision),
        table.holder_id.notnull(),
    )
    found: dict[str, dict[Verdict, list[str]]] = {}
    for holder, device, verdict in run.matched.duck.rows(
        table.select("holder_id", "device_id", "verdict")
    ):
        found.setdefault(holder, {}).setdefault(Verdict(verdict), []).append(device)
    for holder, devices in sorted(found.items()):
        verdict = next((v for v in (Verdict.AFFECTED, Verdict.CANNOT_TELL) if v in devices), None)
        if verdict is None:
            continue
        line = lines.get(holder)
        yield Concerned(
            holder_id=holder,
            is_person=_is_person(holder, line, from_fhir=from_fhir),
            verdict=verdict,
            devices=devices[verdict],
            addressee_id=line.addressee_id if line else holder,
            channel=line.channel if line else "",
            from_fhir=from_fhir,
        )


def _is_person(holder: str, line: "ContactLine | None", *, from_fhir: bool) -> bool:
    if from_fhir:
        return "Patient/" in holder or "Patient?" in holder
    return line is None or line.audience == "patient"
