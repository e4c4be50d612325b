"""The lidar against analytic ray casting on the worlds' cross-sections and on circles."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from tests.simulated import ROOT, box, drive, make_simulator, make_world, rover, said, static_model

from patrol_core.geometry import Pose2
from patrol_core.topics import SCAN
from patrol_core.types.sensors import LaserScan
from patrol_sim.params import LidarParams, SimParams, ideal_params
from patrol_sim.scenario import Pedestrian, Scenario, Start, load_scenario
from patrol_sim.sdf import World, cross_sections, load_world
from patrol_sim.simulator import Simulator

SCAN_Z_M = 0.2
LIDAR_X_M = 0.10
REACH_M = 30.0


def random_models(rng: np.random.Generator) -> list[str]:
    """Boxes, cylinders, spheres and a lying cylinder in a ring around the origin."""
    models = []
    for number in range(24):
        bearing, distance = rng.uniform(0.0, math.tau), rng.uniform(4.0, 25.0)
        x, y = distance * math.cos(bearing), distance * math.sin(bearing)
        yaw, size = rng.uniform(-3.0, 3.0), rng.uniform(0.2, 1.5, 3)
        shape = number % 4
        if shape == 0:
            models.append(
                box(f"m{number}", " ".join(map(str, size)), f"{x} {y} {size[2] / 2} 0 0 {yaw}")
            )
        elif shape == 1:
            geometry = f"<cylinder><radius>{size[0]}</radius><length>1</length></cylinder>"
            models.append(static_model(f"m{number}", geometry, f"{x} {y} 0.5 0 0 0"))
        elif shape == 2:
            geometry = f"<sphere><radius>{0.3 + size[0]}</radius></sphere>"
            models.append(static_model(f"m{number}", geometry, f"{x} {y} 0.1 0 0 0"))
        else:
            geometry = f"<cylinder><radius>0.3</radius><length>{size[1]}</length></cylinder>"
            models.append(static_model(f"m{number}", geometry, f"{x} {y} 0.2 1.57 0 {yaw}"))
    return models


def cast(polygons: list[shapely.Polygon], origin: tuple[float, float], bearing: float) -> float:
    """Distance to the nearest outline along a ray; inf if there is none within reach."""
    end = (origin[0] + REACH_M * math.cos(bearing), origin[1] + REACH_M * math.sin(bearing))
    ray = shapely.LineString([origin, end])
    tree = shapely.STRtree(polygons)
    hits = [polygons[i].boundary.intersection(ray) for i in tree.query(ray, "intersects")]
    distances = [shapely.Point(origin).distance(hit) for hit in hits if not hit.is_empty]
    return min(distances, default=math.inf)


def check_against_geometry(world: World, simulator: Simulator) -> None:
    """At most 3 of 720 beams may differ by more than 1 cm: those that graze an edge."""
    simulator.step(0.02)
    (scan,) = said(simulator, SCAN)
    origin = simulator.robot().pose.compose(Pose2(LIDAR_X_M, 0.0))
    polygons = [section.polygon for section in cross_sections(world, SCAN_Z_M)]
    expected = np.array(
        [
            cast(polygons, (origin.x_m, origin.y_m), origin.yaw_rad + angle)
            for angle in scan.angles_rad()
        ]
    )
    hit = np.isfinite(expected)
    assert np.count_nonzero(hit) > 50
    off = np.abs(np.where(hit, scan.ranges_m, 0.0) - np.where(hit, expected, 0.0))
    differing = (np.isfinite(scan.ranges_m) != hit) | (off > 0.01)
    assert np.count_nonzero(differing) <= 3


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_agrees_with_random_worlds_to_a_centimetre(seed: int) -> None:
    rng = np.random.default_rng(seed)
    models = random_models(rng)
    start = Pose2(rng.uniform(-2.0, 2.0), rng.uniform(-2.0, 2.0), rng.uniform(-3.0, 3.0))
    check_against_geometry(make_world(*models), make_simulator(*models, start=start))


@pytest.mark.parametrize("site", ["depot", "yard"])
def test_agrees_with_the_shipped_worlds_to_a_centimetre(site: str) -> None:
    world = load_world(ROOT / "sim" / "worlds" / f"{site}.sdf")
    scenario = load_scenario(ROOT / "sim" / "scenarios" / f"{site}.yaml")
    alone = Scenario(site, scenario.starts)
    check_against_geometry(world, Simulator(world, [rover()], alone, 1, params=ideal_params()))


def test_sees_the_legs_of_a_person() -> None:
    person = Pedestrian("p", ((3.0, 0.0), (9.0, 0.0)), 1.0, 5.0, 0.0, gives_way=True)
    walking = Scenario("t", (Start(Pose2(0.0, 0.0)),), (person,))
    simulator = make_simulator(scenario=walking)
    simulator.step(0.02)
    (scan,) = said(simulator, SCAN)
    hits = scan.hits()
    assert np.all(np.abs(scan.points_m()[:, 1]) < 0.2)
    assert 2.7 < np.min(scan.ranges_m[hits]) < 2.95


def noisy_scan(lidar: LidarParams) -> LaserScan:
    simulator = make_simulator(
        box("wall", "0.2 40 1", "5 0 0.5 0 0 0"), params=SimParams(lidar=lidar)
    )
    simulator.step(0.02)
    (scan,) = said(simulator, SCAN)
    return scan


def test_noise_and_dropouts_are_of_the_size_asked_for() -> None:
    exact = noisy_scan(LidarParams(sigma_m=0.0, dropout_fraction=0.0))
    noisy = noisy_scan(LidarParams(sigma_m=0.05, dropout_fraction=0.2))
    lost = np.isnan(noisy.ranges_m)
    assert 0.15 < np.mean(lost) < 0.25
    both = exact.hits() & ~lost
    off = noisy.ranges_m[both] - exact.ranges_m[both]
    assert np.std(off) == pytest.approx(0.05, rel=0.2)


def test_no_beam_meets_the_robot_itself() -> None:
    simulator = make_simulator()
    drive(simulator, 1.0, 0.5, 1.0)
    scans = said(simulator, SCAN)
    assert all(np.all(np.isposinf(scan.ranges_m)) for scan in scans)


def test_rain_ends_some_beams_near_by_and_swallows_far_returns() -> None:
    scans = []
    for lidar in (LidarParams(0.0, 0.0), LidarParams(0.0, 0.0, 0.02, 4.0, 20.0)):
        params = SimParams(lidar=lidar)
        walls = box("wall", "40 0.2 2", "0 9 1 0 0 0")
        simulator = make_simulator(walls, params=params)
        drive(simulator, 0.0, 0.0, 2.0)
        scans.append(np.array([scan.ranges_m for scan in said(simulator, SCAN)]))
    dry, rain = scans
    met = np.isfinite(dry)
    assert np.mean(rain[met] < 4.0) == pytest.approx(0.02, abs=0.005)
    share = float(np.mean(1.0 - np.exp(-dry[met] / 20.0)))
    assert np.mean(np.isinf(rain[met])) == pytest.approx(share, abs=0.03)
    assert np.nanmin(rain[~met]) < 4.0
