from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np
import pytest

from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_nav.localization.evidence import Evidence, StatusJudge
from patrol_nav.localization.params import StatusParams

PARAMS = StatusParams()
GOOD, DEGRADED, LOST = LocalizationLevel


def evidence(
    agreement: float = 0.9,
    *,
    returns: int = 400,
    std_m: float = 0.03,
    towards_rad: float = 0.0,
    yaw_std_rad: float = 0.01,
    innovation_m: float = 0.01,
) -> Evidence:
    cos, sin = math.cos(towards_rad), math.sin(towards_rad)
    turn = np.array([[cos, -sin], [sin, cos]])
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = turn @ np.diag([std_m**2, 0.01**2]) @ turn.T
    covariance[2, 2] = yaw_std_rad**2
    return Evidence(returns, agreement, covariance, innovation_m)


def run(judge: StatusJudge, scans: Iterable[Evidence], start_s: float) -> list[LocalizationStatus]:
    return [judge.judge(scan, start_s + 0.1 * index) for index, scan in enumerate(scans)]


def good_judge() -> StatusJudge:
    judge = StatusJudge(PARAMS)
    assert run(judge, [evidence()] * 20, 0.0)[-1].level is GOOD
    return judge


def test_good_comes_with_numbers_and_words() -> None:
    status = run(good_judge(), [evidence()], 2.0)[0]
    assert status.scan_agreement == pytest.approx(0.9)
    assert status.position_std_m == pytest.approx(0.03)
    assert status.yaw_std_rad == pytest.approx(0.01)
    assert "90%" in status.reason


def test_a_crowd_for_a_moment_is_no_reason_to_be_lost() -> None:
    scans = ([evidence(0.1)] * 12 + [evidence(0.8)] * 20) * 4
    assert LOST not in {status.level for status in run(good_judge(), scans, 2.0)}


def test_lost_is_said_within_three_seconds_and_not_at_once() -> None:
    levels = [status.level for status in run(good_judge(), [evidence(0.12)] * 40, 2.0)]
    assert 15 <= levels.index(LOST) <= 30
    assert levels[-1] is LOST


def test_the_level_does_not_flicker_about_a_threshold() -> None:
    rng = np.random.default_rng(5)
    scans = [evidence(PARAMS.lost_agreement + 0.02 * rng.standard_normal()) for _ in range(600)]
    levels = [status.level for status in run(good_judge(), scans, 2.0)]
    changes = sum(first is not second for first, second in itertools.pairwise(levels))
    assert changes <= 3


def test_recovery_takes_a_while() -> None:
    judge = good_judge()
    run(judge, [evidence(0.05)] * 60, 2.0)
    after = run(judge, [evidence()] * 40, 8.0)
    levels = [status.level for status in after]
    assert levels[0] is LOST
    assert after[0].reason
    assert levels[-1] is GOOD
    assert levels.index(GOOD) >= 10


@pytest.mark.parametrize(
    ("scan", "word"),
    [
        (evidence(0.35), "explains"),
        (evidence(returns=5), "returns"),
        (evidence(std_m=0.5, towards_rad=0.0), "east and west"),
        (evidence(std_m=0.5, towards_rad=math.pi / 2), "north and south"),
        (evidence(std_m=0.5, towards_rad=-math.pi / 4), "north-west and south-east"),
        (evidence(yaw_std_rad=0.2), "heading"),
        (evidence(innovation_m=0.4), "pull"),
    ],
)
def test_degraded_says_why(scan: Evidence, word: str) -> None:
    status = run(good_judge(), [scan] * 30, 2.0)[-1]
    assert status.level is DEGRADED
    assert word in status.reason


@pytest.mark.parametrize("scan", [evidence(std_m=3.0), evidence(yaw_std_rad=1.0), evidence(0.1)])
def test_lost_by_spread_or_by_disagreement(scan: Evidence) -> None:
    assert run(good_judge(), [scan] * 40, 2.0)[-1].level is LOST


def test_an_empty_scan_alone_is_not_lost() -> None:
    scans = [evidence(0.0, returns=0)] * 100
    assert {status.level for status in run(good_judge(), scans, 2.0)} <= {GOOD, DEGRADED}
