"""The robot's own troubles, as they stand now: one line a cause, gone when the cause is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patrol_console.alerts.severity import AlertParams, Severity
from patrol_console.station import Robot
from patrol_core.topics import (
    BATTERY_STATE,
    GATE_STATUS,
    LOCALIZATION_STATUS,
    PATROL_STATUS,
)
from patrol_core.types.mission import PatrolState
from patrol_core.types.status import GateState, LocalizationLevel

_Found = tuple[str, Severity, str]


class Conditions:
    """Notes since when each holds; of those with one cause the first alone is told."""

    def __init__(self, robot: Robot, params: AlertParams) -> None:
        self._robot, self._params = robot, params
        self._since: dict[str, float] = {}

    def document(self) -> list[dict[str, Any]]:
        """The troubles of now, the worst first."""
        now_s = self._robot.now_s()
        found = list(self._found())
        self._since = {key: self._since.get(key, now_s) for key, _, _ in found}
        found.sort(key=lambda one: -one[1])
        return [
            {"key": key, "severity": severity.name.lower(), "words": words,
             "s": round(self._since[key], 1)}
            for key, severity, words in found
        ]  # fmt: skip

    def _found(self) -> Iterator[_Found]:
        robot = self._robot
        gate, patrol = robot.fresh(GATE_STATUS), robot.fresh(PATROL_STATUS)
        localization, battery = robot.fresh(LOCALIZATION_STATUS), robot.fresh(BATTERY_STATE)
        if gate is None:
            yield "gate_silent", Severity.HIGH, "The safety gate is not heard: the robot stands"
        elif gate.state is GateState.LATCHED:
            yield "latched", Severity.HIGH, f"Stopped until cleared: {'; '.join(gate.reasons)}"
        if localization is not None and localization.level is LocalizationLevel.LOST:
            yield "lost", Severity.HIGH, f"The robot is lost: {localization.reason}"
        if patrol is None:
            yield "mission_silent", Severity.MEDIUM, "The mission is not heard: no patrol goes on"
        elif patrol.state is PatrolState.ASKING:
            yield "asking", Severity.HIGH, f"The robot asks what to do: {patrol.message}"
        elif patrol.state is PatrolState.FAILED:
            yield "failed", Severity.MEDIUM, f"The patrol has failed: {patrol.message}"
        if battery is not None and not battery.charging:
            enough = self._params.low_battery_fraction
            if "battery" in self._since:
                enough += self._params.battery_margin_fraction
            if battery.charge_fraction < enough:
                percent = 100 * battery.charge_fraction
                yield "battery", Severity.MEDIUM, f"The battery is at {percent:.0f} %"
