"""Users for `test_oidc`, made by the services themselves in an installation.

Run as a process: `python -m tests.integration.oidc_users`. Prints a recovery code of the one user
who has a second factor.
"""

import json
import sys
import time

if __name__ == "__main__":
    from tocsin.services.installation import open_installation

    open_installation()
    from tests.lib.authenticator_app import Clock
    from tests.lib.people import AT_CONSOLE, caller_of, give_app, make_organisation, make_user
    from tocsin.services.authenticators import make_recovery_codes
    from tocsin.services.organisations import disable_user
    from tocsin.store.roles import Role

    make_organisation()
    made = {name: make_user(name, Role.AUTHOR) for name in ("anna", "ben", "carla")}
    give_app(made["ben"], Clock(time.time()))
    disable_user(AT_CONSOLE, made["carla"], "left the firm")
    code = make_recovery_codes(caller_of(made["ben"], None))[0]
    sys.stdout.write(json.dumps({"users": made, "code": code}))
