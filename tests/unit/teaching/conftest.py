"""A copy of the yard, and a drive round it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.teaching.lessons import CORNERS, YARD, Drive

from ronda_cli.teaching.lesson import Act


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    return Path(shutil.copytree(YARD, tmp_path / "yard"))


@pytest.fixture
def drive() -> Drive:
    """Round the yard, with a checkpoint and a check on the way."""
    made = Drive()
    made.go(CORNERS[:2])
    assert made.mark(Act.CHECKPOINT) == "marked: checkpoint 1"
    made.go(CORNERS[1:4])
    assert made.mark(Act.CHECK) == "marked: checkpoint with a check 1"
    made.go(CORNERS[3:])
    return made
