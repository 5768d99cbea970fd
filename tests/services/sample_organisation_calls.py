"""Sample calls of the services of organisations, and of their users and roles."""

from tests.services.sample_calls import HASHED, PRIVATE, Call, World, sample
from tocsin.services import callers, first_start, invitations, organisations, own_organisations
from tocsin.store.models import User
from tocsin.store.roles import Role


@sample
def create_organisation(world: World) -> Call:
    return Call(organisations.create_organisation, "third", "Third", by=world.installation(None))


@sample
def list_organisations(world: World) -> Call:
    return Call(organisations.list_organisations, by=world.installation(None))


@sample
def add_user(_: World) -> Call:
    return Call(organisations.add_user, f"{PRIVATE}-new@example.org", f"{PRIVATE} New")


@sample
def list_users(_: World) -> Call:
    return Call(organisations.list_users)


@sample
def give_role(world: World) -> Call:
    return Call(organisations.give_role, world.anna, Role.OPERATOR)


@sample
def end_role(world: World) -> Call:
    return Call(organisations.end_role, world.anna, Role.AUDITOR, "left")


@sample
def list_roles(_: World) -> Call:
    return Call(organisations.list_roles)


@sample
def disable_user(world: World) -> Call:
    callers.open_terminal_session(world.of_anna)
    return Call(organisations.disable_user, world.anna, "left")


@sample
def enable_user(world: World) -> Call:
    organisations.disable_user(world.installation(None), world.anna, "left")
    return Call(organisations.enable_user, world.anna, "back")


@sample
def make_first_administrator(world: World) -> Call:
    who = (f"{PRIVATE}-first@example.org", f"{PRIVATE} First")
    begun = first_start.make_first_administrator
    return Call(begun, ("third", "Third"), who, HASHED, by=world.installation(None))


@sample
def invite_user(_: World) -> Call:
    who = (f"{PRIVATE}-new@example.org", f"{PRIVATE} New")
    return Call(invitations.invite_user, *who, [Role.OPERATOR, Role.AUTHOR])


@sample
def make_first_link(world: World) -> Call:
    user = User.objects.get(pk=world.anna)
    user.set_unusable_password()
    user.save()
    return Call(invitations.make_first_link, world.anna)


@sample
def read_own_account(world: World) -> Call:
    return Call(own_organisations.read_own_account, by=world.of_anna)


@sample
def list_administrators(_: World) -> Call:
    return Call(own_organisations.list_administrators)
