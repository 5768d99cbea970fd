"""The steps of an import of holders: persons added or changed, and who represents whom."""

from collections.abc import Sequence

from django.db.models import F

from tocsin.registry.holder_record import HolderRecord
from tocsin.services.list_imports import find_import
from tocsin.services.work import Work, service
from tocsin.store.models import ListImport
from tocsin.store.sealed_persons import SealedPersons, link_representatives


@service
def keep_holders(
    work: Work, import_id: int, records: Sequence[HolderRecord], columns: Sequence[str]
) -> None:
    """Keep a batch of holders. Right: the worker. Leaves holders_kept.

    What the file has no column for stays as it was.

    The trail tells which persons were changed, never what. Somebody who was erased does not
    come back: they count as set aside, and are listed with the import.
    """
    listed = find_import(import_id)
    kept = SealedPersons().keep(listed.registry_id, records, columns)
    if not (kept.added or kept.changed or kept.erased):
        work.leave_unchanged()
        return
    counts = ListImport.objects.filter(pk=import_id)
    counts.update(
        n_new=F("n_new") + len(kept.added),
        n_changed=F("n_changed") + len(kept.changed),
        n_accepted=F("n_accepted") - len(kept.erased),
        n_rejected=F("n_rejected") + len(kept.erased),
    )
    if kept.erased:
        options = {**listed.options, "erased": [*listed.options.get("erased", ()), *kept.erased]}
        counts.update(options=options)
    work.record(
        "holders_kept",
        f"import:{import_id}",
        new={
            "registry": listed.registry_id,
            "n_added": len(kept.added),
            "changed": [str(person) for person in kept.changed],
            "n_erased": len(kept.erased),
        },
    )


@service
def keep_representatives(work: Work, import_id: int, records: Sequence[HolderRecord]) -> None:
    """Note who represents whom in a batch. Right: the worker. Leaves representatives_kept.

    The trail tells by ids for whom somebody else is written to from now on.
    """
    listed = find_import(import_id)
    told = {record.holder_id: record.represented_by for record in records}
    changed, unknown = link_representatives(listed.registry_id, told)
    if not changed and not unknown:
        work.leave_unchanged()
        return
    if unknown:
        names = [*listed.options.get("unrepresented", ()), *unknown]
        ListImport.objects.filter(pk=import_id).update(
            options={**listed.options, "unrepresented": names}
        )
    work.record(
        "representatives_kept",
        f"import:{import_id}",
        new={
            "registry": listed.registry_id,
            "representatives": {
                str(person): str(other) if other else None for person, other in changed.items()
            },
            "n_unknown": len(unknown),
        },
    )
