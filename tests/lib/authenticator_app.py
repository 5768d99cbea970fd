"""An authenticator app of our own, and a clock for it: RFC 6238 read anew, not the product's."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

import pytest

PERIOD_S = 30
_WHERE_TIME_IS_READ = "allauth.mfa.totp.internal.auth.time"


@dataclass
class Clock:
    """Stands still until it is moved; takes the place of the module ``time``."""

    now_s: float = 1_795_000_000.0

    def time(self) -> float:
        return self.now_s

    def next_code(self) -> None:
        self.now_s += PERIOD_S


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the product read our clock when it looks at codes."""
    made = Clock()
    monkeypatch.setattr(_WHERE_TIME_IS_READ, made)
    return made


@dataclass(frozen=True)
class App:
    """An app that was given a secret."""

    secret: str
    clock: Clock

    def code(self) -> str:
        """Return what it shows now."""
        step = int(self.clock.now_s) // PERIOD_S
        key = base64.b32decode(self.secret)
        digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
        start = digest[-1] & 15
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        return f"{number % 1_000_000:06}"
