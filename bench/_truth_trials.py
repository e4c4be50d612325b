"""What the simulator does beside what geometry and mechanics say that it must do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from patrol_core import topics
from patrol_core.geometry import Pose2
from patrol_core.robot import load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.types.motion import VelocityCommand
from patrol_drivers.base.square import SquareDrive
from patrol_drivers.base.umbmark import Direction
from patrol_sim.body import ROTOR_INERTIA_KGM2, SERVO_GAIN_NMS
from patrol_sim.engine import mujoco
from patrol_sim.model_builder import PHYSICS_STEP_S, build_model
from patrol_sim.params import SimParams, ideal_params
from patrol_sim.robot import CONTROL_PERIOD_S
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.scenario import Pedestrian, Scenario, Start
from patrol_sim.sdf import World, parse_world
from patrol_sim.shapes import LEG_RADIUS_M, LEG_SPACING_M
from patrol_sim.simulator import Simulator
from ronda_cli.setting import ROBOT_FILE, URDF_FILE

GRAVITY_MPS2 = 9.80665
FLOOR = (
    '<model name="ground"><static>true</static><pose>0 0 0 0 {} 0</pose><link name="link">'
    '<collision name="plane"><geometry><plane><normal>0 0 1</normal><size>99 99</size></plane>'
    "</geometry></collision></link></model>"
)
Floats = NDArray[np.float64]


def setup() -> RobotSetup:
    """The rover."""
    return RobotSetup("", load_robot(ROBOT_FILE), expand_xacro(URDF_FILE), URDF_FILE)


def world_of(models: Sequence[str], folder: Path, slope_rad: float = 0.0) -> World:
    """A floor, which rises along x, and models on it; `folder` has their meshes."""
    text = "".join([FLOOR.format(-slope_rad), *models])
    whole = f'<sdf version="1.7"><world name="truth"><gravity>0 0 -{GRAVITY_MPS2}</gravity>{text}'
    return parse_world(f"{whole}</world></sdf>", folder / "truth.sdf", [folder])


def model(name: str, geometry: str, pose: str) -> str:
    return (
        f'<model name="{name}"><static>true</static><pose>{pose}</pose><link name="l">'
        f'<collision name="c"><geometry>{geometry}</geometry></collision></link></model>'
    )


def box(x: float, y: float, z: float) -> str:
    return f"<box><size>{x} {y} {z}</size></box>"


def write_cube(folder: Path) -> None:
    """A cube of 1 m round the origin, as an OBJ file."""
    corners = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
    quads = ((1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4))
    lines = [f"v {x} {y} {z}" for x, y, z in corners]
    lines += [f"f {a} {b} {c}\nf {a} {c} {d}" for a, b, c, d in quads]
    (folder / "cube.obj").write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Solid:
    """Something round or square that stands at (x, y), seen at the lidar's height.

    `half_m`: half edges of a box turned by `yaw_rad`, or twice the radius that it has there.
    """

    x_m: float
    y_m: float
    yaw_rad: float
    half_m: tuple[float, float]
    round_: bool

    def range_m(self, eye: tuple[float, float], bearings: Floats) -> Floats:
        """The distance along each bearing (N,); inf where it is missed.

        Box: slabs (Kay and Kajiya 1986); circle: the quadratic equation.
        """
        dx, dy = eye[0] - self.x_m, eye[1] - self.y_m
        if self.round_:
            along = -(dx * np.cos(bearings) + dy * np.sin(bearings))
            inside = along**2 - (dx * dx + dy * dy - self.half_m[0] ** 2)
            near = along - np.sqrt(np.maximum(inside, 0.0))
            return np.where((inside >= 0.0) & (near > 0.0), near, np.inf)
        cos, sin = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        local = (cos * dx + sin * dy, -sin * dx + cos * dy)
        ways = (np.cos(bearings - self.yaw_rad), np.sin(bearings - self.yaw_rad))
        enter, leave = np.full(len(bearings), -np.inf), np.full(len(bearings), np.inf)
        with np.errstate(divide="ignore"):
            for at, way, half in zip(local, ways, self.half_m, strict=True):
                first, second = (-half - at) / way, (half - at) / way
                enter = np.maximum(enter, np.minimum(first, second))
                leave = np.minimum(leave, np.maximum(first, second))
        return np.where((enter <= leave) & (enter > 0.0), enter, np.inf)


def draw_solids(rng: np.random.Generator, count: int) -> tuple[list[Solid], list[str]]:
    """Boxes, cylinders, spheres, and meshes of cubes, 1 to 25 m off."""
    solids, models = [], []
    for number in range(count):
        bearing, distance = rng.uniform(0.0, math.tau), rng.uniform(2.5, 25.0)
        x, y = distance * math.cos(bearing), distance * math.sin(bearing)
        yaw, (a, b) = rng.uniform(-3.0, 3.0), rng.uniform(0.1, 1.4, 2)
        name = f"m{number}"
        if number % 4 == 0:
            solids.append(Solid(x, y, yaw, (a / 2.0, b / 2.0), False))
            models.append(model(name, box(a, b, 1.0), f"{x} {y} 0.5 0 0 {yaw}"))
        elif number % 4 == 1:
            solids.append(Solid(x, y, 0.0, (a / 2.0, 0.0), True))
            shape = f"<cylinder><radius>{a / 2.0}</radius><length>1</length></cylinder>"
            models.append(model(name, shape, f"{x} {y} 0.5 0 0 0"))
        elif number % 4 == 2:
            ball_m = 0.3 + a
            solids.append(Solid(x, y, 0.0, (math.sqrt(ball_m**2 - 0.1**2), 0.0), True))
            shape = f"<sphere><radius>{ball_m}</radius></sphere>"
            models.append(model(name, shape, f"{x} {y} 0.1 0 0 0"))
        else:
            solids.append(Solid(x, y, yaw, (a / 2.0, b / 2.0), False))
            mesh = f"<mesh><uri>cube.obj</uri><scale>{a} {b} 1</scale></mesh>"
            models.append(model(name, mesh, f"{x} {y} 0.5 0 0 {yaw}"))
    return solids, models


EDGE_RAD = 1e-4
EDGE_M = 0.02


def scan_errors(
    seed: int, folder: Path, params: SimParams
) -> tuple[list[float], list[float], int]:
    """Errors and true ranges [m] of one scan, and how many beams graze an edge.

    A beam that a tenth of a milliradian to either side would be 2 cm longer or shorter is at an
    edge: there the answer hangs on the last digit, and it is left out.
    """
    rng = np.random.default_rng(seed)
    solids, models = draw_solids(rng, 28)
    x_m, y_m, yaw_rad = rng.uniform((-0.5, -0.5, -3.0), (0.5, 0.5, 3.0)).tolist()
    start = Pose2(x_m, y_m, yaw_rad)
    simulator = Simulator(
        world_of(models, folder), [setup()], Scenario("scan", (Start(start),)), seed, params=params
    )
    simulator.step(CONTROL_PERIOD_S)
    (scan,) = simulator.robot().outputs().of(topics.SCAN)
    simulator.close()
    lidar = setup().model.lidar
    eye = simulator.robot().pose.compose(Pose2(lidar.xyz_m[0], lidar.xyz_m[1]))
    bearings = eye.yaw_rad + np.asarray(scan.angles_rad())

    def truth(off_rad: float) -> Floats:
        ranges = [s.range_m((eye.x_m, eye.y_m), bearings + off_rad) for s in solids]
        nearest = np.min(ranges, axis=0)
        return np.asarray(np.where(nearest <= lidar.range_max_m, nearest, 99.0))

    exact, low, high = truth(0.0), truth(-EDGE_RAD), truth(EDGE_RAD)
    edge = (np.abs(exact - low) > EDGE_M) | (np.abs(exact - high) > EDGE_M)
    measured = np.where(np.isposinf(scan.ranges_m), 99.0, scan.ranges_m).astype(np.float64)
    counted = ~edge & ((exact < 99.0) | (measured < 99.0)) & ~np.isnan(measured)
    return (measured - exact)[counted].tolist(), exact[counted].tolist(), int(edge.sum())


@dataclass(frozen=True, slots=True)
class Square:
    """A driven square: where it really was and where odometry said, (N, 2), and the worst of it.

    `off`: the largest distance between both by the way driven, `turned_rad` by heading at the end.
    """

    true_m: list[tuple[float, float]]
    told_m: list[tuple[float, float]]
    off: float
    heading_off_rad: float


def drive_square(direction: Direction, side_m: float, params: SimParams, folder: Path) -> Square:
    """A square driven on odometry alone."""
    start = Scenario("square", (Start(Pose2(0.0, 0.0)),))
    simulator = Simulator(world_of([], folder), [setup()], start, 1, params=params)
    body, square = simulator.robot(), SquareDrive(side_m, direction)
    first, true, told = body.pose, list[tuple[float, float]](), list[tuple[float, float]]()
    off, heading_off_rad = 0.0, 0.0
    while not square.done and simulator.now_s < 300.0:
        simulator.step(CONTROL_PERIOD_S)
        odometry = body.outputs().of(topics.ODOM)[-1]
        body.apply(VelocityCommand(simulator.now_s, *square.step(odometry)), simulator.now_s)
        is_at, says = body.pose.relative_to(first), square.pose(odometry)
        true.append((is_at.x_m, is_at.y_m))
        told.append((says.x_m, says.y_m))
        off = max(off, is_at.distance_to(says))
        heading_off_rad = abs(math.remainder(is_at.yaw_rad - says.yaw_rad, math.tau))
    simulator.close()
    return Square(true[::10], told[::10], off / (4.0 * side_m), heading_off_rad)


def motor_lag_s() -> float:
    """Time constant of the wheels' speed: all that turns or is pushed, by the servo's gain."""
    built = build_model(world_of([], Path()), [setup()])
    radius_m = setup().model.wheels.radius_m
    inertia = ROTOR_INERTIA_KGM2 + _wheel_inertia_kgm2(built.model)
    mass_kg = float(built.model.body_subtreemass[built.body_id("robot/base_link")])
    return (inertia + mass_kg * radius_m**2 / 2.0) / SERVO_GAIN_NMS


def _wheel_inertia_kgm2(compiled: mujoco.MjModel) -> float:
    """About the axle: the largest of a wheel's own three moments."""
    return float(max(compiled.body("robot/left_wheel").inertia))


def stop_truth_m(speed_mps: float, lag_s: float) -> float:
    """v^2 / 2a, and v for the motors' lag and half a control period (the ramp goes in steps)."""
    braking = setup().model.drive.max_deceleration_mps2
    return speed_mps**2 / (2.0 * braking) + speed_mps * (lag_s + CONTROL_PERIOD_S / 2.0)


def stop_m(speed_mps: float, folder: Path) -> float:
    """How far the robot goes after zero is said."""
    start = Scenario("stop", (Start(Pose2(0.0, 0.0)),))
    simulator = Simulator(world_of([], folder), [setup()], start, 1, params=ideal_params())
    body = simulator.robot()

    def drive(wanted_mps: float, seconds: float) -> None:
        for _ in range(round(seconds / CONTROL_PERIOD_S)):
            now_s = simulator.now_s
            body.apply(VelocityCommand(now_s, wanted_mps, 0.0), now_s)
            simulator.step(CONTROL_PERIOD_S)

    drive(speed_mps, speed_mps / setup().model.drive.max_acceleration_mps2 + 1.0)
    said_at_m = body.pose.x_m
    drive(0.0, 2.5)
    simulator.close()
    return body.pose.x_m - said_at_m


@dataclass(frozen=True, slots=True)
class Slope:
    """On a slope: how the robot leans, and how fast it rolls without motors, beside the truth."""

    angle_rad: float
    lean_rad: float
    acceleration_mps2: float
    true_mps2: float
    speed_mps: tuple[float, ...]


def roll(angle_rad: float, folder: Path) -> Slope:
    """Let it roll down backwards for 1.5 s from rest, motors off.

    a = g sin / (1 + 2 J / m r^2), J what turns at a wheel.
    """
    built = build_model(world_of([], folder, angle_rad), [setup()])
    compiled, data = built.model, mujoco.MjData(built.model)
    compiled.actuator_gainprm[:], compiled.actuator_biasprm[:] = 0.0, 0.0
    free = compiled.joint("robot/free")
    at, velocity = int(free.qposadr[0]), int(free.dofadr[0])
    data.qpos[at + 3 : at + 7] = [math.cos(angle_rad / 2), 0.0, -math.sin(angle_rad / 2), 0.0]
    speeds = []
    for _ in range(round(1.5 / PHYSICS_STEP_S)):
        mujoco.mj_step(compiled, data)
        along = data.qvel[velocity : velocity + 3] @ [math.cos(angle_rad), 0, math.sin(angle_rad)]
        speeds.append(float(-along))
    w, i, j, k = data.qpos[at + 3 : at + 7].tolist()
    half = len(speeds) // 3
    measured = (speeds[-1] - speeds[half]) / ((len(speeds) - 1 - half) * PHYSICS_STEP_S)
    mass_kg = float(compiled.body_subtreemass[built.body_id("robot/base_link")])
    inertia = ROTOR_INERTIA_KGM2 + _wheel_inertia_kgm2(compiled)
    heavier = 1.0 + 2.0 * inertia / (mass_kg * setup().model.wheels.radius_m ** 2)
    return Slope(
        angle_rad, math.asin(2.0 * (i * k - w * j)), measured,
        GRAVITY_MPS2 * math.sin(angle_rad) / heavier, tuple(speeds),
    )  # fmt: skip


def on_ramp(angle_rad: float, wanted_mps: float, folder: Path) -> float:
    """The mean speed [m/s] up a ramp, or how fast it gives way there when told to stand."""
    length_m = 12.0
    across = (math.cos(angle_rad), math.sin(angle_rad))
    middle = (1.0 + length_m / 2 * across[0], length_m / 2 * across[1] - 0.05 * across[0])
    ramp = model("ramp", box(length_m, 4.0, 0.1), f"{middle[0]} 0 {middle[1]} 0 {-angle_rad} 0")
    simulator = Simulator(
        world_of([ramp], folder), [setup()], Scenario("ramp", (Start(Pose2(0.0, 0.0)),)), 1,
        params=ideal_params(),
    )  # fmt: skip
    body = simulator.robot()
    climbed_at, start_s = [], 7.0
    while simulator.now_s < start_s + 4.0:
        speed = wanted_mps if simulator.now_s >= start_s - 1.5 else 0.6
        body.apply(VelocityCommand(simulator.now_s, speed, 0.0), simulator.now_s)
        simulator.step(CONTROL_PERIOD_S)
        if simulator.now_s >= start_s:
            climbed_at.append(body.pose.x_m / across[0])
    simulator.close()
    return (climbed_at[-1] - climbed_at[0]) / ((len(climbed_at) - 1) * CONTROL_PERIOD_S)


@dataclass(frozen=True, slots=True)
class Approach:
    """One drive straight at something, `aside_m` beside the robot's own axis."""

    kind: str
    speed_mps: float
    aside_m: float
    touches: bool
    told: bool
    gap_m: float


THINGS = {
    "wall": (box(0.2, 6.0, 1.0), 0.1, 3.0, 0.5),
    "sheet, 1 mm": (box(0.001, 1.0, 1.0), 0.0005, 0.5, 0.5),
    "sheet on edge, 1 mm": (box(1.0, 0.001, 1.0), 0.5, 0.0005, 0.5),
    "post, 5 mm": ("<cylinder><radius>0.005</radius><length>1</length></cylinder>", 0.005, 0.005,
                   0.5),
    "rail at 0.12 m, 10 mm": (box(0.01, 2.0, 0.01), 0.005, 1.0, 0.12),
    "box, 0.15 m high": (box(0.3, 0.3, 0.15), 0.15, 0.15, 0.075),
    "mesh": ("<mesh><uri>cube.obj</uri><scale>0.3 0.3 1</scale></mesh>", 0.15, 0.15, 0.5),
    "person": ("", LEG_RADIUS_M, 0.0, 0.0),
}  # fmt: skip
"""What is driven at: its shape, half its depth and width [m], and the height of its middle."""
AHEAD_M = 0.5


def approach(kind: str, speed_mps: float, share: float, folder: Path) -> Approach:
    """Drive at a thing whose nearest side lies `share` of half the robot's width off its axis.

    Below 1 it must be touched, above it must not. `gap_m`: how far the bumper was from its front
    when the contact was told, negative where it was behind.
    """
    shape, depth_m, width_m, height_m = THINGS[kind]
    geometry = setup().model.body
    sign = 1.0 if speed_mps > 0.0 else -1.0
    nose_m = geometry.center_x_m + sign * geometry.length_m / 2.0
    run_up_m = AHEAD_M + speed_mps**2 / (2.0 * setup().model.drive.max_acceleration_mps2)
    front_m = nose_m + sign * run_up_m
    aside_m = share * geometry.width_m / 2.0 + width_m
    people: tuple[Pedestrian, ...] = ()
    things: list[str] = []
    x_m = front_m + sign * depth_m
    if kind == "person":
        middle_m = aside_m + LEG_SPACING_M / 2.0 + LEG_RADIUS_M
        way = ((x_m, middle_m), (x_m + 0.001, middle_m))
        people = (Pedestrian("p", way, 0.01, 999.0, 0.0, gives_way=False),)
    else:
        things = [model("thing", shape, f"{x_m} {aside_m} {height_m} 0 0 0")]
    simulator = Simulator(
        world_of(things, folder), [setup()],
        Scenario("approach", (Start(Pose2(0.0, 0.0)),), people), 1, params=ideal_params(),
    )  # fmt: skip
    body, told, gap_m = simulator.robot(), False, math.inf
    seconds = 2.0 * run_up_m / abs(speed_mps) + 1.0
    while simulator.now_s < seconds and not told:
        body.apply(VelocityCommand(simulator.now_s, speed_mps, 0.0), simulator.now_s)
        simulator.step(CONTROL_PERIOD_S)
        bumper = body.outputs().of(topics.BUMPER)
        told = bool(simulator.truth().contacts) and any(b.pressed for b in bumper)
        gap_m = sign * (front_m - body.pose.x_m) - abs(nose_m)
    simulator.close()
    return Approach(kind, speed_mps, share, share < 1.0, told, gap_m)
