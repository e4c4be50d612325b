"""`./ronda motors square` in the simulator: through the gate, and ended by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from tests.gate_world import make_site
from tests.simulated import make_simulator, rover

from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.errors import RondaError
from patrol_core.topics import CMD_VEL_TELEOP, ESTOP, GATE_STATUS, ODOM, TELEOP_LEASE, Topic
from patrol_core.types.status import EstopState, TeleopLease
from patrol_drivers.base.square import SquareDrive
from patrol_drivers.base.umbmark import Direction
from ronda_cli.calibration.square_run import SquareRun
from ronda_cli.closed_loop import STEP_S, ClosedLoop

SIDE_M = 0.6


class SimulatedWatcher:
    """What SquareRun needs of a RobotWatcher, around gate and simulator."""

    def __init__(self, folder: Path) -> None:
        context = ProcessContext(make_site(), rover().model, folder)
        self.loop = ClosedLoop(make_simulator(), context, processes=())
        self._heard = Mailbox((ODOM, GATE_STATUS))
        self.loop.attach(self._heard, "test")
        self._takers: dict[str, Callable[[Any], None]] = {}
        self.said: list[tuple[Topic[Any], Any]] = []
        self.pressed_from_s = float("inf")

    def on(self, topic: Topic[Any], take: Callable[[Any], None]) -> None:
        self._takers[topic.name] = take

    def publisher(self, topic: Topic[Any]) -> Callable[[Any], None]:
        def say(value: Any) -> None:
            self.said.append((topic, value))
            self.loop.publish(topic, value)

        return say

    def spin(self, duration_s: float) -> None:
        """As fast as it goes: twenty times the time asked for, so that no wall clock counts."""
        for _ in range(round(20.0 * duration_s / STEP_S)):
            if self.loop.now_s >= self.pressed_from_s:
                self.loop.publish(ESTOP, EstopState(self.loop.now_s, "test", True))
            self.loop.step()
            seen = self._heard.snapshot()
            rows: tuple[Topic[Any], ...] = (GATE_STATUS, ODOM)
            for topic in rows:
                sample = seen.sample(topic)
                if sample is not None and sample.received_s >= self.loop.now_s - 1e-9:
                    self._takers[topic.name](sample.value)


def drive(watcher: SimulatedWatcher, said: list[str]) -> Any:
    square = SquareDrive(SIDE_M, Direction.CCW)
    return SquareRun(cast("Any", watcher), square, said.append).run()


def test_it_drives_through_the_gate_and_lets_go(tmp_path: Path) -> None:
    watcher, said = SimulatedWatcher(tmp_path), list[str]()
    end = drive(watcher, said)
    assert abs(end.x_m) < 0.02 and abs(end.y_m) < 0.02 and abs(end.yaw_rad) < 0.03
    assert watcher.loop.simulator.robot().pose.distance_to(end) < 0.05
    assert said[0] == "leg 1 of 4" and said[-1] == "the square is done"
    assert {topic.name for topic, _ in watcher.said} == {CMD_VEL_TELEOP.name, TELEOP_LEASE.name}
    leases = [value for _, value in watcher.said if isinstance(value, TeleopLease)]
    assert leases[0].dead_man and not leases[-1].dead_man and leases[-1].holder == ""


def test_a_pressed_estop_ends_it(tmp_path: Path) -> None:
    watcher = SimulatedWatcher(tmp_path)
    watcher.pressed_from_s = 5.0
    with pytest.raises(RondaError, match=r"stopped in .* of 4: the gate has latched"):
        drive(watcher, [])
    linear, angular = watcher.loop.simulator.robot().velocity
    assert linear == pytest.approx(0.0, abs=0.01) and angular == pytest.approx(0.0, abs=0.01)
