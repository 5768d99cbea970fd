"""Sample calls of what is done with the audit trail."""

from tests.services.sample_calls import OF_ACME, Call, World, sample
from tocsin.services import anchoring, auditing, organisations, trail_review
from tocsin.store.audit.listing import Wanted
from tocsin.store.audit.verification import Verification
from tocsin.store.models import AuditRow
from tocsin.store.roles import Role

FOUND = Verification(7, 1, None, 6, 0, 1, ("Row 3 is filed under another event.",))


def end_a_role(world: World) -> int:
    """Return the number of a row of acme's whose reason names it."""
    organisations.give_role(world.console, world.anna, Role.OPERATOR)
    organisations.end_role(world.console, world.anna, Role.OPERATOR, OF_ACME)
    last = AuditRow.objects.filter(organisation_id=world.acme).order_by("-seq").first()
    assert last is not None
    return last.seq


@sample
def page_trail(world: World) -> Call:
    end_a_role(world)
    return Call(trail_review.page_trail, Wanted(limit=10))


@sample
def name_actors(_: World) -> Call:
    return Call(trail_review.name_actors)


@sample
def read_trail_state(world: World) -> Call:
    row = end_a_role(world)
    trail_review.review_trail(world.having(Role.AUDITOR), row, f"all well at {OF_ACME}")
    return Call(trail_review.read_trail_state)


@sample
def review_trail(world: World) -> Call:
    return Call(trail_review.review_trail, end_a_role(world), "nothing unusual")


@sample
def queue_verification(_: World) -> Call:
    return Call(trail_review.queue_verification)


@sample
def note_verification(_: World) -> Call:
    return Call(trail_review.note_verification, FOUND)


@sample
def begin_own_trail_export(_: World) -> Call:
    return Call(trail_review.begin_own_trail_export)


@sample
def note_cut_anchor(world: World) -> Call:
    return Call(anchoring.note_cut_anchor, 17, "0" * 64, by=world.installation(None))


@sample
def read_trail_end(_: World) -> Call:
    return Call(auditing.read_trail_end)


@sample
def list_trail(world: World) -> Call:
    end_a_role(world)
    return Call(auditing.list_trail, Wanted())


@sample
def begin_trail_export(world: World) -> Call:
    return Call(auditing.begin_trail_export, by=world.installation(None))
