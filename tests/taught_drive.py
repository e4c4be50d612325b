"""A person who drives a simulated robot by keys, through the gate, and teaches on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2, wrap_angle
from patrol_core.processes import PROCESSES
from patrol_core.site import Site
from patrol_core.topics import (
    AMCL_POSE,
    CMD_VEL_TELEOP,
    GATE_STATUS,
    LOCALIZATION_STATUS,
    ODOM,
    SCAN,
    TELEOP_LEASE,
)
from patrol_sim.scenario import Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.evaluation.trial import EPOCH_S
from ronda_cli.setting import Setting
from ronda_cli.teaching.lesson import Act
from ronda_cli.teaching.run import Teacher
from ronda_cli.teleop.keys import Key
from ronda_cli.teleop.operator import Operator, TeleopParams

ARRIVED_M = 0.25
STRAIGHT_RAD, LEAD_RAD = 0.25, 0.16
"""Off by more he turns; he lets go before it is right, for the robot turns on a little."""


class Driver:
    """Holds one key at a time, looking where the robot believes to be."""

    def __init__(self, loop: ClosedLoop, teacher: Teacher | None = None) -> None:
        self.loop = loop
        self.teacher = teacher
        self.pose: Pose2 | None = None
        self._operator = Operator(TeleopParams(speed_mps=0.6, yaw_rate_radps=0.5))
        self._mailbox = Mailbox((ODOM, GATE_STATUS, AMCL_POSE, LOCALIZATION_STATUS, SCAN))
        self._heard_s = -1.0
        self._turns = False
        loop.attach(self._mailbox, "cli")

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            self._step(None)

    def back_off(self, metres: float) -> None:
        """Straight backwards, out of a dock."""
        self.wait(2.0)
        begun = self.pose
        assert begun is not None
        while self.pose is not None and self.pose.distance_to(begun) < metres:
            self._step(Key.BACK)

    def go(self, points: Sequence[tuple[float, float]], limit_s: float = 300.0) -> None:
        """From point to point, turning on the spot between."""
        end_s = self.loop.now_s + limit_s
        for x_m, y_m in points:
            while True:
                assert self.loop.now_s < end_s, f"does not get to {x_m}, {y_m} from {self.pose}"
                assert self.pose is not None
                ahead = Pose2(x_m, y_m).relative_to(self.pose)
                if math.hypot(ahead.x_m, ahead.y_m) < ARRIVED_M:
                    break
                self._step(self._key_towards(math.atan2(ahead.y_m, ahead.x_m)))

    def _key_towards(self, bearing_rad: float) -> Key:
        off_rad = wrap_angle(bearing_rad)
        self._turns = abs(off_rad) > (LEAD_RAD if self._turns else STRAIGHT_RAD)
        if not self._turns:
            return Key.AHEAD
        return Key.LEFT if off_rad > 0.0 else Key.RIGHT

    def mark(self, act: Act) -> str:
        assert self.teacher is not None
        return self.teacher.act(act, self.loop.now_s)

    def _step(self, key: Key | None) -> None:
        loop, now_s = self.loop, self.loop.now_s
        if key is not None:
            self._operator.press(key, now_s)
        said = self._operator.step(now_s)
        if said.lease is not None:
            loop.publish(TELEOP_LEASE, said.lease)
        if said.command is not None:
            loop.publish(CMD_VEL_TELEOP, said.command)
        loop.step()
        self._hear(loop.now_s)

    def _hear(self, now_s: float) -> None:
        heard = self._mailbox.snapshot()
        odometry, gate = heard.latest(ODOM), heard.latest(GATE_STATUS)
        if odometry is not None:
            self._operator.hear_odometry(odometry.stamp_s, now_s)
        if gate is not None:
            self._operator.hear_gate(gate, now_s)
        status, estimate = heard.latest(LOCALIZATION_STATUS), heard.latest(AMCL_POSE)
        scan = heard.latest(SCAN)
        if self.teacher is not None and status is not None:
            self.teacher.hear_quality(status)
        if self.teacher is not None and scan is not None:
            self.teacher.hear_scan(scan)
        if estimate is not None:
            self.pose = estimate.pose
            if self.teacher is not None and estimate.stamp_s > self._heard_s:
                self._heard_s = estimate.stamp_s
                self.teacher.hear_pose(estimate, now_s)


def make_loop(setting: Setting, site: Site, folder: Path, *, use_map: bool = True) -> ClosedLoop:
    """The yard's world with a robot in its dock and nobody else; nobody looks for anything."""
    docks = tuple(dock.pose for dock in setting.site.docks)
    scenario = Scenario("teaching", (Start(docks[0]),))
    simulator = Simulator(setting.world, [setting.setup()], scenario, 7, docks=docks, camera=False)
    context = ProcessContext(site, setting.robot, folder, 7, EPOCH_S)
    processes = tuple(p for p in PROCESSES if p.name in {"nav", "mission", "records"})
    loop = ClosedLoop(simulator, context, {"nav": {"use_map": use_map}}, processes)
    loop.setup()
    return loop
