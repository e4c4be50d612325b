from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.console_robot import LinkedRobot

from patrol_console.alerts.conditions import Conditions
from patrol_console.alerts.severity import AlertParams
from patrol_core.topics import BATTERY_STATE, GATE_STATUS, LOCALIZATION_STATUS, PATROL_STATUS
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.sensors import BatteryState
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    LocalizationLevel,
    LocalizationStatus,
)


class Rig:
    def __init__(self, folder: Path) -> None:
        self.robot = LinkedRobot(folder)
        self.conditions = Conditions(self.robot.link, AlertParams())

    def keys(
        self,
        gate: GateState = GateState.PASSING,
        patrol: PatrolState = PatrolState.IDLE,
        level: LocalizationLevel = LocalizationLevel.GOOD,
        battery: float = 0.9,
    ) -> list[str]:
        hear, now_s = self.robot.hear, self.robot.now_s
        hear(
            GATE_STATUS, GateStatus(now_s, gate, Authority.NONE, ("why",), 1, 0, 0, 0, 0, math.inf)
        )
        hear(PATROL_STATUS, PatrolStatus(now_s, "p", patrol, "r", 1, 1, "", 0.0, "words"))
        hear(LOCALIZATION_STATUS, LocalizationStatus(now_s, level, "why", 0.0, 0.0, 1.0))
        hear(BATTERY_STATE, BatteryState(now_s, 25.0, 0.0, battery, False))
        self.robot.tick()
        return [one["key"] for one in self.conditions.document()]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_all_is_well(rig: Rig) -> None:
    assert rig.keys() == []


def test_who_is_silent_is_told(rig: Rig) -> None:
    assert [one["key"] for one in rig.conditions.document()] == ["gate_silent", "mission_silent"]


def test_the_worst_comes_first(rig: Rig) -> None:
    assert rig.keys(
        GateState.LATCHED, PatrolState.FAILED, LocalizationLevel.LOST, battery=0.1
    ) == ["latched", "lost", "failed", "battery"]


def test_a_charge_that_wavers_is_one_trouble(rig: Rig) -> None:
    assert rig.keys(battery=0.21) == []
    since_s = rig.robot.now_s
    for charge in (0.199, 0.205, 0.199, 0.22):
        assert rig.keys(battery=charge) == ["battery"]
    assert rig.conditions.document()[0]["s"] == pytest.approx(since_s + 0.02, abs=0.06)
    assert rig.keys(battery=0.24) == []
    assert rig.keys(battery=0.21) == []
