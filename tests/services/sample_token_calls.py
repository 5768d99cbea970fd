"""Sample calls of the services of tokens."""

from dataclasses import replace

from tests.services.sample_calls import OF_ACME, Call, World, sample
from tocsin.services import api_tokens
from tocsin.services.grants import Grant

WANTED = api_tokens.WantedToken(f"{OF_ACME} nightly", ("auditor",), may_write=True)


def add(world: World) -> int:
    """Let anna have a token; return its id."""
    api_tokens.add_token(world.of_anna, OF_ACME, WANTED)
    return api_tokens.list_tokens(world.of_anna)[0].token_id


@sample
def add_token(world: World) -> Call:
    return Call(api_tokens.add_token, OF_ACME, WANTED, by=world.of_anna)


@sample
def list_tokens(world: World) -> Call:
    add(world)
    return Call(api_tokens.list_tokens, by=world.of_anna)


@sample
def revoke_token(world: World) -> Call:
    return Call(api_tokens.revoke_token, add(world), by=world.of_anna)


@sample
def end_this_token(world: World) -> Call:
    grant = Grant(add(world), frozenset(), may_write=False)
    return Call(api_tokens.end_this_token, by=replace(world.of_anna, grant=grant))
