"""Every way between any two places of the shipped sites, against a referee on a finer grid."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from matplotlib.path import Path as Ring
from patrol_hri.languages.catalogue import load_languages
from scipy.ndimage import distance_transform_edt
from skimage.graph import MCP_Geometric
from tests.visitor_sites import SITES, drawn, place, shipped

from patrol_core.geometry import FloatArray, wrap_angle
from patrol_core.site import load_map
from patrol_core.site.model import ZoneKind
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_hri.turn import Way
from patrol_hri.wayfinding import WayFinder, WayParams
from patrol_hri.wayfinding.legs import legs_of
from patrol_hri.wayfinding.telling import rounded_m, turn_key

EVENING = (1, 22 * 3600)
"""The depot's loading bay is open to visitors then."""
ENGLISH = load_languages()["en"]
EVERY = [
    (site, start, goal)
    for site, places in SITES.items()
    for start, goal in itertools.permutations(places, 2)
]


@lru_cache
def finder(site: str) -> WayFinder:
    return WayFinder(shipped(site))


@lru_cache
def site_map(site: str) -> OccupancyGrid:
    return load_map(shipped(site).map_file)


@lru_cache
def way(site: str, start: str, goal: str) -> Way:
    found = finder(site).way(SITES[site][start], goal, ENGLISH, local_time=EVENING)
    assert found is not None
    return found


def sampled(points_m: FloatArray) -> FloatArray:
    pieces = [
        start + np.linspace(0.0, 1.0, 1 + math.ceil(np.linalg.norm(end - start) / 0.02))[:, None]
        * (end - start)
        for start, end in itertools.pairwise(points_m)
    ]  # fmt: skip
    return np.vstack(pieces)


@pytest.mark.parametrize(("site", "start", "goal"), EVERY)
def test_it_leads_over_free_ground_from_the_start_to_the_place(
    site: str, start: str, goal: str
) -> None:
    points_m = way(site, start, goal).points_m
    assert tuple(points_m[0]) == SITES[site][start]
    assert tuple(points_m[-1]) == SITES[site][goal]
    grid, samples = site_map(site), sampled(points_m)
    rows, columns = grid.cells_of(samples).T
    assert (grid.cells[rows, columns] == FREE).all()
    for zone in shipped(site).zones_of(ZoneKind.KEEP_OUT):
        if zone.valid_at(*EVENING):
            assert not Ring(zone.polygon_m).contains_points(samples).any(), zone.zone_id


@lru_cache
def referee(site: str, start: str) -> tuple[OccupancyGrid, Any]:
    """Costs of ways from a place on a grid of 0.1 m, with room for a person and nothing else."""
    full = site_map(site)
    factor = round(0.1 / full.resolution_m)
    room_m = distance_transform_edt(full.cells == FREE) * full.resolution_m
    open_ = (room_m >= WayParams().clearance_m)[::factor, ::factor]
    grid = OccupancyGrid(0.0, 0.1, full.origin_x_m, full.origin_y_m, open_.astype(np.int8))
    centers_m = grid.centers_of(np.argwhere(np.ones_like(open_)))
    for zone in shipped(site).zones_of(ZoneKind.KEEP_OUT):
        if zone.valid_at(*EVENING):
            inside = Ring(zone.polygon_m).contains_points(centers_m)
            open_ &= ~inside.reshape(open_.shape)
    costs, _ = MCP_Geometric(np.where(open_, 0.1, -1.0)).find_costs(
        [tuple(grid.cells_of([SITES[site][start]])[0])]
    )
    return grid, costs


@pytest.mark.parametrize(("site", "start", "goal"), EVERY)
def test_it_is_hardly_longer_than_the_shortest(site: str, start: str, goal: str) -> None:
    grid, costs = referee(site, start)
    row, column = grid.cells_of([SITES[site][goal]])[0]
    assert np.isfinite(costs[row, column])
    assert way(site, start, goal).length_m <= 1.10 * costs[row, column] + 0.2


@pytest.mark.parametrize(("site", "start", "goal"), EVERY)
def test_the_sentences_say_what_the_line_does(site: str, start: str, goal: str) -> None:
    found = way(site, start, goal)
    legs = legs_of(found.points_m)
    assert sum(leg.length_m for leg in legs) == pytest.approx(found.length_m)
    assert len(legs) <= 5
    told = [
        sentence.format(metres=rounded_m(leg.length_m))
        for leg in legs[1:]
        for sentence in [ENGLISH.texts[turn_key(leg.turn_rad)]]
    ]
    assert [step for step in found.steps if step in told] == told
    steps = np.diff(found.points_m, axis=0)
    along_m = np.concatenate(([0.0], np.cumsum(np.linalg.norm(steps, axis=1))))
    x_m, y_m = (np.interp([leg.start_m for leg in legs], along_m, xy) for xy in found.points_m.T)
    ends_m = np.vstack((np.column_stack((x_m, y_m)), found.points_m[-1]))
    for index, leg in enumerate(legs[1:], start=1):
        (ax, ay), (bx, by) = ends_m[index] - ends_m[index - 1], ends_m[index + 1] - ends_m[index]
        assert (ax * by - ay * bx > 0.0) == (leg.turn_rad > 0.0)
        assert wrap_angle(math.atan2(by, bx) - leg.heading_rad) == pytest.approx(0.0, abs=0.3)


def test_the_map_shows_the_way_where_it_is(tmp_path: Path) -> None:
    finder = WayFinder(drawn(tmp_path, place("office", (50.0, 20.0)), boxes=((20, 25, 40, 35),)))
    way = finder.way((10.0, 20.0), "office", ENGLISH)
    assert way is not None
    picture = cv2.imdecode(np.frombuffer(finder.draw(way), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    height, width = picture.shape[:2]
    assert width == 1080

    def colour(x_m: float, y_m: float) -> tuple[int, ...]:
        border_m = 3.0
        column = (x_m + border_m) / (60.0 + 2.0 * border_m) * width
        row = (40.0 + border_m - y_m) / (40.0 + 2.0 * border_m) * height
        return tuple(int(c) for c in picture[int(row), int(column)][::-1])

    assert colour(30.0, 20.0) == (0x0B, 0x6B, 0xCB)
    assert colour(30.0, 30.0) == (0xAA, 0xB1, 0xBA)
    assert colour(30.0, 10.0) == (0xFF, 0xFF, 0xFF)
