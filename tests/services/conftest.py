"""What tests of services begin with."""

from pathlib import Path
from typing import Any

import pytest

from tests.lib.prepared import Prepare
from tests.lib.printed_letters import Team


@pytest.fixture
def arranged(prepared: Prepare, request: pytest.FixtureRequest) -> Any:
    """Begin behind the `arrange` of the test's module, which is given a folder."""
    return prepared(request.module.arrange, Path)


@pytest.fixture
def team(arranged: tuple[Team, int]) -> Team:
    """Return who works in what was arranged, by role."""
    return arranged[0]


@pytest.fixture
def action(arranged: tuple[Team, int]) -> int:
    """Return the action that was arranged."""
    return arranged[1]
