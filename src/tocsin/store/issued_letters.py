"""What printed letters are known by: ids and codes, made at random, found by id alone.

A code is kept as a hash under a key of the installation: who reads the database alone cannot try
all codes. It is sealed with the addressee's key until the letter is printed.
"""

import hmac
import secrets
import zlib
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.store.home import find_home
from tocsin.store.models import Dispatch, IssuedLetter
from tocsin.store.person_keys import person_keys
from tocsin.store.vault import Vault

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's letters and digits: nobody mistakes one for another."""
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_N_ID, _N_CODE = 12, 10
_CODE, _SHEET = "letter code", "letter sheet"


def issue_letters(dispatches: Iterable[Dispatch]) -> list[IssuedLetter]:
    """Give printed dispatches their letter id and code, in the transaction of the caller."""
    rows = list(dispatches)
    vault = Vault(find_home().persons_key)
    keys = person_keys({row.addressee_id for row in rows})
    made = []
    for row in rows:
        letter_id, code = f"T{_random(_N_ID)}", _random(_N_CODE)
        wrapped = keys.get(row.addressee_id)
        sealed = (
            vault.seal_bytes(row.addressee_id, wrapped, f"{_CODE} {row.pk}", code.encode())
            if wrapped
            else b""
        )
        made.append(
            IssuedLetter(
                dispatch=row,
                letter_id=letter_id,
                code_token=code_token(letter_id, code),
                sealed_code=sealed,
            )
        )
    return IssuedLetter.objects.bulk_create(made, batch_size=500)


def code_token(letter_id: str, code: str) -> str:
    """Return what is kept of a code: its hash under a key of this installation."""
    key = HKDF(SHA256(), length=32, salt=None, info=b"tocsin codes of letters").derive(
        find_home().persons_key
    )
    return hmac.new(key, f"{letter_id}\0{code}".encode(), sha256).hexdigest()


def find_issued(letter_id: str, code: str) -> IssuedLetter | None:
    """Return the letter of an id and code that went out, of whatever organisation; None if none.

    The same is done for every pair: whether the id or the code is wrong cannot be told apart.
    """
    wanted, typed = read_typed(letter_id), read_typed(code)
    sent = IssuedLetter.everywhere.filter(sent_at__isnull=False)
    kept = sent.filter(letter_id=wanted).values_list("code_token", flat=True).first()
    is_right = hmac.compare_digest(kept or "0" * 64, code_token(wanted, typed))
    return sent.filter(letter_id=wanted).first() if is_right else None


def read_typed(text: str) -> str:
    """Return an id or code as it is kept: spaces, hyphens and case do not count.

    >>> read_typed(" t0lo-1234 ")
    'T0101234'
    """
    kept = "".join(each for each in text.upper()[:60] if each.isascii() and each.isalnum())
    return kept.translate(_MISREAD)


def shown(text: str) -> str:
    """Return an id or code in groups that can be read out.

    >>> shown("T0123456789AB"), shown("0123456789")
    ('T0123-4567-89AB', '01234-56789')
    """
    if text.startswith("T") and len(text) == _N_ID + 1:
        return "-".join((text[:5], text[5:9], text[9:]))
    return "-".join(text[at : at + 5] for at in range(0, len(text), 5))


def open_code(vault: Vault, letter: IssuedLetter, addressee: UUID, wrapped: bytes) -> str:
    """Return the code of a letter, to print it.

    Raises:
        SecretUnreadable: if key and code do not belong together.
    """
    what = f"{_CODE} {letter.pk}"
    return vault.open_bytes(addressee, wrapped, what, bytes(letter.sealed_code)).decode()


def seal_sheet(vault: Vault, dispatch: int, addressee: UUID, wrapped: bytes, sheet: str) -> bytes:
    """Return all that the template reads of a letter, sealed with the addressee's key."""
    packed = zlib.compress(sheet.encode(), 6)
    return vault.seal_bytes(addressee, wrapped, f"{_SHEET} {dispatch}", packed)


def open_sheet(vault: Vault, dispatch: int, addressee: UUID, wrapped: bytes, sealed: bytes) -> str:
    """Return what `seal_sheet` has sealed.

    Raises:
        SecretUnreadable: if key and sheet do not belong together.
    """
    packed = vault.open_bytes(addressee, wrapped, f"{_SHEET} {dispatch}", sealed)
    return zlib.decompress(packed).decode()


def _random(n_signs: int) -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(n_signs))
