"""The golden cases run through the store give the figures and differences that files give."""

from pathlib import Path

import pytest

from tests.services.kept_actions import keep_action, keep_registry, make_team, small_sample
from tocsin.services.action_matching import (
    compare_action_runs,
    match_action,
    read_run,
    verify_run,
)
from tocsin.services.kept_notices import add_notice_revision
from tocsin.services.matching import diff_matched, match_registry
from tocsin.services.samples import CASES, case_notices
from tocsin.store.roles import Role

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("case", CASES)
def test_an_action_tells_what_files_tell(case: str, tmp_path: Path) -> None:
    sample, notices, team = small_sample(case), case_notices(case), make_team()
    keep_registry(team, "list", sample.registry, tmp_path)
    action = keep_action(team, notices[:1], "list")
    author, auditor = team[Role.AUTHOR], team[Role.AUDITOR]
    with match_registry(notices, sample.registry) as files:
        for place, notice in enumerate(notices):
            if place:
                add_notice_revision(author, notice, "next.yaml")
            number = match_action(author, action)
            run = read_run(auditor, action, number)
            assert run.summary.notices == [files.summary.notices[place]]
            assert verify_run(auditor, action)
            if place:
                diff = compare_action_runs(auditor, action)
                expected = diff_matched(files, place - 1, place).records
                assert diff.counts[notice.notice] == expected
    assert number == len(notices)
