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
from patrol_sim.firmware import Firmware
from patrol_sim.params import SimParams
from patrol_sim.pinhole import camera_info, depth_image
from patrol_sim.rng import stream
from patrol_sim.scenario import Fault, FaultKind
from patrol_sim.wheels import Encoders

T = TypeVar("T")
ESTOP_SOURCE = "robot"


class GazeboBase:
    """What the process `base` does for one robot. Gazebo's readings come in through `measured`,
    `turned`, `charged` and `felt`; what the robot says leaves through `outputs`.

    Faults are those of the embedded simulator; a robot with an empty battery stands.
    """

    def __init__(self, key: str, model: RobotModel, params: SimParams, seed: int) -> None:
        self.key = key
        self._firmware = Firmware(model, params, stream(seed, key, "wheels"))
        self.controller = self._firmware.controller
        self._model = model
        self._params = params
        self._depth_rng = stream(seed, key, "depth")
        self._encoders = Encoders(model.wheels)
        self._odometry = WheelOdometry(model.wheels)
        self._angles: tuple[float, float] | None = None
        self._turned_s = -math.inf
        self._battery: BatteryState | None = None
        self._side = ""
        self._bumper_said = ""
        self._is_introduced = False
        self._said_s: dict[str, float] = {}

    def set_faults(self, faults: tuple[Fault, ...]) -> None:
        """The faults that are active now."""
        self._firmware.set_faults(faults)

    def apply(self, command: VelocityCommand, now_s: float) -> None:
        """A command has arrived at the base."""
        self._firmware.apply(command, now_s)

    def measured(self, row: Topic[T], value: T) -> None:
        """A sensor of Gazebo has measured; Gazebo knows no variance of a position."""
        if isinstance(value, GnssFix):
            variance = self._params.gnss.white_std_m**2
            position = (value.latitude_rad, value.longitude_rad, value.altitude_m)
            fix = GnssFix(value.stamp_s, *position, (variance,) * 3, value.valid)
            self._firmware.say(topics.FIX, fix)
        elif isinstance(value, DepthImage):
            depth_m = np.where(np.isfinite(value.depth_m), value.depth_m, np.float32(np.inf))
            camera, params = self._model.camera, self._params.camera
            image = depth_image(value.stamp_s, depth_m, camera, params, self._depth_rng)
            self._firmware.say(topics.CAMERA_DEPTH, image)
        else:
            self._firmware.say(row, value)

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
                (left_rad, right_rad), self._angles, self._firmware.slip, strict=True
            )
        ]
        self._angles, self._turned_s = (left_rad, right_rad), stamp_s
        self._odometry.step(*self._encoders.step((moved[0], moved[1])), dt_s)
        odometry = self._odometry.odometry(stamp_s)
        self._firmware.say(topics.ODOM, odometry)
        pose = Transform3.from_pose2(odometry.pose)
        edge = StampedTransform(stamp_s, "odom", "base_link", pose)
        self._firmware.say(topics.TF, Transforms((edge,)))
        if self._due(topics.JOINT_STATES, stamp_s):
            self._firmware.say(topics.JOINT_STATES, self._odometry.joint_states(stamp_s))

    def charged(self, battery: BatteryState) -> None:
        """What Gazebo's battery says."""
        self._battery = battery

    def felt(self, side: str) -> None:
        """The contact strip of a side ("front", "rear") is pressed, or neither ("")."""
        self._side = side

    def step(self, now_s: float, dt_s: float) -> tuple[float, float]:
        """One tick: the rates [rad/s] that the left and the right wheel are to turn at."""
        self._say_own(now_s)
        powered = self._battery is None or self._battery.charge_fraction > 0.0
        return self._firmware.turn(now_s, dt_s, is_powered=powered)

    def _say_own(self, now_s: float) -> None:
        """What is due of what Gazebo has no sensor for."""
        if not self._is_introduced:
            self._is_introduced = True
            mounts = [StampedTransform(now_s, *mount) for mount in self._model.mounts()]
            self._firmware.say(topics.TF_STATIC, Transforms(tuple(mounts)))
            self._firmware.say(topics.CAMERA_INFO, camera_info(self._model.camera, now_s))
        if self._due(topics.BUMPER, now_s) or self._side != self._bumper_said:
            self._firmware.say(topics.BUMPER, BumperState(now_s, bool(self._side), self._side))
            self._bumper_said = self._side
        if self._due(topics.ESTOP, now_s):
            pressed = self._firmware.fault(FaultKind.PRESS) is not None
            self._firmware.say(topics.ESTOP, EstopState(now_s, ESTOP_SOURCE, pressed))
        if self._battery is not None and self._due(topics.BATTERY_STATE, now_s):
            self._firmware.say(topics.BATTERY_STATE, self._battery)

    def _due(self, row: Topic[Any], now_s: float) -> bool:
        """Whether a row's period has passed since it was last due."""
        period_s = _period_s(row)
        last_s = self._said_s.get(row.name, -math.inf)
        if now_s - last_s < period_s - 1e-6:
            return False
        late = now_s - last_s > 2.0 * period_s
        self._said_s[row.name] = now_s if late else last_s + period_s
        return True

    def outputs(self) -> Outputs:
        """What the robot has said since the last call, in order."""
        return self._firmware.outputs()


def _period_s(row: Topic[Any]) -> float:
    """The time between two samples of a row."""
    return 1.0 / row.rate_hz
