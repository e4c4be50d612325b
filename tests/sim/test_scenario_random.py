from __future__ import annotations

from collections.abc import Iterator

import pytest
from shapely.geometry import LineString, Point
from tests.simulated import ROOT

from patrol_core.geometry import Pose2
from patrol_core.site import Site, load_site
from patrol_sim.scenario import Pedestrian, PlacedObject, Scenario
from patrol_sim.scenario_random import Draw, Ground, ground_of, random_scenario
from patrol_sim.sdf import World, load_world

SEEDS = range(1000, 1012)


@pytest.fixture(scope="module")
def depot() -> tuple[World, Site, Ground]:
    world = load_world(ROOT / "sim" / "worlds" / "depot.sdf")
    site = load_site(ROOT / "sites" / "depot")
    return world, site, ground_of(world, site)


def drawn(depot: tuple[World, Site, Ground], draw: Draw | None = None) -> Iterator[Scenario]:
    world, site, ground = depot
    for seed in SEEDS:
        yield random_scenario(world, site, seed, draw, ground)


def centre(thing: PlacedObject) -> Point:
    return Point(thing.pose.x_m, thing.pose.y_m)


def test_a_seed_gives_the_same_scenario(depot: tuple[World, Site, Ground]) -> None:
    world, site, ground = depot
    assert random_scenario(world, site, 7) == random_scenario(world, site, 7, ground=ground)
    assert random_scenario(world, site, 7) != random_scenario(world, site, 8)


def test_objects_stand_free_near_the_route_and_off_it(depot: tuple[World, Site, Ground]) -> None:
    ground = depot[2]
    for scenario in drawn(depot):
        (found,) = [thing for thing in scenario.objects if thing.planted]
        assert ground.inside.contains(centre(found))
        assert ground.standing.distance(centre(found)) > 0.25 + 0.15
        assert 0.8 < ground.route.distance(centre(found)) < 8.0
        assert 0.3 <= min(found.size_m) <= max(found.size_m) <= 0.6


def test_people_walk_on_free_ground_and_some_ignore_robots(
    depot: tuple[World, Site, Ground],
) -> None:
    ground = depot[2]
    people: list[Pedestrian] = []
    for scenario in drawn(depot):
        people.extend(scenario.pedestrians)
        stray = [centre(t).buffer(0.9) for t in scenario.objects if t.kind == "vehicle"]
        for person in scenario.pedestrians:
            way = LineString(person.waypoints_m)
            assert way.distance(ground.standing) > 0.4
            assert not any(way.intersects(outline) for outline in stray)
    ignoring = sum(not person.gives_way for person in people)
    assert len(people) > 4 * len(SEEDS)
    assert 0.05 < ignoring / len(people) < 0.4


def test_starts_in_the_dock_or_on_the_route(depot: tuple[World, Site, Ground]) -> None:
    _, site, ground = depot
    for scenario in drawn(depot):
        assert scenario.starts[0].pose == site.docks[0].pose
    starts = [s.starts[0].pose for s in drawn(depot, Draw(start_at_dock=False))]
    assert len(set(starts)) == len(starts)
    assert all(ground.route.distance(Point(p.x_m, p.y_m)) < 0.01 for p in starts)


def test_the_vehicle_narrows_the_route(depot: tuple[World, Site, Ground]) -> None:
    ground = depot[2]
    vehicles = [
        thing
        for scenario in drawn(depot, Draw(vehicle_probability=1.0))
        for thing in scenario.objects
        if thing.kind == "vehicle"
    ]
    assert len(vehicles) > 0.8 * len(SEEDS)
    assert all(ground.route.distance(centre(vehicle)) < 2.0 for vehicle in vehicles)
    assert all(vehicle.pose != Pose2(0.0, 0.0) for vehicle in vehicles)
