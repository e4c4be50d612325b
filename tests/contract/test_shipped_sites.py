"""The sites that ship: maps as the command makes them, room on the route, fitting scenarios."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
import shapely
import yaml
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from patrol_core.geometry import Pose2
from patrol_core.site import Site, ZoneKind, load_map, load_site, write_map
from patrol_core.types.maps import FREE
from patrol_mission.route import lap_poses
from patrol_perception.dock_marker import DICTIONARY, MarkerFinder
from patrol_perception.view import camera_mount
from patrol_sim.errors import CameraUnavailableError
from patrol_sim.map_maker import MOVABLE_PREFIXES, make_map, write_moved
from patrol_sim.scenario import Scenario, Start, load_scenario
from patrol_sim.sdf import World, cross_sections, load_world
from patrol_sim.simulator import Simulator
from ronda_cli.marker_print import marker_svg
from ronda_cli.setting import load_setting
from ronda_cli.site_picture import draw_site

ROOT = Path(__file__).parents[2]
NAMES = ("court", "depot", "yard")
SEED = 1
HALF_WIDTH_M = 0.25
MARGIN_M = 0.2


@cache
def site_of(name: str) -> Site:
    return load_site(ROOT / "sites" / name)


@cache
def world_of(name: str) -> World:
    return load_world(ROOT / "sim" / "worlds" / f"{name}.sdf")


@cache
def solid_of(name: str) -> BaseGeometry:
    """All that stands at lidar height."""
    return shapely.union_all([s.polygon for s in cross_sections(world_of(name), 0.2)])


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_map_is_what_the_command_makes(name: str, tmp_path: Path) -> None:
    site = site_of(name)
    grid, moved = make_map(world_of(name), site, 0.1, np.random.default_rng(SEED))
    write_map(grid, tmp_path / "map.yaml")
    write_moved(moved, tmp_path / "moved.yaml")
    for made in ("map.pgm", "map.yaml"):
        assert (tmp_path / made).read_bytes() == (site.folder / made).read_bytes()
    record = ROOT / "sim" / "worlds" / f"{name}.moved.yaml"
    assert (tmp_path / "moved.yaml").read_bytes() == record.read_bytes()


def test_a_tenth_of_the_movable_has_moved() -> None:
    world = world_of("depot")
    movable = {
        section.model
        for section in cross_sections(world, 0.2)
        if section.model.startswith(MOVABLE_PREFIXES)
    }
    record = yaml.safe_load((ROOT / "sim/worlds/depot.moved.yaml").read_text())["moved"]
    assert len(record) == round(0.1 * len(movable))
    grid = load_map(site_of("depot").map_file)
    for thing in record:
        middle = Polygon(thing["after"]).centroid
        row, column = grid.cells_of([(middle.x, middle.y)])[0]
        assert thing["model"] in movable
        assert grid.cells[row, column] == FREE
        if thing["before"]:
            assert Polygon(thing["before"]).distance(Polygon(thing["after"])) < 10.0


@pytest.mark.parametrize("name", NAMES)
def test_the_robot_has_room_on_every_route(name: str) -> None:
    """Both on the map and in the world as it is today."""
    site = site_of(name)
    solid = solid_of(name)
    grid = load_map(site.map_file)
    reach = round((HALF_WIDTH_M + MARGIN_M) / grid.resolution_m)
    steps = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    disc = steps[:, np.hypot(*steps) <= reach]
    for route in site.routes:
        line = LineString(lap_poses(site, route)[:, :2])
        points = shapely.line_interpolate_point(line, np.arange(0, line.length, 0.1))
        rows, columns = grid.cells_of(shapely.get_coordinates(points)).T
        around = grid.cells[rows[:, None] + disc[0], columns[:, None] + disc[1]]
        assert (around == FREE).all()
        assert solid.distance(line) > HALF_WIDTH_M + MARGIN_M
        for zone in site.zones_of(ZoneKind.KEEP_OUT):
            assert Polygon(zone.polygon_m).distance(line) > HALF_WIDTH_M + MARGIN_M
        for checkpoint_id in route.checkpoint_ids:
            pose = site.checkpoint(checkpoint_id).pose
            assert line.distance(Point(pose.x_m, pose.y_m)) < 0.1


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_fits_into_its_world(name: str) -> None:
    """People walk clear of what stands, objects touch nothing, robots start on the docks."""
    site = site_of(name)
    scenario = load_scenario(ROOT / "sim" / "scenarios" / f"{name}.yaml")
    solid = solid_of(name)
    for person in scenario.pedestrians:
        assert solid.distance(shapely.LineString(person.waypoints_m)) > 0.35, person.name
    for thing in scenario.objects:
        length, width, _ = thing.size_m
        half = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
        corners = thing.pose.transform_points(shapely.get_coordinates(half))
        assert solid.distance(Polygon(corners)) > 0.1, thing.name
        assert Polygon(site.outline_m).distance(Polygon(corners)) < 1.0
    for start, dock in zip(scenario.starts, site.docks, strict=True):
        assert start.pose.distance_to(dock.pose) < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_a_site_can_be_drawn(name: str, tmp_path: Path) -> None:
    draw_site(site_of(name), tmp_path / "site.png")
    picture = cv2.imread(str(tmp_path / "site.png"))
    assert picture is not None
    assert picture.shape[1] == 2100
    assert len(np.unique(picture[::10, ::10].reshape(-1, 3), axis=0)) > 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("back_m", [0.15, 0.6, 1.2])
def test_the_camera_sees_the_docks_marker_where_the_site_says(name: str, back_m: float) -> None:
    setting = load_setting(name)
    dock = setting.site.docks[0]
    assert dock.marker is not None
    start = Start(dock.pose.compose(Pose2(-back_m, 0.0)))
    scenario = Scenario("dock", (start,), (), ())
    try:
        simulator = Simulator(setting.world, [setting.setup()], scenario, 0, camera=True)
    except CameraUnavailableError as error:
        pytest.skip(str(error))
    simulator.step(0.02)
    said = {topic.name: value for topic, value in simulator.robot().outputs()}
    finder = MarkerFinder(camera_mount(setting.robot.camera))
    seen = finder.find(
        said["camera/image_raw/compressed"], said["camera/camera_info"], dock.marker
    )
    simulator.close()
    assert seen is not None
    assert seen.x_m == pytest.approx(dock.marker.ahead_m + back_m, abs=0.03)
    assert seen.y_m == pytest.approx(dock.marker.left_m, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_a_printed_marker_is_the_marker_of_the_site(name: str) -> None:
    """Its black cells, drawn as the file says, are read as the number of the site."""
    dock = site_of(name).docks[0]
    assert dock.marker is not None
    root = ET.fromstring(marker_svg(dock))
    size_mm = float(root.attrib["width"].removesuffix("mm"))
    assert size_mm == pytest.approx(dock.marker.edge_m * 1000.0 * 8.0 / 6.0, abs=0.01)
    image = np.full((round(2.0 * size_mm),) * 2, 255, np.uint8)
    for cell in root.iter("{http://www.w3.org/2000/svg}rect"):
        if "x" in cell.attrib:
            x, y, width = (2.0 * float(cell.attrib[key]) for key in ("x", "y", "width"))
            image[round(y) : round(y + width), round(x) : round(x + width)] = 0
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(DICTIONARY))
    _, numbers, _ = detector.detectMarkers(image)
    assert np.asarray(numbers).ravel().tolist() == [dock.marker.marker_id]
