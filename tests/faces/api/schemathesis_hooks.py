"""What Schemathesis must know of this API; it imports this file by itself."""

import uuid
from typing import Any

import schemathesis

_EXAMPLE = "8e03978e-40d5-43e8-bc93-6894a57f9324"


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Give each valid request a key of its own: else most would only get the reply of the first."""
    if case.headers and case.headers.get("Idempotency-Key") == _EXAMPLE:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.check
def valid_data_is_never_unfit(_context: Any, response: Any, case: Any) -> None:
    """Check that what fits the document fits the code.

    A service may refuse valid data (422 with its own code), which the built-in check takes for a
    fault; so 422 is allowed there, and only the code of unfit fields is refused here.
    """
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if is_valid and response.status_code == 422:
        assert response.json()["code"] != "fields_unfit", response.json()
