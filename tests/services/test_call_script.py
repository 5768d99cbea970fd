"""A call's script: words that were signed, the released letter, what the answer page asks."""

from pathlib import Path

import pytest

from tests.lib.released_action import HOLDER_COLUMNS, relay, release_pumps
from tests.services.kept_actions import make_team
from tocsin.outreach.call_outcomes import CallOutcome
from tocsin.outreach.channels import Channel
from tocsin.services.action_course import start_action
from tocsin.services.call_script import CallScript, signed_words
from tocsin.services.hand_deliveries import access_call
from tocsin.services.work import Caller
from tocsin.store.models import Dispatch, LetterRelease
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

__all__ = ["relay"]
pytestmark = [pytest.mark.sqlite_is_enough, pytest.mark.usefixtures("relay")]
PUMPS = [("D1", "H1", "Medtronic", "MMT-523", "ZWETSCHGE77", "")]
HOLDERS = [("H1", "person", "Zoe {phone} One", "", "", "en", "+44 1632 960001")]


def said_in(script: CallScript) -> dict[str, list[str]]:
    return {part.part: [line.text for line in part.lines] for part in script.parts}


def test_a_caller_says_what_was_signed_and_asks_what_the_answer_page_asks(
    database: str, tmp_path: Path
) -> None:
    assert database
    team: dict[Role, Caller] = make_team()
    columns = (*HOLDER_COLUMNS, "phone")
    action = release_pumps(
        team, tmp_path, PUMPS, HOLDERS, holder_columns=columns, has_letters_of_case=True
    )
    start_action(team[Role.RELEASER], action)
    operator = team[Role.OPERATOR]
    with acting_for(operator.organisation_id):
        (row,) = Dispatch.objects.filter(channel=str(Channel.TELEPHONE))
        row.not_before = operator.now
        row.save()
    sheet = access_call(operator, row.pk)
    script, said = sheet.script, said_in(sheet.script)
    assert (script.version, script.is_signed, script.warnings) == (1, True, ())
    assert list(said) == [
        "open", "other", "voicemail", "them", "urgent", "rest", "questions", "close"
    ]  # fmt: skip
    assert said["open"][1] == "May I speak to Zoe {phone} One, please?"
    before = " ".join(text for part in ("open", "other", "voicemail") for text in said[part])
    assert not any(word in before.lower() for word in ("pump", "medtronic", "acme", "device"))
    assert said["urgent"][0].startswith("If you ")
    assert said["close"][-3:-1] != []
    asked = {line.text: line.answers for line in script.parts[6].lines}
    version = "Which software version does the device show?"
    assert asked[version] == ("I cannot find it. Please call me.",)
    assert "I call the emergency number" in asked["If you feel very unwell, what do you do first?"]
    assert [end.outcome for end in script.ends] == list(CallOutcome)
    with acting_for(operator.organisation_id):
        manifest = bytes(LetterRelease.objects.get().manifest)
    changed = manifest.replace(b'"version":1', b'"version":7').replace(b"Goodbye.", b"So long.")
    words = signed_words(LetterRelease(manifest=changed))
    assert words is not None
    assert (words.version, words.in_language("fi")[1].thanks[-8:]) == (7, "So long.")
    assert signed_words(LetterRelease(manifest=b"{}")) is None
