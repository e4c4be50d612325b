"""Gazebo for the tests of this ring."""

from __future__ import annotations

from pathlib import Path

import pytest

from ronda_cli.environment.gazebo import FOLDER_VARIABLE, set_up_gazebo
from ronda_cli.environment.paths import SetupError


@pytest.fixture(scope="session")
def gazebo() -> Path:
    """The folder that Gazebo Classic runs in; set up at the first use."""
    try:
        return set_up_gazebo()
    except SetupError as error:
        pytest.skip(f"Gazebo Classic cannot be set up here: {error}")


@pytest.fixture
def named_gazebo(gazebo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, known to processes that are started."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(gazebo))
    return gazebo
