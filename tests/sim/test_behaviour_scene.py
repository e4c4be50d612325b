"""Rules about behaviour in closed loop: each is told once of who breaks it, and of nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from _behave_scene import RULES_FILE, WANTED, Outcome, play
from behave import is_found, repeats

from ronda_cli.setting import Setting, load_setting

SEED = 3000


@pytest.fixture(scope="module")
def setting() -> Setting:
    return load_setting("depot")


@pytest.fixture(scope="module")
def guilty(setting: Setting, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return play(setting, SEED, tmp_path_factory.mktemp("guilty"), RULES_FILE, guilty=True)


@pytest.mark.parametrize("rule_id", WANTED)
def test_who_breaks_a_rule_is_told_of(guilty: Outcome, rule_id: str) -> None:
    assert is_found(guilty, rule_id), [one.reason for one in guilty.told]


def test_nobody_else_is_told_of_and_no_cause_twice(guilty: Outcome) -> None:
    assert [one.reason for one in guilty.told if not one.actor] == []
    assert repeats(guilty) == 0
    assert max(one.revisions for one in guilty.told) <= 3


def test_people_who_walk_stroll_hurry_and_wait_are_told_of_nothing(
    setting: Setting, tmp_path: Path
) -> None:
    innocent = play(setting, SEED, tmp_path, RULES_FILE, guilty=False)
    assert [one.reason for one in innocent.told] == []
