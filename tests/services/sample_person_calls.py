"""Sample calls of the services of holders and persons, and of links between them."""

from tests.services.sample_calls import OF_ACME, PRIVATE, Call, World, sample
from tests.services.sample_registry_calls import LIST, begin
from tocsin.registry.holder_record import HolderRecord
from tocsin.services import holder_steps, person_file, person_links, persons
from tocsin.store.models import Holder, LinkState, ListImport, PersonLink
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

COLUMNS = ("holder_id", "kind", "name", "email", "represented_by")


def holder(number: int, represented_by: int | None = None, name: str = "Ada") -> HolderRecord:
    """Return a holder; whoever has the same number has the same e-mail address."""
    return HolderRecord(
        holder_id=f"{PRIVATE}-{number}",
        kind="person",
        country="FR",
        language="fr",
        clinic_id="",
        represented_by=f"{PRIVATE}-{represented_by}" if represented_by else "",
        is_minor=False,
        private={"name": f"{name} {PRIVATE}", "email": f"{PRIVATE}{number}@example.org"},
    )


def keep(world: World, *numbers: int, into: str = LIST) -> ListImport:
    """Keep holders of a new registry."""
    begun = begin(world, "holders", into=into)
    holder_steps.keep_holders(world.console, begun.pk, [holder(one) for one in numbers], COLUMNS)
    return begun


def keep_one(world: World) -> str:
    """Return the id of a person."""
    keep(world, 1)
    return person_of(world, 1)


def person_of(world: World, number: int) -> str:
    """Return the id of the person that a holder is."""
    with acting_for(world.acme):
        return str(Holder.objects.get(holder_id=f"{PRIVATE}-{number}").person_id)


@sample
def keep_holders(world: World) -> Call:
    begun = keep(world, 1, 2)
    erase = persons.erase_person
    erase(world.having(Role.PRIVACY_OFFICER), person_of(world, 2), "asked by letter")
    records = [holder(1, name="Eva"), holder(2), holder(3)]
    return Call(holder_steps.keep_holders, begun.pk, records, COLUMNS)


@sample
def keep_representatives(world: World) -> Call:
    begun = keep(world, 1, 2)
    records = [holder(1, represented_by=2), holder(2, represented_by=9)]
    return Call(holder_steps.keep_representatives, begun.pk, records)


@sample
def access_person(world: World) -> Call:
    return Call(persons.access_person, keep_one(world), "to call about notice 7")


@sample
def access_person_file(world: World) -> Call:
    return Call(person_file.access_person_file, keep_one(world), "to call about notice 7")


@sample
def search_persons(world: World) -> Call:
    keep(world, 1, 2)
    return Call(person_file.search_persons, "email", f"{PRIVATE}1@example.org", "they called")


@sample
def erase_person(world: World) -> Call:
    return Call(persons.erase_person, keep_one(world), "asked by letter")


@sample
def hold_person(world: World) -> Call:
    return Call(persons.hold_person, keep_one(world), "a court's order")


@sample
def end_hold(world: World) -> Call:
    person = keep_one(world)
    persons.hold_person(world.having(Role.PRIVACY_OFFICER), person, "a court's order")
    return Call(persons.end_hold, person, "the case is closed")


# --- the same person in two lists --------------------------------------------------------


def propose(world: World) -> int:
    """Return the id of a link that is proposed."""
    keep(world, 1)
    keep(world, 1, into=f"{LIST} 2")
    (link,) = person_links.propose_links(world.having(Role.OPERATOR))
    return link


@sample
def propose_links(world: World) -> Call:
    keep(world, 1)
    keep(world, 1, into=f"{LIST} 2")
    return Call(person_links.propose_links)


@sample
def list_links(world: World) -> Call:
    link = propose(world)
    person_links.confirm_link(world.having(Role.OPERATOR), link, f"{OF_ACME} says so")
    return Call(person_links.list_links, LinkState.CONFIRMED)


@sample
def access_link(world: World) -> Call:
    return Call(person_links.access_link, propose(world), "to decide the link")


@sample
def confirm_exact_links(world: World) -> Call:
    link = propose(world)
    with acting_for(world.acme):
        PersonLink.objects.filter(pk=link).update(reasons=["email", "name_address"])
    return Call(person_links.confirm_exact_links, [link], "equal in both lists")


@sample
def confirm_link(world: World) -> Call:
    return Call(person_links.confirm_link, propose(world), "the same address in both lists")


@sample
def reject_link(world: World) -> Call:
    return Call(person_links.reject_link, propose(world), "father and son")


@sample
def undo_link(world: World) -> Call:
    link = propose(world)
    person_links.confirm_link(world.having(Role.OPERATOR), link, "the same address")
    return Call(person_links.undo_link, link, "father and son")
