"""Ground truth reaches the scorer alone."""

from __future__ import annotations

import math
from pathlib import Path

from patrol_core.actions import ACTIONS, SERVICES
from patrol_core.geometry import Pose2
from patrol_core.topics import TOPICS
from patrol_sim.scenario import PlacedObject
from patrol_sim.truth import (
    TRUTH_TOPIC,
    Contact,
    PersonTruth,
    RobotTruth,
    Truth,
    truth_from_json,
)

ROOT = Path(__file__).parents[2]
KNOW_THE_TOPIC = {
    "sim/patrol_sim/truth.py",
    "sim/patrol_sim_ros/sim_node.py",
    "sim/patrol_sim_ros/harmonic_node.py",
    "src/ronda_cli/scorer.py",
}


def test_no_row_of_the_table_carries_it() -> None:
    actions = [row for a in ACTIONS for row in (a.goal, a.feedback, a.result, a.cancel)]
    services = [row for s in SERVICES for row in (s.request, s.response)]
    for row in (*TOPICS, *actions, *services):
        assert not TRUTH_TOPIC.endswith(row.name)
        assert not row.value_type.__module__.startswith("patrol_sim")


def test_only_simulator_and_scorer_know_its_topic() -> None:
    folders = ("src", "ros2_ws/src", "launch", "sim")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*")]
    readable = [path for path in files if path.suffix in (".py", ".xml", ".yaml", ".js")]
    knowing = {
        str(path.relative_to(ROOT))
        for path in readable
        if TRUTH_TOPIC in (text := path.read_text(encoding="utf-8")) or "TRUTH_TOPIC" in text
    }
    assert readable
    assert knowing <= KNOW_THE_TOPIC


def test_text_and_back() -> None:
    truth = Truth(
        1.5,
        (RobotTruth("robot", Pose2(1.0, 2.0, 3.0), 0.5, 0.1, 0.0, True, math.inf, 0.9, 0.4, 9.0),),
        (PersonTruth("p", Pose2(0.0, 1.0), 1.2, False),),
        (PlacedObject("bag", "bag", (0.4, 0.3, 0.4), Pose2(1.0, 1.0), 3.0, planted=True),),
        (Contact("robot", "wall", False, 1.0, 1.2, 0.3, True, False),),
    )
    assert truth_from_json(truth.to_json()) == truth
