"""Example data beside an empty installation: an organisation of its own, invented people, a job.

What it has is an exercise: nothing of it leaves the house, and the public never sees it. Who asks
for it gets roles there, under their own log-in; no user with a known password is made.
"""

from dataclasses import replace

from tocsin.services.organisations import create_organisation, give_role
from tocsin.services.work import CONSOLE, Caller, Work, service
from tocsin.store.home import find_home
from tocsin.store.jobs import queue_job
from tocsin.store.models import Organisation, Registry
from tocsin.store.roles import Role

ADD_EXAMPLE = "add_example"
"""The kind of job."""
SLUG, NAME = "example", "Example (invented data)"
ROLES = (Role.ADMINISTRATOR, Role.AUTHOR, Role.OPERATOR, Role.AUDITOR)
_WANTED = "example.wanted"


def may_have_example() -> bool:
    """Whether the installation is empty: there is no registry, and no organisation of the name."""
    return not (Registry.everywhere.exists() or Organisation.objects.filter(slug=SLUG).exists())


def want_example(*, wanted: bool) -> None:
    """Keep for the first administrator whether the console has asked for example data."""
    path = find_home().folder / _WANTED
    if wanted:
        path.touch(mode=0o600)
    else:
        path.unlink(missing_ok=True)


def is_example_wanted() -> bool:
    """Whether the console has asked for it."""
    return (find_home().folder / _WANTED).exists()


@service
def add_example(work: Work) -> int:
    """Make the organisation of the example with the caller in it; return the job that fills it.

    Right: administrator. Leaves example_added, and what its parts leave.

    Raises:
        NameTaken: if it is there already.
    """
    console = Caller(CONSOLE, None, frozenset(), work.now)
    here = create_organisation(console, SLUG, NAME)
    for role in ROLES:
        give_role(replace(console, organisation_id=here), work.user_id, role)
    job = queue_job(ADD_EXAMPLE, {"user_id": work.user_id}, work.now, here)
    work.record("example_added", f"job:{job.pk}", new={"organisation": here})
    want_example(wanted=False)
    return job.pk
