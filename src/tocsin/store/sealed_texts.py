"""Words and files of or about a person, sealed with the person's key: erased with it."""

from collections.abc import Mapping
from uuid import UUID

from tocsin.base.errors import TocsinError
from tocsin.store.home import find_home
from tocsin.store.models import PersonKey
from tocsin.store.vault import Vault


class WordsNotKept(TocsinError):
    """Somebody's words cannot be kept: they were erased, and nothing could open them again."""

    code = "words_not_kept"


def seal_texts(person_id: UUID, texts: Mapping[str, str]) -> bytes:
    """Return texts sealed; nothing where there is none.

    Raises:
        WordsNotKept: if the person was erased, so that nobody believes their words were kept.
    """
    if not texts:
        return b""
    return Vault(find_home().persons_key).seal(person_id, _key_of(person_id), texts)


def open_texts(person_id: UUID, sealed: bytes) -> dict[str, str]:
    """Return sealed texts; nothing where there is none, or where the person was erased."""
    key = PersonKey.objects.filter(person_id=person_id).first()
    if not sealed or key is None:
        return {}
    return Vault(find_home().persons_key).open(person_id, bytes(key.wrapped), sealed)


def seal_file(person_id: UUID, what: str, content: bytes) -> bytes:
    """Return a file that shows what somebody said, sealed and bound to what it is.

    Raises:
        WordsNotKept: if the person was erased.
    """
    key = _key_of(person_id)
    return Vault(find_home().persons_key).seal_bytes(person_id, key, what, content)


def open_file(person_id: UUID, what: str, sealed: bytes) -> bytes | None:
    """Return a file that `seal_file` has sealed; None where the person was erased."""
    key = PersonKey.objects.filter(person_id=person_id).first()
    if key is None:
        return None
    vault = Vault(find_home().persons_key)
    return vault.open_bytes(person_id, bytes(key.wrapped), what, sealed)


def _key_of(person_id: UUID) -> bytes:
    key = PersonKey.objects.filter(person_id=person_id).first()
    if key is None:
        raise WordsNotKept(
            "This person's data were erased, so words of theirs cannot be kept here. Nothing was "
            "changed. Please call the number in the letter and tell what has happened."
        )
    return bytes(key.wrapped)
