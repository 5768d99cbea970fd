"""Users' second factors: authenticator apps, security keys, recovery codes.

django-allauth keeps them, and its pages use the same rows; this module is the one place where we
touch its parts.
"""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, UserVerificationRequirement

from tocsin.base.errors import TocsinError
from tocsin.services.organisations import find_user
from tocsin.services.work import Work, service
from tocsin.store.tables.proof import ProofMethod


class CodeWrong(TocsinError):
    """The code that was to confirm an authenticator app is not its code."""

    code = "code_wrong"


class AuthenticatorThere(TocsinError):
    """The user has an authenticator app already."""

    code = "authenticator_there"


class AuthenticatorMissing(TocsinError):
    """The user has no second factor yet."""

    code = "authenticator_missing"


@dataclass(frozen=True)
class TotpOffer:
    """A secret that an app may be given; it counts for nothing until a code confirms it.

    Attributes:
        secret: for typing in, Base32.
        url: the same for a QR code, ``otpauth://``.
    """

    secret: str
    url: str


@service
def begin_totp(work: Work) -> TotpOffer:
    """Return a fresh secret for the caller's authenticator app; nothing is kept yet.

    Right: every user, for themselves.

    Raises:
        AuthenticatorThere: if there is an app already.
    """
    user_id = work.user_id
    if has_authenticator(user_id, ProofMethod.TOTP):
        raise AuthenticatorThere(
            "You have an authenticator app already. Nothing was changed. If it is lost, ask the "
            "administrator of the machine for `tocsin user lost-device`."
        )
    secret = generate_totp_secret()
    return TotpOffer(secret, get_adapter().build_totp_url(find_user(user_id), secret))


@service
def confirm_totp(work: Work, secret: str, code: str) -> None:
    """Add an authenticator app to the caller, shown to work by a code, which is used up by it.

    Right: every user, for themselves. Leaves authenticator_added.

    Raises:
        CodeWrong: if the code is not the app's.
        AuthenticatorThere: if there is an app already.
    """
    user_id = work.user_id
    if has_authenticator(user_id, ProofMethod.TOTP):
        raise AuthenticatorThere("You have an authenticator app already. Nothing was changed.")
    if not validate_totp_code(secret, code):
        raise CodeWrong(
            "This is not the app's code now. No authenticator app was added. Check the clock of "
            "your phone and begin again."
        )
    added = TOTP.activate(find_user(user_id), secret)
    added.validate_code(code)
    work.record("authenticator_added", f"user:{user_id}", new={"type": "totp"})


@service
def make_recovery_codes(work: Work) -> list[str]:
    """Return ten new recovery codes of the caller; older ones count no more.

    Right: every user, for themselves. Leaves recovery_codes_made.

    Raises:
        AuthenticatorMissing: if there is nothing to recover from yet.
    """
    user_id = work.user_id
    if not _rows(user_id).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        raise AuthenticatorMissing(
            "You have no authenticator app or security key yet, so there is nothing to recover. "
            "Nothing was changed. Add one first with `tocsin user totp`."
        )
    _rows(user_id).filter(type=Authenticator.Type.RECOVERY_CODES).delete()
    made = RecoveryCodes.activate(find_user(user_id))
    made.mark_as_viewed()
    work.record("recovery_codes_made", f"user:{user_id}")
    return list(made.generate_codes())


@service
def remove_authenticators(work: Work, user_id: int, reason: str) -> int:
    """Remove all second factors of a user who has lost them; return how many there were.

    Right: the console. Leaves authenticator_removed.
    """
    find_user(user_id)
    types = sorted(_rows(user_id).values_list("type", flat=True))
    if not types:
        work.leave_unchanged()
        return 0
    _rows(user_id).delete()
    work.record("authenticator_removed", f"user:{user_id}", old={"types": types}, reason=reason)
    return len(types)


def has_authenticator(user_id: int, method: ProofMethod) -> bool:
    """Whether a user can prove by this method who they are."""
    return bool(_rows(user_id).filter(type=str(method)).exists())


def has_second_factor(user_id: int) -> bool:
    """Whether a user has any second factor, so that the password alone opens nothing."""
    return bool(_rows(user_id).exists())


def is_totp_right(user_id: int, code: str) -> bool:
    """Whether this is the user's code now; it is used up by asking (RFC 6238, 5.2)."""
    found = _rows(user_id).filter(type=Authenticator.Type.TOTP).first()
    return bool(found and found.wrap().validate_code(code))


def is_recovery_code_right(user_id: int, code: str) -> bool:
    """Whether this is an unused recovery code of the user; it is used up by asking."""
    found = _rows(user_id).filter(type=Authenticator.Type.RECOVERY_CODES).first()
    return bool(found and found.wrap().validate_code(code))


def begin_key_challenge(user_id: int, host: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what to ask a user's security keys, and what to remember of it."""
    options, state = _server(host).authenticate_begin(
        credentials=_credentials(user_id), user_verification=UserVerificationRequirement.PREFERRED
    )
    return dict(options), dict(state) | {"host": host}


def check_key_response(user_id: int, state: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether one of the user's security keys has answered just this challenge."""
    asked = {name: value for name, value in state.items() if name != "host"}
    try:
        _server(state["host"]).authenticate_complete(asked, _credentials(user_id), answer)
    except (ValueError, TypeError, KeyError):  # whatever a stranger's JSON makes of it
        return False
    return True


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(name="Tocsin", id=host))


def _credentials(user_id: int) -> list[Any]:
    keys = _rows(user_id).filter(type=Authenticator.Type.WEBAUTHN)
    return [key.wrap().authenticator_data.credential_data for key in keys]


def _rows(user_id: int) -> Any:
    return Authenticator.objects.filter(user_id=user_id)
