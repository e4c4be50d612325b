"""The base of a robot in Gazebo: our firmware, encoders and words around Gazebo's wheels."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np

from patrol_core import topics
from patrol_core.component import Outputs
from patrol_core.geometry import Transform3
from patrol_core.robot import RobotModel
from patrol_core.topics import Topic
from patrol_core.types.motion import StampedTransform, Transforms, VelocityCommand
from patrol_core.types.sensors import BatteryState, BumperState, DepthImage, GnssFix
from patrol_core.types.status import EstopState
from patrol_core.wheel_odometry import WheelOdometry
from patrol_sim.base_controller import BaseController
from patrol_sim.params import SimParams
from patrol_sim.pinhole import camera_info, depth_image
from patrol_sim.rng import stream
from patrol_sim.scenario import Fault, FaultKind
from patrol_sim.wheels import Encoders, WheelSlip

T = TypeVar("T")
ESTOP_SOURCE = "robot"


class GazeboBase:
    """What the process `base` does for one robot. Gazebo's readings come in through `measured`,
    `turned`, `charged` and `felt`; what the robot says leaves through `outputs`.

    Faults are those of the embedded simulator; a robot with an empty battery stands.
    """

    def __init__(self, key: str, model: RobotModel, params: SimParams, seed: int) -> None:
        self.key = key
        self.controller = BaseController(model.drive, params.base)
        self._model = model
        self._params = params
        self._depth_rng = stream(seed, key, "depth")
        self._slip = WheelSlip(params.wheels, stream(seed, key, "wheels"))
        self._encoders = Encoders(model.wheels)
        self._odometry = WheelOdometry(model.wheels)
        self._slip_now = (0.0, 0.0)
        self._angles: tuple[float, float] | None = None
        self._turned_s = -math.inf
        self._battery: BatteryState | None = None
        self._side = ""
        self._bumper_said = ""
        self._is_introduced = False
        self._said_s: dict[str, float] = {}
        self._last: dict[str, Any] = {}
        self._faults: tuple[Fault, ...] = ()
        self._outputs = Outputs()

    def set_faults(self, faults: tuple[Fault, ...]) -> None:
        """The faults that are active now."""
        self._faults = faults

    def _fault(self, kind: FaultKind) -> Fault | None:
        return next((fault for fault in self._faults if fault.kind is kind), None)

    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """A command has arrived at the base."""
        if self._fault(FaultKind.CUT) is None:
            self.controller.command.receive(command, now_s)

    def measured(self, row: Topic[T], value: T) -> None:
        """A sensor of Gazebo has measured; Gazebo knows no variance of a position."""
        if isinstance(value, GnssFix):
            variance = self._params.gnss.white_std_m**2
            position = (value.latitude_rad, value.longitude_rad, value.altitude_m)
            fix = GnssFix(value.stamp_s, *position, (variance,) * 3, value.valid)
            self._say(topics.FIX, fix)
        elif isinstance(value, DepthImage):
            depth_m = np.where(np.isfinite(value.depth_m), value.depth_m, np.float32(np.inf))
            camera, params = self._model.camera, self._params.camera
            image = depth_image(value.stamp_s, depth_m, camera, params, self._depth_rng)
            self._say(topics.CAMERA_DEPTH, image)
        else:
            self._say(row, value)

    def turned(self, stamp_s: float, left_rad: float, right_rad: float) -> None:
        """Angles of the wheels at `stamp_s`: what the encoders count, and odometry makes of it.

        More often than the row wants, they are passed over: the next ones have all of the way.
        """
        dt_s = stamp_s - self._turned_s
        if self._angles is None:
            self._angles, self._turned_s = (left_rad, right_rad), stamp_s
            return
        if dt_s < 0.9 * _period_s(topics.ODOM):
            return
        moved = [
            (angle - before) * (1.0 + slip)
            for angle, before, slip in zip(
                (left_rad, right_rad), self._angles, self._slip_now, strict=True
            )
        ]
        self._angles, self._turned_s = (left_rad, right_rad), stamp_s
        self._odometry.step(*self._encoders.step((moved[0], moved[1])), dt_s)
        odometry = self._odometry.odometry(stamp_s)
        self._say(topics.ODOM, odometry)
        pose = Transform3.from_pose2(odometry.pose)
        self._say(topics.TF, Transforms((StampedTransform(stamp_s, "odom", "base_link", pose),)))
        if self._due(topics.JOINT_STATES, stamp_s):
            self._say(topics.JOINT_STATES, self._odometry.joint_states(stamp_s))

    def charged(self, battery: BatteryState) -> None:
        """What Gazebo's battery says."""
        self._battery = battery

    def felt(self, side: str) -> None:
        """The contact strip of a side ("front", "rear") is pressed, or neither ("")."""
        self._side = side

    def step(self, now_s: float, dt_s: float) -> tuple[float, float]:
        """One tick: the rates [rad/s] that the left and the right wheel are to turn at."""
        self._say_own(now_s)
        slip_fault = self._fault(FaultKind.SLIP)
        loss = slip_fault.amount if slip_fault else 0.0
        self._slip.forced = (loss / (1.0 - loss),) * 2
        self._slip_now = self._slip.step(dt_s, self.controller.moving)
        linear, angular = self.controller.step(now_s, dt_s)
        if self._battery is not None and self._battery.charge_fraction <= 0.0:
            linear = angular = 0.0
        wheels = self._model.wheels
        turn = angular * wheels.separation_m / 2.0
        left = (linear - turn) / wheels.left_radius_m / (1.0 + self._slip_now[0])
        right = (linear + turn) / wheels.right_radius_m / (1.0 + self._slip_now[1])
        return left, right

    def _say_own(self, now_s: float) -> None:
        """What is due of what Gazebo has no sensor for."""
        if not self._is_introduced:
            self._is_introduced = True
            mounts = [StampedTransform(now_s, *mount) for mount in self._model.mounts()]
            self._say(topics.TF_STATIC, Transforms(tuple(mounts)))
            self._say(topics.CAMERA_INFO, camera_info(self._model.camera, now_s))
        if self._due(topics.BUMPER, now_s) or self._side != self._bumper_said:
            self._say(topics.BUMPER, BumperState(now_s, bool(self._side), self._side))
            self._bumper_said = self._side
        if self._due(topics.ESTOP, now_s):
            pressed = self._fault(FaultKind.PRESS) is not None
            self._say(topics.ESTOP, EstopState(now_s, ESTOP_SOURCE, pressed))
        if self._battery is not None and self._due(topics.BATTERY_STATE, now_s):
            self._say(topics.BATTERY_STATE, self._battery)

    def _due(self, row: Topic[Any], now_s: float) -> bool:
        """Whether a row's period has passed since it was last due."""
        period_s = _period_s(row)
        last_s = self._said_s.get(row.name, -math.inf)
        if now_s - last_s < period_s - 1e-6:
            return False
        late = now_s - last_s > 2.0 * period_s
        self._said_s[row.name] = now_s if late else last_s + period_s
        return True

    def _say(self, row: Topic[T], value: T) -> None:
        kinds = {fault.kind for fault in self._faults if fault.row == row.name}
        if FaultKind.DROP in kinds:
            return
        if FaultKind.FREEZE in kinds:
            value = self._last.get(row.name, value)
        self._last[row.name] = value
        self._outputs.put(row, value)

    def outputs(self) -> Outputs:
        """What the robot has said since the last call, in order."""
        said, self._outputs = self._outputs, Outputs()
        return said


def _period_s(row: Topic[Any]) -> float:
    """The time between two samples of a row."""
    return 1.0 / row.rate_hz
