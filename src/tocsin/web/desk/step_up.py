"""Proving anew who one is, in a form that signs.

The form includes ``web/desk/parts/step_up.html``, the page hands it ``step_up=ask_proof(request)``,
and the view calls the service with ``prove(request)``.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from tocsin.services.step_up import (
    ProofRefused,
    begin_key_proof,
    prove_by_key,
    prove_by_totp,
    ways_to_prove,
)
from tocsin.services.work import Caller

if TYPE_CHECKING:
    from tocsin.web.desk.view import DeskRequest

CODE, ANSWER, HANDED = "step_up_code", "step_up_answer", "step_up_handed"


@dataclass(frozen=True)
class Asked:
    """What the fields of a signature ask for.

    Attributes:
        has_app: whether a code can be typed.
        key_options: what the browser asks the security key, as JSON; empty without a key.
        handed: what goes back with the key's answer.
    """

    has_app: bool
    key_options: str = ""
    handed: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether the user can sign at all."""
        return self.has_app or bool(self.key_options)


def ask_proof(request: "DeskRequest") -> Asked:
    """Return what the fields of a signature ask the user for."""
    user_id = request.visitor.account.user_id
    ways = ways_to_prove(user_id)
    if "webauthn" not in ways:
        return Asked("totp" in ways)
    options, handed = begin_key_proof(request.caller)
    return Asked("totp" in ways, json.dumps(options, default=dict), handed)


def prove(request: "DeskRequest") -> Caller:
    """Return the caller with a proof for one service that signs, from what the form has sent.

    Raises:
        ProofRefused: if the form has neither code nor answer, or it is wrong.
        NoAuthenticator: if the user has nothing to prove with.
        TooManyAttempts: after five failures in five minutes.
    """
    caller = replace(request.caller, now=datetime.now(tz=request.caller.now.tzinfo))
    answer = _answer_of(request)
    if answer:
        return prove_by_key(caller, request.POST.get(HANDED, ""), answer)
    code = "".join(request.POST.get(CODE, "").split())
    if not code:
        raise ProofRefused(
            "To sign, give the code of your authenticator app, or use your security key. Nothing "
            "was changed."
        )
    return prove_by_totp(caller, code)


def _answer_of(request: HttpRequest) -> dict[str, object]:
    try:
        answer = json.loads(request.POST.get(ANSWER) or "{}")
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
