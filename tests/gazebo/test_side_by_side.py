"""Gazebo and the embedded simulator: the same world seen, driven through and touched."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from _side_by_side import floor, pair, range_differences, square_track, stop_distance_m, tell
from tests.simulated import ROOT, rover

from patrol_core import topics
from patrol_core.geometry import Pose2
from patrol_core.types.motion import VelocityCommand
from patrol_gazebo.simulator import GazeboSimulator
from patrol_sim.errors import ScenarioError
from patrol_sim.params import ideal_params
from patrol_sim.removal import Removal
from patrol_sim.scenario import Pedestrian, PlacedObject, Scenario, Start, load_scenario
from patrol_sim.sdf import load_world

YARD = ROOT / "sim" / "worlds" / "yard.sdf"
PLACES = (
    Pose2(-5.5, 3.0, 1.0), Pose2(5.5, -3.0, 2.0), Pose2(-5.0, -3.5, 0.0), Pose2(0.5, 3.6, -2.5),
)  # fmt: skip


def in_yard(folder: Path, scenario: Scenario) -> GazeboSimulator:
    return GazeboSimulator(
        load_world(YARD), [rover()], scenario, 1, folder=folder, params=ideal_params()
    )


def test_both_see_the_same_people_and_things_and_walls(gazebo: Path) -> None:
    scenario = load_scenario(ROOT / "sim" / "scenarios" / "yard.yaml")
    both = pair(load_world(YARD), rover(), scenario, gazebo, ideal_params())
    try:
        for stage in both.both:
            stage.step(12.0)
        differences = range_differences(both, PLACES)
        assert np.median(differences) < 0.02
        assert np.percentile(differences, 95) < 0.05
        people = [stage.robot().body.revolution().people.sum() for stage in both.both]
        assert people[0] == people[1] > 0
        depth = [stage.robot().body.coarse_depth_m() for stage in both.both]
        assert np.nanmedian(np.abs(depth[0] - depth[1])) < 0.02
        sky = [stage.robot().body.hidden_sky() for stage in both.both]
        assert sky[0] == pytest.approx(sky[1], abs=0.1)
    finally:
        both.close()


def test_both_stop_and_drive_a_square_alike(gazebo: Path, tmp_path: Path) -> None:
    start = Scenario("floor", (Start(Pose2(0.0, 0.0)),))
    both = pair(floor(tmp_path), rover(), start, gazebo, ideal_params())
    try:
        for speed_mps in (0.5, 1.5):
            first, second = (stop_distance_m(stage, speed_mps) for stage in both.both)
            assert second == pytest.approx(first, rel=0.05)
        tracks = [square_track(stage) for stage in both.both]
        way_m = np.hypot(*np.diff(tracks[0], axis=0).T).sum()
        assert np.hypot(*(tracks[0] - tracks[1]).T).max() < 0.05 * way_m
        odometry = both.gazebo.robot()
        tell(both.gazebo, 0.0, 0.0, 0.1)
        assert odometry.tilt_rad < 0.01 and odometry.speed_mps < 0.01
    finally:
        both.close()


def test_who_stands_in_the_way_is_touched_and_the_bumper_tells(gazebo: Path) -> None:
    person = Pedestrian("walker", ((-2.0, -3.0), (-1.9, -3.0)), 0.5, 1000.0, 0.0, gives_way=False)
    box = PlacedObject("box", "box", (0.4, 0.4, 0.4), Pose2(-5.8, -3.0), 1.0, planted=True)
    start = Scenario("touch", (Start(Pose2(-3.6, -3.0)),), (person,), (box,))
    simulator = in_yard(gazebo, start)
    try:
        robot = simulator.robot()
        ahead = robot.body.revolution()
        assert not simulator.truth().objects and ahead.people.sum() > 0
        tell(simulator, 0.0, 0.0, 1.1)
        assert [thing.name for thing in simulator.truth().objects] == ["box"]
        behind = robot.body.revolution().ranges_m[0]
        assert behind == pytest.approx(5.8 - 3.6 + 0.1 - 0.2, abs=0.02)
        tell(simulator, -0.5, 0.0, 5.0)
        (contact,) = simulator.truth().contacts
        assert (contact.other, contact.person, contact.by_robot) == ("box", False, True)
        robot.place(Pose2(-3.6, -3.0))
        robot.outputs()
        for _ in range(150):
            tell_once(simulator, 0.8)
        assert simulator.truth().failed
        assert {state.side for state in robot.outputs().of(topics.BUMPER) if state.pressed} == {
            "front"
        }
        assert simulator.truth().robots[0].clearance_person_m == 0.0
    finally:
        simulator.close()


def tell_once(simulator: GazeboSimulator, speed_mps: float) -> None:
    now_s = simulator.now_s
    simulator.robot().apply(VelocityCommand(now_s, speed_mps, 0.0), now_s)
    simulator.step(0.02)


def test_two_robots_see_each_other_and_go_their_own_ways(gazebo: Path) -> None:
    starts = (Start(Pose2(-5.0, -3.5), "first"), Start(Pose2(-3.0, -3.5, math.pi), "second"))
    scenario = Scenario("two", starts)
    simulator = GazeboSimulator(
        load_world(YARD), [rover("first"), rover("second")], scenario, 1,
        folder=gazebo, params=ideal_params(),
    )  # fmt: skip
    try:
        ahead = simulator.robot("first").body.revolution()
        assert np.min(ahead.ranges_m[355:365]) == pytest.approx(2.0 - 2 * 0.1 - 0.05, abs=0.01)
        now_s, robot = simulator.now_s, simulator.robot("second")
        robot.apply(VelocityCommand(now_s, -0.5, 0.0), now_s)
        simulator.step(0.14)
        assert simulator.robot("first").speed_mps < 0.005
        assert robot.velocity[0] < -0.05
    finally:
        simulator.close()


def test_what_is_removed_is_gone_and_what_is_not_there_is_refused(gazebo: Path) -> None:
    start = (Start(Pose2(-5.5, -3.5, -math.pi / 2.0)),)
    gap = Removal("fence_south_west", 1.0, 3.0)
    simulator = in_yard(gazebo, Scenario("gap", start, removed=(gap,)))
    try:
        simulator.step(0.02)
        returns = simulator.robot().body.revolution()
        assert not returns.hit[360]
        assert returns.hit[280]
    finally:
        simulator.close()
    with pytest.raises(ScenarioError, match="no model 'nowhere'"):
        in_yard(gazebo, Scenario("gap", start, removed=(Removal("nowhere"),)))


def test_the_same_seed_gives_the_same_bits(gazebo: Path) -> None:
    scenario = load_scenario(ROOT / "sim" / "scenarios" / "yard.yaml")
    ends = []
    for _ in range(2):
        simulator = GazeboSimulator(load_world(YARD), [rover()], scenario, 3, folder=gazebo)
        try:
            tell(simulator, -0.4, 0.3, 4.0)
            ends.append(simulator.truth().to_json())
        finally:
            simulator.close()
    assert ends[0] == ends[1]
