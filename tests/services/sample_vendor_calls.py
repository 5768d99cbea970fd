"""Sample calls of the services about vendors of text messages and letters."""

from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

from tests.services.sample_calls import NOW, OF_ACME, PRIVATE, Call, World, sample, stage
from tests.services.sample_dispatch_calls import as_mail, run_action
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services import letter_making, vendor_receipts, vendors
from tocsin.services.work import WORKER
from tocsin.store.models import Dispatch
from tocsin.store.tenancy import acting_for

PLAN = vendors.VendorPlan(OF_ACME, "file_drop", str(Path(gettempdir()).resolve()), "Acme")


@sample
def add_vendor(world: World) -> Call:
    return Call(vendors.add_vendor, PLAN, by=world.console)


@sample
def end_vendor(world: World) -> Call:
    return Call(vendors.end_vendor, vendors.add_vendor(world.console, PLAN), by=world.console)


@sample
def list_vendors(world: World) -> Call:
    vendors.add_vendor(world.console, PLAN)
    return Call(vendors.list_vendors)


@stage
def letters_to_make(world: World) -> int:
    """Run an action whose one letter is to leave by a vendor, and return its id."""
    vendors.add_vendor(world.console, replace(PLAN, channel=Channel.LETTER))
    return run_action(world)


@sample
def order_letters(world: World) -> Call:
    action = letters_to_make(world)
    worker = world.installation(world.acme, WORKER)
    return Call(letter_making.order_letters, action, by=worker)


@sample
def keep_letters(world: World) -> Call:
    action = letters_to_make(world)
    worker = world.installation(world.acme, WORKER)
    with acting_for(world.acme):
        made = letter_making.make_some_letters(action, NOW)
    return Call(letter_making.keep_letters, action, made, by=worker)


@sample
def keep_receipts(world: World) -> Call:
    row = as_mail(world, DispatchState.UNKNOWN)
    vendor = vendors.add_vendor(world.console, PLAN)
    with acting_for(world.acme):
        made = Dispatch.objects.create(
            action=row.action,
            recipient=row.recipient,
            letter_version_id=row.letter_version_id,
            person_id=row.person_id,
            addressee_id=row.addressee_id,
            channel=str(Channel.SMS),
            vendor_id=vendor,
            purpose=row.purpose,
            state=str(DispatchState.UNKNOWN),
            state_at=NOW,
            queued_at=NOW,
            not_before=NOW,
            not_after=row.not_after,
        )
    line = f'{{"id": "{made.reference.hex}", "status": "failed", "detail": "{PRIVATE}@a.example"}}'
    return Call(vendor_receipts.keep_receipts, vendor, line.encode())
