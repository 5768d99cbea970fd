"""Sample calls of the services of registries, their imports, and jobs."""

from tests.services.sample_calls import NOW, OF_ACME, PRIVATE, Call, World, sample
from tocsin.compute.staged_import import StagedImport
from tocsin.services import import_steps, import_views, jobs, registry_views
from tocsin.services import list_imports as imports
from tocsin.services.import_files import REJECTED, KeptSource, work_folder, write_private
from tocsin.store.jobs import queue_job
from tocsin.store.models import ImportState, Job, JobState, ListImport
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

LIST = f"{OF_ACME} list"
SOURCE = KeptSource("import-0", f"{PRIVATE}.csv", "0" * 64)
STAGED = StagedImport(
    mark="0",
    keys_made_by="nobody",
    n_read=3,
    n_accepted=2,
    n_rejected=1,
    n_findings=1,
    n_current=4,
    n_new=1,
    n_changed=1,
    n_vanished=2,
)


def begin(
    world: World, kind: str = "records", state: ImportState | None = None, *, into: str = LIST
) -> ListImport:
    """Begin an import into a new registry; no file is behind it."""
    operator = world.having(Role.OPERATOR)
    imports.add_registry(operator, into)
    begun = imports.begin_import(operator, into, kind, SOURCE, {})
    if state is not None:
        with acting_for(world.acme):
            ListImport.objects.filter(pk=begun.pk).update(state=state, n_vanished=2)
    return begun


@sample
def add_registry(_: World) -> Call:
    return Call(imports.add_registry, LIST)


@sample
def list_registries(world: World) -> Call:
    imports.add_registry(world.having(Role.OPERATOR), LIST)
    return Call(imports.list_registries)


@sample
def list_registry_lines(world: World) -> Call:
    imports.add_registry(world.having(Role.OPERATOR), LIST)
    return Call(registry_views.list_registry_lines)


@sample
def read_registry(world: World) -> Call:
    made = imports.add_registry(world.having(Role.OPERATOR), LIST)
    return Call(registry_views.read_registry, made)


@sample
def begin_import(world: World) -> Call:
    imports.add_registry(world.having(Role.OPERATOR), LIST)
    options = {"complete": True, "agreed": True, "reason": "a ward was closed"}
    return Call(imports.begin_import, LIST, "records", SOURCE, options)


@sample
def list_imports(world: World) -> Call:
    begin(world)
    return Call(imports.list_imports)


@sample
def read_import(world: World) -> Call:
    return Call(import_views.read_import, begin(world).pk)


@sample
def map_import(world: World) -> Call:
    waiting = begin(world, state=ImportState.MAPPING)
    return Call(imports.map_import, waiting.pk, {"columns": {"Pump": "model"}})


@sample
def access_set_aside(world: World) -> Call:
    begun = begin(world)
    folder = work_folder(world.acme, SOURCE.folder)
    write_private(folder / REJECTED, f"line,column,value,reason\n2,email,{PRIVATE},none\n")
    return Call(import_views.access_set_aside, begun.pk, REJECTED)


@sample
def settle_inspection(world: World) -> Call:
    return Call(import_steps.settle_inspection, begin(world).pk, 7, 3)


@sample
def agree_to_import(world: World) -> Call:
    waiting = begin(world, state=ImportState.WAITING)
    return Call(imports.agree_to_import, waiting.pk, "a ward was closed")


@sample
def resume_import(world: World) -> Call:
    begun = begin(world)
    Job.objects.filter(pk=begun.job_id).update(state=JobState.FAILED)
    return Call(imports.resume_import, begun.pk)


@sample
def undo_import(world: World) -> Call:
    return Call(imports.undo_import, begin(world).pk, "the wrong file")


@sample
def settle_import(world: World) -> Call:
    return Call(import_steps.settle_import, begin(world).pk, STAGED)


@sample
def settle_holders(world: World) -> Call:
    counted = import_steps.CountedHolders(3, 1, 1, 1, ("holder_id",))
    return Call(import_steps.settle_holders, begin(world, "holders").pk, counted)


@sample
def refuse_import(world: World) -> Call:
    return Call(import_steps.refuse_import, begin(world).pk)


@sample
def complete_import(world: World) -> Call:
    begun = begin(world)
    import_steps.settle_import(world.console, begun.pk, STAGED)
    return Call(import_steps.complete_import, begun.pk)


@sample
def end_undone_import(world: World) -> Call:
    begun = begin(world)
    import_steps.settle_import(world.console, begun.pk, STAGED)
    imports.undo_import(world.having(Role.OPERATOR), begun.pk, "the wrong file")
    return Call(import_steps.end_undone_import, begun.pk)


# --- jobs -----------------------------------------------------------------------------


def queue(world: World, state: JobState = JobState.QUEUED) -> int:
    """Queue a job that nothing knows how to do."""
    job = queue_job("a trial", {}, NOW, world.acme)
    Job.objects.filter(pk=job.pk).update(state=state, problem=f"{OF_ACME} is full")
    return job.pk


@sample
def list_jobs(world: World) -> Call:
    queue(world)
    return Call(jobs.list_jobs)


@sample
def read_job(world: World) -> Call:
    return Call(jobs.read_job, queue(world, JobState.FAILED))


@sample
def cancel_job(world: World) -> Call:
    return Call(jobs.cancel_job, queue(world, JobState.CLAIMED), "the wrong list")


@sample
def retry_job(world: World) -> Call:
    return Call(jobs.retry_job, queue(world, JobState.FAILED))
