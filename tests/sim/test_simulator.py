from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.simulated import box, drive, make_simulator, make_world, rover, said

from patrol_core import topics
from patrol_core.geometry import Pose2
from patrol_core.topics import Topic
from patrol_core.types.motion import VelocityCommand
from patrol_sim.errors import RobotDescriptionError, ScenarioError
from patrol_sim.params import BatteryParams, GnssParams, ImuParams, SimParams, WheelParams
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Fault, FaultKind, Pedestrian, PlacedObject, Scenario, Start
from patrol_sim.simulator import Simulator


def test_drives_as_told() -> None:
    simulator = make_simulator()
    drive(simulator, 1.0, 0.0, 4.0)
    pose = simulator.robot().pose
    ramp_s = 1.0 / 0.8
    assert pose.x_m == pytest.approx(4.0 - ramp_s / 2.0, abs=0.05)
    assert abs(pose.y_m) < 0.01
    assert simulator.robot().velocity[0] == pytest.approx(1.0, abs=0.01)


def test_turns_as_told() -> None:
    simulator = make_simulator()
    drive(simulator, 0.0, 0.8, 3.0)
    expected = 0.8 * (3.0 - 0.8 / 3.0 / 2.0)
    assert simulator.robot().pose.yaw_rad == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("speed_mps", [0.5, 1.0, 1.5])
def test_stops_within_v2_over_2a_after_the_expiry(speed_mps: float) -> None:
    simulator = make_simulator()
    drive(simulator, speed_mps, 0.0, 3.0)
    before = simulator.robot().pose.x_m
    simulator.step(3.0)
    way = simulator.robot().pose.x_m - before
    expected = 0.15 * speed_mps + speed_mps**2 / (2.0 * 1.5)
    assert way == pytest.approx(expected, abs=0.04 * speed_mps + 0.01)
    assert simulator.robot().speed_mps < 1e-3


def test_is_at_rest_in_time_after_the_last_command() -> None:
    simulator = make_simulator()
    drive(simulator, 1.5, 0.0, 3.0)
    simulator.step(0.24 + 1.5 / 1.5)
    assert simulator.robot().speed_mps < 0.02


def test_same_seed_same_bits_and_another_seed_not() -> None:
    people = (Pedestrian("p", ((3.0, 1.0), (3.0, -1.0)), 1.2, 0.5, 0.0, gives_way=True),)
    scenario = Scenario("t", (Start(Pose2(0.0, 0.0)),), people)

    def run(seed: int) -> list[bytes]:
        simulator = make_simulator(scenario=scenario, params=SimParams(), seed=seed)
        trace = []
        for tick in range(150):
            now_s = simulator.now_s
            command = VelocityCommand(now_s, 0.6, math.sin(tick / 20.0))
            simulator.robot().apply(command, now_s)
            simulator.step(0.02)
            trace.append(np.array([*vars_of(simulator)]).tobytes())
        scans = said(simulator, topics.SCAN)
        return [*trace, *(scan.ranges_m.tobytes() for scan in scans)]

    def vars_of(simulator: Simulator) -> tuple[float, ...]:
        pose = simulator.robot().pose
        return (pose.x_m, pose.y_m, pose.yaw_rad)

    assert run(3) == run(3)
    assert run(3) != run(4)


def test_odometry_without_errors_is_the_truth() -> None:
    simulator = make_simulator()
    drive(simulator, 0.8, 0.4, 5.0)
    odometry = said(simulator, topics.ODOM)[-1]
    assert odometry.pose.distance_to(simulator.robot().pose) < 0.03
    assert odometry.linear_mps == pytest.approx(0.8, abs=0.02)


def test_slip_makes_odometry_drift_within_its_covariance() -> None:
    wheels = WheelParams()
    errors = []
    for seed in range(4):
        simulator = make_simulator(params=SimParams(wheels=wheels), seed=seed)
        drive(simulator, 1.0, 0.0, 6.0)
        odometry = said(simulator, topics.ODOM)[-1]
        off = odometry.pose.relative_to(simulator.robot().pose)
        errors.append(abs(off.y_m) / math.sqrt(odometry.covariance[4]))
    assert 0.05 < np.mean(errors) < 3.0


def test_slip_fault_loses_way() -> None:
    simulator = make_simulator()
    simulator.add_fault(Fault(FaultKind.SLIP, 0.0, 60.0, amount=0.5))
    drive(simulator, 1.0, 0.0, 3.0)
    odometry = said(simulator, topics.ODOM)[-1]
    assert simulator.robot().pose.x_m == pytest.approx(0.5 * odometry.pose.x_m, rel=0.03)


def test_imu_measures_gravity_and_rate() -> None:
    simulator = make_simulator()
    drive(simulator, 0.0, 0.5, 2.0)
    imu = said(simulator, topics.IMU)[-1]
    assert imu.angular_velocity_radps[2] == pytest.approx(0.5, abs=0.02)
    assert imu.linear_acceleration_mps2[2] == pytest.approx(9.8, abs=0.1)


def test_imu_bias_is_constant_over_a_short_time() -> None:
    params = SimParams(imu=ImuParams(gyro_noise_radps=0.0, gyro_bias_std_radps=0.01))
    simulator = make_simulator(params=params)
    simulator.step(1.0)
    rates = [imu.angular_velocity_radps[2] for imu in said(simulator, topics.IMU)][10:]
    assert np.std(rates) < 2e-4
    assert abs(np.mean(rates)) > 1e-4


def test_rates_of_the_rows() -> None:
    simulator = make_simulator()
    simulator.step(2.0)
    outputs = simulator.robot().outputs()
    rows: tuple[Topic[Any], ...] = (
        topics.SCAN,
        topics.IMU,
        topics.ODOM,
        topics.TF,
        topics.FIX,
        topics.BATTERY_STATE,
    )
    for row in rows:
        assert len(outputs.of(row)) == 2.0 * row.rate_hz
    written = {row.name for row, _ in outputs}
    assert written <= {row.name for row in topics.TOPICS if "base" in row.writers}


def test_every_stamp_is_the_time_of_measurement() -> None:
    simulator = make_simulator()
    simulator.step(1.0)
    stamps = [imu.stamp_s for imu in said(simulator, topics.IMU)]
    assert stamps == pytest.approx(np.arange(1, 51) * 0.02)


def wall_at(x_m: float, name: str = "wall") -> str:
    return box(name, "0.2 4 1", f"{x_m + 0.1} 0 0.5 0 0 0")


def test_a_wall_hit_is_one_contact_of_the_robot_and_presses_the_bumper() -> None:
    simulator = make_simulator(wall_at(1.45))
    drive(simulator, 0.5, 0.0, 4.0)
    (contact,) = simulator.truth().contacts
    assert (contact.other, contact.by_robot, contact.allowed) == ("wall", True, False)
    assert contact.speed_mps == pytest.approx(0.5, abs=0.05)
    assert simulator.truth().contacts_by_robots() == (contact,)
    assert not simulator.truth().failed
    pressed = [bumper for bumper in said(simulator, topics.BUMPER) if bumper.pressed]
    assert pressed[0].side == "front"
    assert pressed[0].stamp_s == pytest.approx(contact.start_s, abs=0.021)
    assert simulator.truth().robots[0].clearance_thing_m < 0.05


def test_touching_the_dock_slowly_is_allowed() -> None:
    simulator = make_simulator(wall_at(0.6, "dock_station"), docks=(Pose2(0.15, 0.0),))
    drive(simulator, 0.1, 0.0, 3.0)
    (contact,) = simulator.truth().contacts
    assert contact.allowed
    assert simulator.truth().robots[0].docked
    assert said(simulator, topics.BATTERY_STATE)[-1].charging


def test_standing_free_touches_nothing() -> None:
    simulator = make_simulator(wall_at(2.0))
    simulator.step(1.0)
    assert simulator.truth().contacts == ()
    assert simulator.truth().robots[0].clearance_thing_m == pytest.approx(1.55, abs=0.01)
    assert simulator.truth().robots[0].tilt_rad < 0.01


def meeting(gives_way: bool) -> Scenario:
    person = Pedestrian("p", ((4.0, 0.0), (-4.0, 0.0)), 1.0, 0.0, 0.0, gives_way)
    return Scenario("t", (Start(Pose2(0.0, 0.0)),), (person,))


def test_one_who_ignores_robots_does_not_walk_into_one_that_stands() -> None:
    simulator = make_simulator(scenario=meeting(gives_way=False))
    simulator.step(6.0)
    truth = simulator.truth()
    assert truth.contacts == ()
    assert truth.people[0].pose.yaw_rad == pytest.approx(0.0)


def test_one_who_ignores_robots_meets_one_that_moves() -> None:
    simulator = make_simulator(scenario=meeting(gives_way=False))
    drive(simulator, 0.3, 0.0, 4.0)
    truth = simulator.truth()
    assert {contact.other for contact in truth.contacts} == {"p"}
    assert truth.contacts[0].person
    assert truth.contacts[0].by_robot
    assert truth.failed
    assert truth.robots[0].clearance_person_m < 0.05
    assert truth.robots[0].clearance_moving_m < 0.05


def test_one_who_gives_way_waits_and_turns_round() -> None:
    simulator = make_simulator(scenario=meeting(gives_way=True))
    simulator.step(5.0)
    assert simulator.truth().people[0].speed_mps == 0.0
    simulator.step(5.0)
    truth = simulator.truth()
    assert truth.contacts == ()
    assert truth.people[0].pose.x_m > 2.0
    assert truth.robots[0].clearance_person_m > 0.8
    assert truth.robots[0].clearance_moving_m > truth.robots[0].clearance_person_m


def test_driving_into_a_person_fails_the_run() -> None:
    person = Pedestrian("p", ((2.0, 0.0), (8.0, 0.0)), 1.0, 5.0, 100.0, gives_way=True)
    waiting = Pedestrian("q", ((2.0, 0.0), (2.0, 0.1)), 0.1, 1000.0, 0.0, gives_way=True)
    scenario = Scenario("t", (Start(Pose2(0.0, 0.0)),), (person, waiting))
    simulator = make_simulator(scenario=scenario)
    drive(simulator, 0.8, 0.0, 4.0)
    assert simulator.truth().failed
    assert {contact.other for contact in simulator.truth().contacts} == {"q"}


def test_an_object_appears_at_its_time() -> None:
    bag = PlacedObject("bag", "bag", (0.4, 0.3, 0.4), Pose2(3.0, 0.0), 1.0, planted=True)
    simulator = make_simulator(scenario=Scenario("t", (Start(Pose2(0.0, 0.0)),), objects=(bag,)))
    simulator.step(0.9)
    assert simulator.truth().objects == ()
    assert not np.any(np.isfinite(said(simulator, topics.SCAN)[-1].ranges_m))
    simulator.step(0.5)
    assert simulator.truth().objects == (bag,)
    scan = said(simulator, topics.SCAN)[-1]
    assert np.nanmin(scan.ranges_m) == pytest.approx(3.0 - 0.2 - 0.1, abs=0.01)


@pytest.mark.parametrize("kind", ["box", "cylinder", "ball", "bag", "vehicle"])
def test_every_kind_of_object_is_solid(kind: str) -> None:
    thing = PlacedObject("thing", kind, (0.5, 0.5, 0.5), Pose2(1.7, 0.0), 0.0, planted=True)
    scenario = Scenario("t", (Start(Pose2(0.0, 0.0)),), objects=(thing,))
    simulator = make_simulator(scenario=scenario)
    drive(simulator, 0.5, 0.0, 4.0)
    assert {contact.other for contact in simulator.truth().contacts} == {"thing"}


def test_dropped_and_frozen_rows() -> None:
    simulator = make_simulator()
    simulator.step(1.0)
    simulator.add_fault(Fault(FaultKind.DROP, 1.0, 1.0, row="scan"))
    simulator.add_fault(Fault(FaultKind.FREEZE, 1.0, 1.0, row="imu/data"))
    simulator.robot().outputs()
    simulator.step(0.9)
    outputs = simulator.robot().outputs()
    assert outputs.of(topics.SCAN) == []
    stamps = {imu.stamp_s for imu in outputs.of(topics.IMU)}
    assert sorted(stamps) == pytest.approx([1.0])
    simulator.step(0.5)
    assert said(simulator, topics.SCAN)


def test_cut_link_and_pressed_button() -> None:
    simulator = make_simulator()
    drive(simulator, 0.5, 0.0, 2.0)
    simulator.add_fault(Fault(FaultKind.CUT, 0.0, 100.0))
    simulator.add_fault(Fault(FaultKind.PRESS, 0.0, 100.0))
    drive(simulator, 0.5, 0.0, 1.0)
    assert simulator.robot().speed_mps < 0.01
    assert said(simulator, topics.ESTOP)[-1].pressed


def test_battery_drains_with_work_and_stops_the_robot_when_empty() -> None:
    idle, driving = make_simulator(), make_simulator()
    idle.step(10.0)
    drive(driving, 1.5, 1.0, 10.0)
    left = [said(s, topics.BATTERY_STATE)[-1].charge_fraction for s in (idle, driving)]
    assert left[0] == pytest.approx(0.9 - 45.0 * 10.0 / (480.0 * 3600.0), abs=1e-4)
    assert left[1] < left[0]
    flat = make_simulator(params=SimParams(battery=BatteryParams(initial_fraction=0.0)))
    drive(flat, 1.0, 0.0, 1.0)
    assert flat.robot().speed_mps < 0.01


def test_gnss_is_worse_beside_a_building() -> None:
    def spread(*models: str) -> float:
        params = SimParams(gnss=GnssParams(correlation_s=1.0))
        simulator = make_simulator(*models, params=params)
        simulator.step(12.0)
        fixes = said(simulator, topics.FIX)
        return float(np.std([fix.latitude_rad * 6.37e6 for fix in fixes]))

    walls = [box("a", "1 40 12", "2 0 6 0 0 0"), box("b", "1 40 12", "-2 0 6 0 0 0")]
    assert spread(*walls) > 1.5 * spread()


def test_two_robots_live_in_one_world() -> None:
    robots = [rover("first"), rover("second")]
    starts = (Start(Pose2(0.0, 0.0), "first"), Start(Pose2(3.0, 0.0, math.pi), "second"))
    simulator = Simulator(make_world(), robots, Scenario("t", starts), 1)
    for _ in range(200):
        now_s = simulator.now_s
        simulator.robot("/first").apply(VelocityCommand(now_s, 0.8, 0.0), now_s)
        simulator.step(0.02)
    truth = simulator.truth()
    assert {(c.robot, c.other, c.by_robot) for c in truth.contacts} == {
        ("first", "second", True),
        ("second", "first", False),
    }
    assert simulator.robot("second").outputs().of(topics.SCAN)


def test_a_robot_without_start_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no start"):
        Simulator(make_world(), [rover()], Scenario("t", ()), 1)


def test_a_description_without_lidar_is_refused() -> None:
    urdf = rover().urdf.replace("lidar_link", "radar_link")
    setup = RobotSetup("", rover().model, urdf, Path("broken.urdf"))
    with pytest.raises(RobotDescriptionError, match="lidar_link"):
        Simulator(make_world(), [setup], Scenario("t", (Start(Pose2(0.0, 0.0)),)), 1)


def test_a_step_must_be_whole() -> None:
    with pytest.raises(ValueError, match="multiple"):
        make_simulator().step(0.013)


def test_without_camera_no_graphics_library_is_loaded() -> None:
    code = (
        "import sys, patrol_sim.simulator; "
        "sys.exit(any('OpenGL' in name or 'egl' in name.lower() for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
