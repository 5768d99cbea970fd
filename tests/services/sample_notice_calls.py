"""Sample calls of the services of kept notices."""

from tests.lib.random_scopes import notice_tree
from tests.services.sample_calls import OF_ACME, Call, World, sample
from tocsin.notice.model import Notice
from tocsin.services import kept_notices
from tocsin.store.roles import Role

NAME = f"{OF_ACME}-2026"
SOURCE = "notice.yaml"


def notice(name: str = NAME, revision: int = 1, at_most: str = "2.0", **more: object) -> Notice:
    """Return a notice about the software of one model."""
    scope = [{"entry": "x2", "affects": {"models": ["X2"]}, "software": {"at_most": at_most}}]
    tree = notice_tree(name, scope, "Tandem")
    tree |= {"revision": revision, "title": f"{OF_ACME} {revision}", **more}
    return Notice.model_validate(tree)


def keep(world: World, *names: str) -> None:
    """Keep notices that differ by their names."""
    for name in names or (NAME,):
        kept_notices.add_notice(world.having(Role.AUTHOR), notice(name), SOURCE)


@sample
def add_notice(world: World) -> Call:
    keep(world, f"{NAME}-1")
    links = [{"notice": f"{NAME}-1", "relation": "same-event"}]
    return Call(kept_notices.add_notice, notice(links=links), SOURCE)


@sample
def add_notice_revision(world: World) -> Call:
    keep(world)
    return Call(kept_notices.add_notice_revision, notice(revision=2), SOURCE)


@sample
def link_notices(world: World) -> Call:
    keep(world, NAME, f"{NAME}-1")
    return Call(kept_notices.link_notices, f"{NAME}-1", NAME, "same-event")


@sample
def list_notices(world: World) -> Call:
    keep(world)
    return Call(kept_notices.list_notices)


@sample
def read_kept_notice(world: World) -> Call:
    keep(world)
    return Call(kept_notices.read_kept_notice, NAME)
