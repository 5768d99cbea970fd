"""Makes an installation for `tests.lib.api_server`, in a process of its own; prints the tokens."""

import json
import os
import sys
from datetime import UTC, datetime


def main() -> None:
    """Make two organisations; in the first an action that was matched."""
    from tocsin.services.installation import create_installation

    create_installation()
    from tests.lib.api_client import software_of
    from tests.lib.people import make_organisation, make_user
    from tests.services.sample_notice_calls import NAME, SOURCE, notice
    from tocsin.services.action_matching import match_action
    from tocsin.services.actions import open_action
    from tocsin.services.kept_notices import add_notice
    from tocsin.services.list_imports import add_registry
    from tocsin.services.work import Caller
    from tocsin.store.roles import Role

    here = make_organisation("acme")
    make_organisation("other")
    working = make_user("wilma", *(role for role in Role if role is not Role.ADMINISTRATOR))
    administrator = make_user("ada", Role.ADMINISTRATOR)
    caller = Caller(f"user:{working}", here, frozenset(Role), datetime.now(tz=UTC))
    add_registry(caller, "clinic list")
    add_notice(caller, notice(), SOURCE)
    match_action(caller, open_action(caller, "Pumps", [NAME], ["clinic list"]))
    tokens = {
        "working": software_of(working).token,
        "administrator": software_of(administrator).token,
        "other": software_of(make_user("otto", Role.OPERATOR, organisation="other"), "other").token,
    }
    sys.stdout.write(json.dumps(tokens))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.store.settings")
    main()
