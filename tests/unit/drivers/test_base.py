"""The base on a fake RoboClaw: what it follows, what it tells, and when it says nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from tests.controllers.fake import FakeClock
from tests.controllers.roboclaw_fake import FakeRoboClaw

from patrol_core.component import Outputs
from patrol_core.errors import ConfigError
from patrol_core.robot import load_robot
from patrol_core.topics import (
    BATTERY_STATE,
    DIAGNOSTICS,
    ESTOP,
    JOINT_STATES,
    ODOM,
    TF,
    TF_STATIC,
)
from patrol_core.types.motion import VelocityCommand
from patrol_core.types.status import HealthLevel
from patrol_drivers.base.base import Base
from patrol_drivers.base.charge import BatteryParams, ChargeGauge
from patrol_drivers.base.kinematics import drive_limits, wheel_speeds
from patrol_drivers.base.setup import CONTROLLERS, BaseParams, has_motors, load_motors
from patrol_drivers.roboclaw.driver import RoboClawDriver
from patrol_drivers.roboclaw.params import RoboClawParams

ROBOT_FILE = Path(__file__).parents[3] / "urdf" / "config" / "rover.yaml"
ROBOT = load_robot(ROBOT_FILE)
UNIX_S = 1_800_000_000.0


class Bench:
    """A base with everything behind it. Unix time and the steady clock are far apart."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fake = FakeRoboClaw(self.clock)
        limits = drive_limits(ROBOT)
        params = RoboClawParams(
            ticks_per_rev=float(ROBOT.wheels.encoder_ticks_per_rev),
            max_speed_radps=limits.max_speed_radps,
            max_acceleration_radps2=limits.max_acceleration_radps2,
        )
        driver = RoboClawDriver(params, self.fake, self.clock)
        self.base = Base(ROBOT, BaseParams(controller="roboclaw"), driver)
        self.started = self.base.start()

    def run(
        self, seconds: float, linear_mps: float | None = 0.0, angular_radps: float = 0.0
    ) -> Outputs:
        """Cycles at 50 Hz, with a fresh command each unless `linear_mps` is None."""
        said, cycles = Outputs(), round(seconds * 50.0)
        for _ in range(cycles):
            start_s = self.clock()
            now_s = UNIX_S + start_s
            if linear_mps is not None:
                command = VelocityCommand(now_s, linear_mps, angular_radps)
                self.base.command.receive(command, start_s)
            for topic, value in self.base.cycle(now_s, start_s):
                said.put(topic, value)
            self.clock.advance(max(start_s + 0.02 - self.clock(), 0.0))
        return said

    @property
    def wheels_radps(self) -> list[float]:
        scale = math.tau / ROBOT.wheels.encoder_ticks_per_rev
        return [speed * scale for speed in self.fake.speeds]


def test_a_curve_is_two_wheel_speeds_and_odometry_says_what_was_driven() -> None:
    bench = Bench()
    assert bench.started == ""
    said = bench.run(2.0, 0.5, 0.4)
    left, right = wheel_speeds(VelocityCommand(0.0, 0.5, 0.4), ROBOT)
    assert bench.wheels_radps == pytest.approx([left, right], rel=0.01)
    odometry = said.of(ODOM)[-1]
    assert odometry.linear_mps == pytest.approx(0.5, rel=0.05)
    assert odometry.angular_radps == pytest.approx(0.4, rel=0.1)
    assert odometry.pose.yaw_rad == pytest.approx(0.8, rel=0.05)
    assert odometry.stamp_s == pytest.approx(UNIX_S + bench.clock(), abs=0.05)
    assert len(said.of(ODOM)) >= 98 and len(said.of(TF)) == len(said.of(ODOM))
    assert 18 <= len(said.of(JOINT_STATES)) <= 21
    assert len(said.of(TF_STATIC)) == 1


@pytest.mark.parametrize("why", ["silence", "old stamp", "two publishers", "not a number"])
def test_what_may_not_be_followed_is_a_stop(why: str) -> None:
    bench = Bench()
    bench.run(1.0, 0.5)
    if why == "silence":
        bench.run(0.1, None)
        assert bench.wheels_radps[0] > 0.0
        bench.run(0.06, None)
    elif why == "old stamp":
        for _ in range(2):
            old = VelocityCommand(UNIX_S + bench.clock() - 0.3, 0.5, 0.0)
            bench.base.command.receive(old, bench.clock())
            bench.run(0.02, None)
    elif why == "two publishers":
        bench.base.command.publishers = 2
        bench.run(0.02, 0.5)
    else:
        bench.run(0.02, math.nan)
    assert bench.wheels_radps == [0.0, 0.0]


def test_while_the_controller_tells_nothing_nothing_is_published() -> None:
    bench = Bench()
    bench.run(1.0, 0.5)
    bench.fake.line.plugged = False
    said = bench.run(2.0, 0.5)
    assert said.of(ODOM) == [] and said.of(BATTERY_STATE) == [] and said.of(ESTOP) == []
    words = [(health.level, health.message) for health in said.of(DIAGNOSTICS)]
    assert words[0][0] is HealthLevel.ERROR and "link lost" in words[0][1]
    assert (HealthLevel.ERROR, "RoboClaw 2x30A v4.1.34 does not answer") in words
    bench.fake.line.plugged = True
    assert bench.run(1.0, 0.5).of(ODOM)


def test_a_controller_that_was_reset_leaves_doubt_about_the_place() -> None:
    bench = Bench()
    before = bench.run(1.0, 0.5).of(ODOM)[-1]
    bench.fake.boot()
    after = bench.run(2.0, 0.5).of(ODOM)[-1]
    assert after.pose.x_m > before.pose.x_m
    assert after.covariance[0] > before.covariance[0] + 0.03
    assert after.covariance[8] > before.covariance[8] + 0.08


def test_its_e_stop_and_its_battery_are_told() -> None:
    bench = Bench()
    calm = bench.run(3.0)
    assert calm.of(ESTOP)[-1].source == "robot" and not calm.of(ESTOP)[-1].pressed
    battery = calm.of(BATTERY_STATE)[-1]
    assert battery.voltage_v == 24.5 and battery.current_a < 0.0 and not battery.charging
    bench.fake.status = 0x000001
    assert bench.run(0.5).of(ESTOP)[-1].pressed


def test_health_says_how_the_controller_is() -> None:
    health = Bench().run(1.5).of(DIAGNOSTICS)[-1]
    values = dict(health.values)
    assert health.level is HealthLevel.OK and health.message == "running"
    assert values["watchdog"] == "read back from the controller"
    assert "own reset" in values["cannot_tell"]


def test_the_shipped_robot_file_names_a_controller() -> None:
    assert has_motors(ROBOT_FILE)
    setup = load_motors(ROBOT_FILE, ROBOT, port="/dev/null")
    assert setup.base.controller == "roboclaw" and setup.port == "/dev/null"
    assert setup.make_driver(FakeClock()).capabilities.position


@pytest.mark.parametrize("name", CONTROLLERS)
def test_every_controller_can_be_named(name: str, tmp_path: Path) -> None:
    more = ", full_speed_radps: 25.0" if name == "sabertooth" else ""
    setup = load_motors(written(tmp_path, f"{{controller: {name}, port: /dev/x{more}}}"), ROBOT)
    assert setup.make_driver(FakeClock()) is not None


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("{controller: robotclaw}", "motors.controller is 'robotclaw'"),
        ("{port: /dev/x}", "motors.controller is ''"),
        ("{controller: roboclaw, prot: /dev/x}", "unknown parameter 'prot'"),
        ("{controller: roboclaw, baud: 9601}", "baud is 9601"),
        ("{controller: roboclaw, battery: {chemistry: coal}}", "'battery.chemistry' is 'coal'"),
        ("[roboclaw]", "no motor controller is named"),
    ],
)
def test_a_wrong_section_is_told_with_its_file(section: str, words: str, tmp_path: Path) -> None:
    path = written(tmp_path, section)
    with pytest.raises(ConfigError) as caught:
        load_motors(path, ROBOT)
    assert words in str(caught.value) and str(path) in str(caught.value)


def written(folder: Path, section: str) -> Path:
    path = folder / "robot.yaml"
    text = ROBOT_FILE.read_text(encoding="utf-8").partition("motors:")[0]
    path.write_text(f"{text}motors: {section}\n", encoding="utf-8")
    return path


class Pack:
    """A battery whose charge is known, read once a second."""

    def __init__(self, fraction: float, chemistry: str = "lifepo4") -> None:
        battery = replace(ROBOT.battery, capacity_wh=256.0, nominal_voltage_v=25.6)
        self.gauge = ChargeGauge(battery, BatteryParams(chemistry=chemistry, idle_a=1.0))
        self.fraction = fraction
        self._curve = ((0.0, 2.5), (0.05, 3.05), (0.1, 3.17), (0.2, 3.22), (0.4, 3.275),
                       (0.7, 3.32), (0.95, 3.35), (1.0, 3.45))  # fmt: skip

    def draw(self, motors_a: float, seconds: int) -> None:
        for _ in range(seconds):
            self.fraction -= (motors_a + 1.0) / 36_000.0
            below = max(p for p in self._curve if p[0] <= self.fraction)
            above = min(p for p in self._curve if p[0] >= self.fraction)
            share = (self.fraction - below[0]) / max(above[0] - below[0], 1e-9)
            rest_v = 8.0 * (below[1] + share * (above[1] - below[1]))
            self.gauge.step(rest_v - 0.05 * (motors_a + 1.0), motors_a, 1.0)


@pytest.mark.parametrize("fraction", [0.95, 0.6, 0.3])
def test_the_charge_is_found_and_followed(fraction: float) -> None:
    pack = Pack(fraction)
    pack.draw(4.0, 900)
    assert pack.gauge.fraction == pytest.approx(pack.fraction, abs=0.15)
    pack.draw(4.0, 900)
    assert pack.gauge.fraction == pytest.approx(pack.fraction, abs=0.12)


def test_an_empty_battery_is_known_for_empty() -> None:
    pack = Pack(0.16)
    pack.draw(6.0, 600)
    assert pack.gauge.fraction < 0.12
    assert pack.gauge.std < 0.1


def test_more_voltage_than_the_battery_has_is_a_charger() -> None:
    pack = Pack(0.5)
    assert pack.gauge.charging(29.0) and not pack.gauge.charging(27.0)
