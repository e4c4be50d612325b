"""The base: follows `cmd_vel`, and says how the wheels turned and how the controller is.

It sends what it is told and nothing of its own; a command that is missing, old or disputed is a
stop. Its answers come from what the controller measured, never from what was commanded: while the
controller tells nothing, nothing is published, and the gate holds.
"""

from __future__ import annotations

from typing import Any

from patrol_core.component import Outputs
from patrol_core.drive_command import DriveCommand
from patrol_core.errors import RondaError
from patrol_core.geometry import Transform3
from patrol_core.robot import RobotModel
from patrol_core.topics import (
    BATTERY_STATE,
    DIAGNOSTICS,
    ESTOP,
    JOINT_STATES,
    ODOM,
    TF,
    TF_STATIC,
    Topic,
)
from patrol_core.types.motion import StampedTransform, Transforms, VelocityCommand
from patrol_core.types.sensors import BatteryState
from patrol_core.types.status import EstopState, Health, HealthLevel
from patrol_core.wheel_odometry import WheelOdometry
from patrol_drivers.base.charge import ChargeGauge
from patrol_drivers.base.kinematics import drive_limits, wheel_speeds
from patrol_drivers.base.setup import BaseParams
from patrol_drivers.motors import (
    Cycle,
    EventKind,
    MotorDriver,
    MotorEvent,
    MotorReadings,
    Sides,
    Watchdog,
    WheelSpeeds,
)

HEALTH_NAME = "base/motors"
RESET_DOUBT_M, RESET_DOUBT_RAD = 0.2, 0.3
"""How far the robot may have rolled while a controller that was reset counted nothing."""
LOUD = {
    EventKind.LINK_LOST: HealthLevel.ERROR,
    EventKind.WATCHDOG_UNVERIFIED: HealthLevel.ERROR,
    EventKind.LINK_BACK: HealthLevel.OK,
}


class Base:
    """Owns the driver. `cycle` is called at 50 Hz; times are of two clocks: `now_s` stamps rows
    (Unix time), `steady_s` never jumps and is the driver's."""

    def __init__(self, robot: RobotModel, params: BaseParams, driver: MotorDriver) -> None:
        self._robot = robot
        self._params = params
        self._driver = driver
        self._acceleration = drive_limits(robot).max_acceleration_radps2
        self.command = DriveCommand(robot.drive, params.expiry_s, params.max_stamp_age_s)
        self._odometry = WheelOdometry(robot.wheels)
        self._gauge = ChargeGauge(robot.battery, params.battery)
        self._positions: Sides | None = None
        self._read_s = 0.0
        self._said_s: dict[str, float] = {}
        self._name = params.controller
        self._problem = "the controller has not answered yet"

    def start(self) -> str:
        """Try the controller once; "" when it answers, else what is wrong. `cycle` goes on trying
        either way."""
        try:
            self._name = self._driver.start()
        except RondaError as error:
            self._problem = str(error)
            return self._problem
        self._problem = ""
        return ""

    def cycle(self, now_s: float, steady_s: float) -> Outputs:
        """Send the newest command, and publish what the controller tells."""
        outputs = Outputs()
        if TF_STATIC.name not in self._said_s:
            self._said_s[TF_STATIC.name] = now_s
            mounts = [StampedTransform(now_s, *mount) for mount in self._robot.mounts()]
            outputs.put(TF_STATIC, Transforms(tuple(mounts)))
        wanted = self.command.wanted(now_s, steady_s)
        cycle = self._driver.cycle(None if wanted is None else self._wheels(wanted, steady_s))
        if any(event.kind is EventKind.RESET for event in cycle.events):
            self._odometry.doubt(RESET_DOUBT_M, RESET_DOUBT_RAD)
        if cycle.readings is not None:
            self._tell(cycle.readings, now_s, steady_s, outputs)
        self._report(cycle, now_s, outputs)
        return outputs

    def close(self) -> None:
        """Stop the motors and free the port."""
        self._driver.close()

    def _wheels(self, wanted: VelocityCommand, steady_s: float) -> WheelSpeeds:
        """Accelerations are the gate's business; a stop brakes as hard as the base may."""
        left, right = wheel_speeds(wanted, self._robot)
        return WheelSpeeds(steady_s, left, right, self._acceleration)

    def _tell(
        self, readings: MotorReadings, now_s: float, steady_s: float, outputs: Outputs
    ) -> None:
        stamp_s = now_s - (steady_s - readings.stamp_s)
        positions = readings.positions_rad
        if positions is not None:
            self._integrate(positions, readings.stamp_s)
            odometry = self._odometry.odometry(stamp_s)
            outputs.put(ODOM, odometry)
            moved = Transform3.from_pose2(odometry.pose)
            outputs.put(TF, Transforms((StampedTransform(stamp_s, "odom", "base_link", moved),)))
            if self._due(JOINT_STATES, now_s):
                outputs.put(JOINT_STATES, self._odometry.joint_states(stamp_s))
        if readings.estop is not None and self._due(ESTOP, now_s):
            state = EstopState(stamp_s, self._params.estop_source, readings.estop)
            outputs.put(ESTOP, state)
        if readings.battery_v is not None and self._due(BATTERY_STATE, now_s):
            outputs.put(BATTERY_STATE, self._battery(readings, readings.battery_v, stamp_s))

    def _integrate(self, positions: Sides, read_s: float) -> None:
        before, self._positions = self._positions, positions
        since_s, self._read_s = read_s - self._read_s, read_s
        if before is not None and since_s > 0.0:
            left, right = positions.left - before.left, positions.right - before.right
            self._odometry.step(left, right, since_s)

    def _battery(self, readings: MotorReadings, voltage_v: float, stamp_s: float) -> BatteryState:
        currents = readings.currents_a
        motors_a = 0.0 if currents is None else abs(currents.left) + abs(currents.right)
        self._gauge.step(voltage_v, motors_a, 1.0 / BATTERY_STATE.rate_hz)
        charging = self._gauge.charging(voltage_v)
        drawn_a = 0.0 if charging else motors_a + self._params.battery.idle_a
        return BatteryState(stamp_s, voltage_v, -drawn_a, self._gauge.fraction, charging)

    def _due(self, topic: Topic[Any], now_s: float) -> bool:
        """Whether a row's period has passed since it was said last; a clock set back counts."""
        since_s = now_s - self._said_s.get(topic.name, -1e9)
        if 0.0 <= since_s < 1.0 / topic.rate_hz - 0.005:
            return False
        self._said_s[topic.name] = now_s
        return True

    def _report(self, cycle: Cycle, now_s: float, outputs: Outputs) -> None:
        """Every event as it comes, and the state once a second."""
        for event in cycle.events:
            level = LOUD.get(event.kind, HealthLevel.WARN)
            outputs.put(DIAGNOSTICS, Health(now_s, HEALTH_NAME, level, _words(event)))
        if self._due(DIAGNOSTICS, now_s):
            outputs.put(DIAGNOSTICS, self._health(cycle.readings, now_s))

    def _health(self, readings: MotorReadings | None, now_s: float) -> Health:
        if readings is None:
            words = self._problem or f"{self._name} does not answer"
            return Health(now_s, HEALTH_NAME, HealthLevel.ERROR, words)
        self._problem = ""
        values = (
            ("controller", self._name),
            ("watchdog", readings.watchdog.value),
            ("battery_v", _number(readings.battery_v)),
            ("logic_v", _number(readings.logic_v)),
            ("temperatures_c", " ".join(f"{c:.1f}" for c in readings.temperatures_c)),
            ("currents_a", " ".join(f"{a:.2f}" for a in readings.currents_a or ())),
            ("cannot_tell", ", ".join(self._driver.capabilities.cannot_tell)),
        )
        if readings.watchdog is Watchdog.UNVERIFIED:
            level, words = HealthLevel.ERROR, "the controller's watchdog is not verified: stopped"
        elif readings.faults:
            level, words = HealthLevel.WARN, "; ".join(readings.faults)
        else:
            level, words = HealthLevel.OK, "running"
        return Health(now_s, HEALTH_NAME, level, words, values)


def _words(event: MotorEvent) -> str:
    return f"{event.kind.value}: {event.sentence}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
