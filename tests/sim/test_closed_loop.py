"""Whole patrols in closed loop on the small site."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from ronda_cli.evaluation.trial import Trial, TrialOptions, TrialRunner
from ronda_cli.records import Records
from ronda_cli.reporting import write_patrol_report

SEED = 3000


@pytest.fixture(scope="module")
def runner() -> TrialRunner:
    return TrialRunner(TrialOptions("yard", people=1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def patrol(runner: TrialRunner, folder: Path) -> Trial:
    return runner.run(SEED, time.perf_counter, folder)


@pytest.mark.parametrize(("asked", "told"), [("", "'own'"), ("asked", "'asked'")])
def test_own_parameters_count_and_what_is_asked_for_counts_more(asked: str, told: str) -> None:
    own = {"nav": {"controller": "own"}}
    runner = TrialRunner(TrialOptions("yard", people=0, controller=asked, own_params=own))
    with pytest.raises(ConfigError, match=told):
        runner.run(SEED, time.perf_counter)


def test_the_patrol_is_completed_without_contact(patrol: Trial) -> None:
    verdict = patrol.verdict
    assert verdict.completed, verdict.message
    assert verdict.contacts == 0, verdict.notes
    assert verdict.objects == verdict.found == 1
    assert verdict.false_alarms == 0, verdict.notes
    assert verdict.pose_error.position_rms_m < 0.05


def test_the_report_is_one_self_contained_page(
    patrol: Trial, runner: TrialRunner, folder: Path
) -> None:
    setting = runner.setting
    records = Records(str(folder), "")
    page = write_patrol_report(records, setting.site, setting.robot).read_text(encoding="utf-8")
    assert patrol.verdict.message in page
    assert page.count("<svg") == 3
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    for checkpoint in runner.setting.site.checkpoints:
        assert checkpoint.name in page


def test_the_same_seed_drives_the_same_track(patrol: Trial, runner: TrialRunner) -> None:
    again = runner.run(SEED, time.perf_counter)
    assert again.track == patrol.track
    assert again.verdict == patrol.verdict
