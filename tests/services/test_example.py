"""Example data on an empty desk: one press, an organisation of its own, nothing that leaves."""

import pytest

from tests.lib.desk_client import signed_in
from tests.lib.people import make_organisation, make_user
from tocsin.services.example import ROLES, may_have_example
from tocsin.services.job_runs import run_next
from tocsin.services.public_notices import released_notices
from tocsin.store.models import Action, Membership, Verdict
from tocsin.store.roles import Role


@pytest.mark.usefixtures("database")
def test_an_empty_desk_is_filled_by_one_press() -> None:
    make_organisation("acme")
    user_id = make_user("anna", Role.ADMINISTRATOR, organisation="acme")
    browser = signed_in(user_id)
    assert "Add the example" in browser.get("/desk/").content.decode()
    assert browser.post("/desk/example/").status_code == 302
    assert not may_have_example()
    while run_next(lambda _claim: None) is not None:
        pass
    action = Action.everywhere.get()
    assert action.is_exercise
    assert action.organisation.slug == "example"
    assert Verdict.everywhere.filter(run__action=action).exists()
    assert released_notices().notices == ()
    held = Membership.everywhere.filter(organisation__slug="example", user_id=user_id)
    assert set(held.values_list("role", flat=True)) == {str(role) for role in ROLES}
    browser.post("/desk/organisation/", {"organisation": "acme"})
    assert "Add the example" not in browser.get("/desk/").content.decode()
    assert browser.post("/desk/example/").status_code == 409
    browser.post("/desk/organisation/", {"organisation": "example"})
    assert "exercise" in browser.get(f"/desk/actions/{action.pk}/").content.decode()
