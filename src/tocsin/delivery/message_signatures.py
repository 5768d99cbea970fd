"""Signatures of what goes to a vendor by HTTPS, and of what comes back: HMAC-SHA256 with its time.

`Tocsin-Signature: t=SECONDS,v1=HEX`, over the seconds, a dot, and the body's bytes.
Source: RFC 2104; the header's form is our own.
"""

import hmac
import re
from hashlib import sha256

HEADER = "Tocsin-Signature"
LONGEST_AGE_S = 300
_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign_message(secret: bytes, body: bytes, now_s: int) -> str:
    """Return the header's value for a body.

    >>> sign_message(b"secret", b"{}", 1).split(",")[0]
    't=1'
    """
    return f"t={now_s},v1={_digest(secret, body, now_s)}"


def is_signed(secret: bytes, body: bytes, header: str, now_s: int) -> bool:
    """Whether a header is the signature of a body, made at most five minutes before or after now.

    >>> header = sign_message(b"secret", b"{}", 1000)
    >>> is_signed(b"secret", b"{}", header, 1200), is_signed(b"secret", b"[]", header, 1200)
    (True, False)
    >>> is_signed(b"secret", b"{}", header, 2000)
    False
    """
    found = _FORM.fullmatch(header.strip())
    if found is None or abs(int(found[1]) - now_s) > LONGEST_AGE_S:
        return False
    return hmac.compare_digest(_digest(secret, body, int(found[1])), found[2])


def _digest(secret: bytes, body: bytes, at_s: int) -> str:
    return hmac.new(secret, b"%d." % at_s + body, sha256).hexdigest()
