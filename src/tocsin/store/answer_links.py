"""The links by which holders answer: made with the release, found by their hash alone."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from tocsin.store.home import find_home
from tocsin.store.models import AnswerLink, Recipient
from tocsin.store.person_keys import person_keys
from tocsin.store.vault import Vault

_N_BYTES = 16
_NAME = "answer_token"


def make_answer_links(recipients: Iterable[Recipient], now: datetime) -> dict[int, str]:
    """Give recipients their links, in the transaction of the release; return the tokens.

    A token has 128 random bits, in 26 characters that can be typed from paper. It is sealed with
    the key of who is written to; who was erased gets none.
    """
    rows = list(recipients)
    vault = Vault(find_home().persons_key)
    keys = person_keys({row.addressee_id for row in rows})
    tokens = {row.pk: _new_token() for row in rows if row.addressee_id in keys}
    AnswerLink.objects.bulk_create(
        [
            AnswerLink(
                recipient=row,
                token_sha256=token_hash(tokens[row.pk]),
                sealed=vault.seal(
                    row.addressee_id, keys[row.addressee_id], {_NAME: tokens[row.pk]}
                ),
                made_at=now,
            )
            for row in rows
            if row.pk in tokens
        ],
        batch_size=500,
    )
    return tokens


def read_answer_tokens(recipients: Iterable[Recipient]) -> dict[int, str]:
    """Return the tokens of recipients by their ids, to print a letter again."""
    links = AnswerLink.objects.filter(
        recipient__in=[row.pk for row in recipients], revoked_at=None
    ).select_related("recipient")
    vault = Vault(find_home().persons_key)
    keys = person_keys({link.recipient.addressee_id for link in links})
    return {
        link.recipient_id: vault.open(
            link.recipient.addressee_id, keys[link.recipient.addressee_id], bytes(link.sealed)
        )[_NAME]
        for link in links
        if link.recipient.addressee_id in keys
    }


def find_link(token: str) -> AnswerLink | None:
    """Return the link of a token, of whatever organisation; None if it opens nothing."""
    if not token or len(token) > 100:
        return None
    links = AnswerLink.everywhere.filter(token_sha256=token_hash(token), revoked_at=None)
    return links.select_related("recipient").first()


def token_hash(token: str) -> str:
    """Return the hash under which a token is kept; case, spaces and hyphens do not count."""
    typed = "".join(token.split()).replace("-", "").upper()
    return hashlib.sha256(f"answer link\0{typed}".encode()).hexdigest()


def _new_token() -> str:
    """Return 128 random bits in the letters and digits that nobody mistakes (Crockford's)."""
    number = secrets.randbits(8 * _N_BYTES)
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(signs[(number >> (5 * place)) & 31] for place in range(26))
