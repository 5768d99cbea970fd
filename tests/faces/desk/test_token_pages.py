"""Tokens for other software at the desk: made, shown once, used, revoked."""

import re

import pytest

from tests.lib.desk_client import team_at_desk
from tocsin.store.models import ApiToken
from tocsin.store.roles import Role

_TOKEN = re.compile(r'value="(tocsin_[\w-]{20,})"')


@pytest.mark.usefixtures("database")
def test_a_token_is_shown_once_works_and_is_revoked() -> None:
    team = team_at_desk()
    auditor, here = team[Role.AUDITOR], "/desk/account/tokens/"
    form = {"name": "nightly list", "roles": "auditor", "services": "list_actions", "days": "30"}
    made = auditor.post(f"{here}add/", form)
    token = _TOKEN.search(made.content.decode())
    assert made.status_code == 200
    assert token is not None
    assert "no-store" in made["Cache-Control"]
    listed = auditor.get(here).content.decode()
    assert "nightly list" in listed
    assert "read as auditor; only: list actions" in listed
    assert token[1] not in listed

    def call(place: str) -> int:
        return int(auditor.get(place, HTTP_AUTHORIZATION=f"Bearer {token[1]}").status_code)

    assert call("/api/v1/actions") == 200
    assert call("/api/v1/registries") == 403
    number = ApiToken.objects.get().pk
    assert team[Role.AUTHOR].post(f"{here}{number}/revoke/").status_code == 404
    assert "Revoke nightly list?" in auditor.get(f"{here}{number}/revoke/").content.decode()
    assert auditor.post(f"{here}{number}/revoke/").status_code == 302
    assert call("/api/v1/actions") == 401


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "wrong",
    [{"roles": "operator"}, {"days": "9000"}, {"name": ""}, {"services": "release_scope"}],
)
def test_a_token_is_never_more_than_its_user(wrong: dict[str, str]) -> None:
    auditor = team_at_desk()[Role.AUDITOR]
    form = {"name": "x", "roles": "auditor", "days": "30", **wrong}
    assert auditor.post("/desk/account/tokens/add/", form).status_code == 400
    assert not ApiToken.objects.exists()
