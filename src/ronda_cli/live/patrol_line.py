"""A person's line to the patrol of a running robot: how it does, start, pause, stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from patrol_core.errors import RondaError
from patrol_core.topics import (
    ALARMS,
    OPERATOR_LINK,
    PATROL_COMMAND,
    PATROL_EVENTS,
    PATROL_STATUS,
)
from patrol_core.types.mission import (
    Alarm,
    PatrolCommand,
    PatrolEvent,
    PatrolState,
    PatrolStatus,
    PatrolVerb,
)
from patrol_core.types.status import OperatorLink

if TYPE_CHECKING:
    from ronda_cli.live.watcher import RobotWatcher

ANSWER_S = 10.0
LINK_PERIOD_S = 1.0
_SPIN_S = 0.05
_REFUSED = ("call_refused", "alarm_unknown")
_OVER = (PatrolState.IDLE, PatrolState.FINISHED, PatrolState.FAILED)


class PatrolLine:
    """What is said carries the mission's own time."""

    def __init__(self, watcher: RobotWatcher) -> None:
        self._watcher = watcher
        self._say = watcher.publisher(PATROL_COMMAND)
        self._ring = watcher.publisher(ALARMS)
        self._link = watcher.publisher(OPERATOR_LINK)
        self._heard: list[PatrolStatus] = []
        self._events: list[PatrolEvent] = []
        watcher.on(PATROL_STATUS, self._heard.append)
        watcher.on(PATROL_EVENTS, self._events.append)

    def status(self) -> PatrolStatus:
        """How the patrol does now. Raises RondaError when nobody says it."""
        self._heard.clear()
        if not self._wait(lambda: bool(self._heard)):
            raise RondaError(
                f"no {PATROL_STATUS.name} has come for {ANSWER_S:.0f} s: no mission runs here",
                expected="a robot that runs in this ROS domain and namespace",
                remedy="start it (./ronda up, ./ronda sim), or look with ./ronda doctor",
            )
        return self._heard[-1]

    def command(self, verb: PatrolVerb, who: str) -> PatrolStatus:
        """Ask it of the patrol under way, and how that does then.

        Raises RondaError when there is none, or nobody obeys.
        """
        status = self.status()
        if status.state in _OVER:
            raise RondaError(
                f"no patrol is under way: there is nothing to {verb.value}",
                remedy="start one (./ronda patrol start)",
            )
        self._events.clear()
        self._say(PatrolCommand(status.stamp_s, verb, who))

        def is_obeyed() -> bool:
            return any(
                event.kind == "operator_command"
                and event.subject == verb.value
                and event.stamp_s >= status.stamp_s
                for event in self._events
            )

        if not self._wait(is_obeyed):
            raise RondaError(
                f"the mission has not taken the {verb.value} within {ANSWER_S:.0f} s",
                remedy="try again; ./ronda gate stop stops the robot in any case",
            )
        return self.status()

    def watch(self, who: str, told: Callable[[str], None], for_s: float = math.inf) -> None:
        """Tell what the patrol does whenever that changes, and let the robot know once a second
        that somebody is there (`operator_link`)."""
        status, before = self.status(), ""
        end_s = time.monotonic() + for_s
        said_s = heard_s = time.monotonic()
        while (now_s := time.monotonic()) < end_s:
            if self._heard:
                status, heard_s = self._heard[-1], now_s
                self._heard.clear()
            line = f"{status.state.value}: {status.message}"
            if now_s - heard_s > ANSWER_S / 2:
                line = "the robot is not heard"
            elif now_s - said_s >= LINK_PERIOD_S:
                said_s = now_s
                self._link(OperatorLink(status.stamp_s, who))
            if line != before:
                before = line
                told(line)
            self._watcher.spin(_SPIN_S)

    def look(self, x_m: float, y_m: float, who: str) -> PatrolEvent:
        """Call the robot to a place in `map`. Raises RondaError when that is refused."""
        now_s = self.status().stamp_s
        return self._called(
            lambda: self._say(PatrolCommand(now_s, PatrolVerb.LOOK, who, x_m, y_m)), now_s
        )

    def alarm(self, alarm_id: str, who: str) -> PatrolEvent:
        """Tell an alarm of the site. Raises RondaError where the site knows no such alarm."""
        now_s = self.status().stamp_s
        return self._called(lambda: self._ring(Alarm(now_s, alarm_id, who)), now_s)

    def _called(self, call: Callable[[], None], since_s: float) -> PatrolEvent:
        self._events.clear()
        call()

        def answers() -> list[PatrolEvent]:
            fresh = (event for event in self._events if event.stamp_s >= since_s)
            return [event for event in fresh if event.kind in ("call_taken", *_REFUSED)]

        if not self._wait(lambda: bool(answers())):
            raise RondaError(f"the mission has not answered within {ANSWER_S:.0f} s")
        answer = answers()[0]
        if answer.kind in _REFUSED:
            raise RondaError(
                f"refused: '{answer.subject}': {answer.message}",
                remedy="alarms are named in the site's site.yaml (docs/MISSIONS.md)",
            )
        return answer

    def start(self, route_id: str, laps: int) -> PatrolStatus:
        """Start a patrol. Raises RondaError with the reason when the mission refuses."""
        before = self.status()
        if before.state not in _OVER:
            raise RondaError(
                f"a patrol is under way: {before.message}", remedy="stop it (./ronda patrol stop)"
            )
        self._watcher.start_patrol(route_id, laps)

        def is_answered() -> bool:
            began = any(status.patrol_id != before.patrol_id for status in self._heard)
            return began or self._watcher.result is not None

        if not self._wait(is_answered):
            raise RondaError(f"the mission has not answered within {ANSWER_S:.0f} s")
        if self._watcher.result is not None and not self._watcher.result.result.ok:
            raise RondaError(f"refused: {self._watcher.result.result.message}")
        return self.status()

    def _wait(self, happened: Callable[[], bool]) -> bool:
        end_s = time.monotonic() + ANSWER_S
        while not happened():
            if time.monotonic() > end_s:
                return False
            self._watcher.spin(_SPIN_S)
        return True
