"""The check asks what only the holder can see in the notice's translation, page by page."""

import re

import pytest

from tests.lib.desk_client import DeskClient
from tests.unit.test_fact_words import RELEASED
from tocsin.web import check

CARRIED = {"a.country_now": "FR", "a.manufacturer": "Medtronic", "a.model": "MMT-522"}


@pytest.mark.sqlite_is_enough
@pytest.mark.usefixtures("database")
def test_the_check_asks_and_repeats_facts_in_the_words_of_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check, "released_notices", lambda: RELEASED)

    def page(**sent: str) -> str:
        answer = DeskClient().post("/fr/check", CARRIED | sent)
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.content.decode())

    asked = page(go="change:fact.o_ring")
    assert '<p class="hint" lang="fr">Est-il transparent ?</p>' in asked
    assert re.search(r'value="clear"><label for="value-\d">transparent</label>', asked)
    assert re.search(r'value="black"><label for="value-\d"><span lang="en">black</span>', asked)
    facts = {"a.fact.o_ring": "clear", "a.fact.mended": "no"}
    told = page(**facts, step="review")
    assert "<dt>joint</dt><dd><bdi>transparent</bdi></dd>" in told
    assert '<dt><span lang="en">mended</span></dt><dd><bdi>Non</bdi></dd>' in told
    grave = page(**facts | {"a.fact.mended": ""}, step="review")
    assert '<span lang="en">mended</span>' in grave.partition("<dl")[0], "what settles it is named"
