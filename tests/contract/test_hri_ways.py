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
from scipy.ndimage import distance_transform_edt
from skimage.graph import MCP_Geometric
from tests.visitor_sites import drawn, place

from patrol_core.geometry import FloatArray, wrap_angle
from patrol_core.site import load_map, load_site
from patrol_core.site.model import ZoneKind
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.turn import Way
from patrol_hri.wayfinding import WayFinder, WayParams
from patrol_hri.wayfinding.legs import legs_of
from patrol_hri.wayfinding.telling import rounded_m, turn_key
from ronda_cli.environment.paths import ROOT

EVENING = (1, 22 * 3600)
"""The depot's loading bay is open to visitors then."""
ENGLISH = load_languages()["en"]
SITES = {name: load_site(ROOT / "sites" / name) for name in ("depot", "yard")}
FINDERS = {name: WayFinder(site) for name, site in SITES.items()}
STARTS = [(site, start) for site, finder in FINDERS.items() for start in finder.places]
REFEREED = [one for one in STARTS if one[0] == "yard"][:2] + [
    ("depot", start) for start in ("reception", "office", "drivers_room")
]


@lru_cache
def site_map(site: str) -> OccupancyGrid:
    return load_map(SITES[site].map_file)


@lru_cache
def ways(site: str, start: str) -> dict[str, Way]:
    """From a place to every other."""
    places, found = FINDERS[site].places, {}
    for goal in places:
        if goal != start:
            way = FINDERS[site].way(places[start].at_m, goal, ENGLISH, local_time=EVENING)
            assert way is not None, goal
            found[goal] = way
    return found


def sampled(points_m: FloatArray) -> FloatArray:
    pieces = [
        start + np.linspace(0.0, 1.0, 1 + math.ceil(np.linalg.norm(end - start) / 0.02))[:, None]
        * (end - start)
        for start, end in itertools.pairwise(points_m)
    ]  # fmt: skip
    return np.vstack(pieces)


@pytest.mark.parametrize(("site", "start"), STARTS)
def test_they_lead_over_free_ground_from_the_start_to_the_place(site: str, start: str) -> None:
    places, grid = FINDERS[site].places, site_map(site)
    for goal, way in ways(site, start).items():
        assert tuple(way.points_m[0]) == places[start].at_m
        assert tuple(way.points_m[-1]) == places[goal].at_m
        samples = sampled(way.points_m)
        rows, columns = grid.cells_of(samples).T
        assert (grid.cells[rows, columns] == FREE).all(), goal
        for zone in SITES[site].zones_of(ZoneKind.KEEP_OUT):
            if zone.valid_at(*EVENING):
                assert not Ring(zone.polygon_m).contains_points(samples).any(), goal


@lru_cache
def referee(site: str, start: str) -> tuple[OccupancyGrid, Any]:
    """Costs of ways from a place on a grid of 0.1 m, with room for a person and nothing else."""
    full = site_map(site)
    factor = round(0.1 / full.resolution_m)
    room_m = distance_transform_edt(full.cells == FREE) * full.resolution_m
    open_ = (room_m >= WayParams().clearance_m)[::factor, ::factor]
    grid = OccupancyGrid(0.0, 0.1, full.origin_x_m, full.origin_y_m, open_.astype(np.int8))
    centers_m = grid.centers_of(np.argwhere(np.ones_like(open_)))
    for zone in SITES[site].zones_of(ZoneKind.KEEP_OUT):
        if zone.valid_at(*EVENING):
            inside = Ring(zone.polygon_m).contains_points(centers_m)
            open_ &= ~inside.reshape(open_.shape)
    costs, _ = MCP_Geometric(np.where(open_, 0.1, -1.0)).find_costs(
        [tuple(grid.cells_of([FINDERS[site].places[start].at_m])[0])]
    )
    return grid, costs


@pytest.mark.parametrize(("site", "start"), REFEREED)
def test_they_are_hardly_longer_than_the_shortest(site: str, start: str) -> None:
    grid, costs = referee(site, start)
    for goal, way in ways(site, start).items():
        row, column = grid.cells_of([FINDERS[site].places[goal].at_m])[0]
        assert np.isfinite(costs[row, column]), goal
        assert way.length_m <= 1.10 * costs[row, column] + 0.2, goal


@pytest.mark.parametrize(("site", "start"), STARTS)
def test_the_sentences_say_what_the_line_does(site: str, start: str) -> None:
    for goal, way in ways(site, start).items():
        legs = legs_of(way.points_m)
        assert sum(leg.length_m for leg in legs) == pytest.approx(way.length_m)
        assert len(legs) <= 5 and len(way.steps) <= 11, goal
        turns = [(turn_key(leg.turn_rad), rounded_m(leg.length_m)) for leg in legs[1:]]
        told = [ENGLISH.say(key, metres=metres) for key, metres in turns]
        assert [step for step in way.steps if step in told] == told
        steps = np.linalg.norm(np.diff(way.points_m, axis=0), axis=1)
        along_m = np.concatenate(([0.0], np.cumsum(steps)))
        starts_m = [*(leg.start_m for leg in legs), way.length_m]
        ends_m = np.column_stack([np.interp(starts_m, along_m, xy) for xy in way.points_m.T])
        headings = np.arctan2(*np.diff(ends_m, axis=0).T[::-1])
        for index, leg in enumerate(legs):
            assert wrap_angle(headings[index] - leg.heading_rad) == pytest.approx(0.0, abs=0.3)
            turn = wrap_angle(headings[index] - headings[index - 1]) if index else 0.0
            assert (turn > 0.0) == (leg.turn_rad > 0.0)


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
