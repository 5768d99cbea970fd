"""Services that sign, for tests: they stand for the ones that release letters and scopes."""

from collections.abc import Callable

from tocsin.services.rights import SIGNED, Right
from tocsin.services.signatures import add_signature
from tocsin.services.work import Work, guard_with
from tocsin.store.roles import Role
from tocsin.store.tables.signature import Meaning

LETTER = b"Dear holder, ..."
SIGNING = Right(
    roles=frozenset({Role.AUTHOR, Role.REVIEWER, Role.RELEASER}),
    events=frozenset({SIGNED, "letter_released"}),
    step_up=True,
)


def signed(meaning: Meaning, content: bytes = LETTER) -> Callable[..., int]:
    """Return a service that signs, as the ones of actions do."""

    def release_letter(work: Work) -> int:
        return add_signature(work, "letter:7", content, meaning)

    return guard_with(SIGNING, release_letter)
