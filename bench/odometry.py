"""Systematic odometry errors before and after UMBmark, with a robot whose numbers are wrong.

In the simulator, on a flat floor with the usual random slip: the wheels' radii differ by 2 % and
the wheel base is 3 % more than the robot file says. Squares of 4 m, five each way, as
`./ronda motors square` drives them, give the corrections; other seeds drive the squares again with
them. Beside it the corrections of the paper's own equations, which hold for small angles. Seeds
0 and up; an interrupted run resumes.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from _bench import Bench, Kept, begin, options_parser

from patrol_core import topics
from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.robot import RobotModel, Wheels, load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.types.motion import VelocityCommand
from patrol_drivers.base.square import SquareDrive
from patrol_drivers.base.umbmark import (
    Direction,
    SquareError,
    calibrate,
    clusters_of,
    worst_error_m,
)
from patrol_sim.params import SimParams, WheelParams
from patrol_sim.robot import CONTROL_PERIOD_S
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Scenario, Start
from patrol_sim.sdf import parse_world
from patrol_sim.simulator import Simulator
from ronda_cli.calibration.picture import draw_panels
from ronda_cli.evaluation.statistics import Row
from ronda_cli.setting import ROBOT_FILE, URDF_FILE

SIDE_M = 4.0
GOAL = 5.0
LEFT, RIGHT, SEPARATION = 0.99, 1.01, 1.03
"""What is really there, by what the robot file says."""
GIVE_UP_S, REST_S, OTHER_SEEDS = 300.0, 0.5, 1000
FLOOR = (
    '<sdf version="1.7"><world name="floor"><model name="ground"><static>true</static>'
    '<link name="link"><collision name="plane"><geometry><plane><normal>0 0 1</normal>'
    "<size>50 50</size></plane></geometry></collision></link></model></world></sdf>"
)


def real_urdf() -> str:
    """The robot as it is built, which its file does not know."""
    document = yaml.safe_load(ROBOT_FILE.read_text(encoding="utf-8"))
    document["wheels"] |= {
        "left_radius_scale": LEFT,
        "right_radius_scale": RIGHT,
        "separation_m": document["wheels"]["separation_m"] * SEPARATION,
    }
    with tempfile.TemporaryDirectory(prefix="ronda-odometry-") as folder:
        file = Path(folder) / "real.yaml"
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        return expand_xacro(URDF_FILE, file)


def drive(robot: RobotModel, urdf: str, direction: Direction, seed: int) -> SquareError:
    """One square by a robot that believes `robot` of itself."""
    slip = WheelParams(radius_error_std=0.0)
    simulator = Simulator(
        parse_world(FLOOR, Path("floor.sdf")),
        [RobotSetup("", robot, urdf, URDF_FILE)],
        Scenario("square", (Start(Pose2(0.0, 0.0)),)),
        seed,
        params=dataclasses.replace(SimParams(), wheels=slip),
    )
    body, square, rest_s = simulator.robot(), SquareDrive(SIDE_M, direction), 0.0
    odometry = None
    start = body.pose
    while rest_s < REST_S:
        if simulator.now_s > GIVE_UP_S:
            raise RondaError(f"no square within {GIVE_UP_S:.0f} s: {square.part}")
        simulator.step(CONTROL_PERIOD_S)
        odometry = body.outputs().of(topics.ODOM)[-1]
        linear, angular = square.step(odometry)
        body.apply(VelocityCommand(simulator.now_s, linear, angular), simulator.now_s)
        rest_s += CONTROL_PERIOD_S if square.done else 0.0
    assert odometry is not None
    is_at, told = body.pose.relative_to(start), square.pose(odometry)
    simulator.close()
    return SquareError(direction, is_at.x_m - told.x_m, is_at.y_m - told.y_m)


def squares(
    bench: Bench, kept: Kept, wheels: Wheels, urdf: str, first_seed: int, runs: int
) -> list[SquareError]:
    """As many squares as wanted each way, each kept."""
    robot = dataclasses.replace(load_robot(ROBOT_FILE), wheels=wheels)
    done = []
    for direction in Direction:
        for seed in range(first_seed, first_seed + runs):
            key = f"{direction.value} {seed} {wheels}"
            known = kept.get(key)
            if known is None:
                error = drive(robot, urdf, direction, seed)
                known = [error.x_m, error.y_m]
                kept.keep(key, known)
            done.append(SquareError(direction, *known))
            bench.console.print(f"{direction.value} {seed}: {known[0]:+.3f}, {known[1]:+.3f} m")
    return done


def by_the_paper(errors: Sequence[SquareError], wheels: Wheels) -> Wheels:
    """The paper's equations for small angles alone, from x."""
    clusters = clusters_of(errors)
    x_cw, x_ccw = clusters[Direction.CW].x_m, clusters[Direction.CCW].x_m
    alpha, beta = (x_cw + x_ccw) / (-4.0 * SIDE_M), (x_cw - x_ccw) / (-4.0 * SIDE_M)
    bend_m, half_m = SIDE_M / 2.0 / math.sin(beta / 2.0), wheels.separation_m / 2.0
    ratio = (bend_m + half_m) / (bend_m - half_m)
    return dataclasses.replace(
        wheels,
        separation_m=wheels.separation_m * (math.pi / 2.0) / (math.pi / 2.0 - alpha),
        left_radius_scale=2.0 / (ratio + 1.0),
        right_radius_scale=2.0 / (1.0 / ratio + 1.0),
    )


def main() -> int:
    parser = options_parser()
    parser.add_argument("--calibrations", type=int, default=3, help="how often all is done")
    parser.add_argument("--runs", type=int, default=5, help="squares each way")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    bench = begin("odometry", __doc__, parser, "one calibration of two squares each way")
    options = bench.options
    times, runs = (1, 2) if options.quick else (options.calibrations, options.runs)
    before, after, paper = [], [], []
    first, last = [], []
    found_ratios, found_bases, expected = [], [], []
    try:
        wheels, urdf = load_robot(ROBOT_FILE).wheels, real_urdf()
        kept = bench.kept(SIDE_M, LEFT, RIGHT, SEPARATION)
        for number in range(times):
            seed = options.seed + number * runs
            measured = squares(bench, kept, wheels, urdf, seed, runs)
            found = calibrate(measured, SIDE_M, wheels)
            again = seed + OTHER_SEEDS
            corrected = squares(bench, kept, found.wheels, urdf, again, runs)
            plain = by_the_paper(measured, wheels)
            by_paper = squares(bench, kept, plain, urdf, again, runs)
            before.append(found.worst_m)
            after.append(worst_error_m(clusters_of(corrected)))
            paper.append(worst_error_m(clusters_of(by_paper)))
            found_ratios.append(found.wheel_ratio)
            found_bases.append(found.separation_ratio)
            expected.append(found.residual_m)
            first.extend(measured)
            last.extend(corrected)
    except RondaError as error:
        return bench.fail(error)
    draw_panels([("before", first), ("after", last)], bench.picture)
    factors = np.array(before) / np.array(after)
    mean = np.mean
    return bench.answer(
        [
            Row("E_max,syst before, mean", float(mean(before)), "m"),
            Row("E_max,syst after, mean", float(mean(after)), "m", better="lower"),
            Row(
                "before by after, mean of each", float(mean(before) / mean(after)), "x", goal=GOAL
            ),
            Row("before by after, least", float(factors.min()), "x"),
            Row("small-angle equations alone: after, mean", float(mean(paper)), "m"),
            Row("expected after, from the scatter, mean", float(mean(expected)), "m"),
            Row("right by left wheel, found, mean", float(mean(found_ratios)), ""),
            Row("right by left wheel, real", RIGHT / LEFT, ""),
            Row("wheel base by the file's, found, mean", float(mean(found_bases)), ""),
            Row("wheel base by the file's, real", SEPARATION, ""),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
