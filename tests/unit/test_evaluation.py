"""What an evaluation keeps, and what it makes of many verdicts."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from patrol_core.geometry import Pose2
from patrol_core.site import load_site
from patrol_core.types.mission import PatrolEvent
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.campaign import (
    append_line,
    read_lines,
    read_results,
    state_digest,
    verdict_from_json,
)
from ronda_cli.evaluation.statistics import Row, rows
from ronda_cli.evaluation.trial import Trial
from ronda_cli.scorer import PoseError, Verdict, count_reached

VERDICT = Verdict(
    finished=True, message="docked", checkpoints_reached=8, checkpoints=8, contacts=0,
    person_contacts=0, contacts_by_others=0, clearance_person_m=0.9, clearance_moving_m=1.1,
    clearance_thing_m=0.4,
    objects=1, found=1, unseen=0, obstructions=1, map_changes=2, false_alarms=0,
    place_errors_m=(0.02,), lap_time_s=390.0, ideal_s=300.0, duration_s=500.0,
    pose_error=PoseError(0.01, 0.05, 0.001), notes=("said",),
)  # fmt: skip


def trial(seed: int, verdict: Verdict = VERDICT) -> Trial:
    return Trial(seed, verdict, ((0.0, 0.0), (1.0, 2.0)), 500.0, 50.0)


def test_results_are_read_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.jsonl"
    for seed in (3, 4):
        append_line(path, trial(seed).to_json())
    assert read_results(path) == {3: trial(3), 4: trial(4)}
    assert verdict_from_json(json.loads(json.dumps(asdict(VERDICT)))) == VERDICT


def test_a_line_that_was_cut_off_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    append_line(path, {"key": 1})
    with path.open("a", encoding="utf-8") as file:
        file.write('{"key": 2, "val')
    assert read_lines(path) == [{"key": 1}]
    append_line(path, {"key": 3})
    assert read_lines(path) == [{"key": 1}, {"key": 3}]
    assert read_lines(tmp_path / "nothing") == []


def test_a_digest_belongs_to_its_options() -> None:
    assert state_digest("a") == state_digest("a") != state_digest("b")


@pytest.mark.parametrize(
    ("value", "better", "holds"), [(1.2, "lower", True), (1.4, "lower", False),
                                   (1.4, "higher", True), (math.nan, "lower", False)]
)  # fmt: skip
def test_a_goal_holds_or_not(value: float, better: str, holds: bool) -> None:
    assert Row("x", value, "m", goal=1.3, better=better).holds is holds
    assert Row("x", value, "m", better=better).holds is None


def test_rows_count_what_went_wrong() -> None:
    lost = replace(VERDICT, checkpoints_reached=7, contacts=1, found=0, false_alarms=1)
    table = {row.what: row for row in rows([trial(0), trial(1), trial(2, lost)])}
    completed = table["patrols completed"]
    assert completed.value == pytest.approx(2 / 3) and completed.holds is False
    assert 0.2 < completed.low < completed.value < completed.high < 1.0
    assert table["contacts caused"].value == 1 and table["contacts caused"].holds is False
    assert table["objects found"].value == pytest.approx(2 / 3)
    assert table["lap time by ideal, median"].value == pytest.approx(1.3)
    assert table["lap time by ideal, median"].holds is True
    assert table["false alarms an hour"].value == pytest.approx(1 / (1500.0 / 3600.0))


def test_a_checkpoint_counts_once_a_lap_and_only_from_near_by() -> None:
    site = load_site(ROOT / "sites" / "yard")
    here, there = (checkpoint.pose for checkpoint in site.checkpoints[:2])
    names = [checkpoint.checkpoint_id for checkpoint in site.checkpoints[:2]]

    def event(kind: str, subject: str, pose: Pose2) -> PatrolEvent:
        return PatrolEvent(0.0, "p", kind, subject, "", pose)

    def reached(name: str, pose: Pose2) -> PatrolEvent:
        return event("checkpoint_reached", name, pose)

    lap = [reached(names[0], here), reached(names[0], here), reached(names[1], there)]
    first, second = (event("lap_started", str(n), here) for n in (1, 2))
    assert count_reached(site, [first, *lap]) == 2
    assert count_reached(site, [first, *lap, second, *lap]) == 4
    far = here.compose(Pose2(3.1, 0.0))
    assert count_reached(site, [first, reached(names[0], far)]) == 0
