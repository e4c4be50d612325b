"""A way as people tell it: straight legs, the turns between them, and what one passes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label
from shapely.geometry import LineString, Point

from patrol_core.geometry import FloatArray, wrap_angle
from patrol_core.site.visitors import VisitorPlace
from patrol_core.types.maps import OCCUPIED, OccupancyGrid
from patrol_hri.wayfinding.ground import is_clear

TURN_RAD = math.radians(25.0)
"""Less of a turn is none that anybody would tell."""
SHORT_M, MOST_LEGS = 5.0, 5
TOLERANCES_M = (1.0, 2.0, 4.0, 8.0)
NOT_AT_ENDS_M, MOST_PASSED = 5.0, 2
"""What is passed nearer to either end is not worth a sentence, and few of the others are."""
BUILDING_M2, BUILDING_NEAR_M, ONE_SIDED = 4.0, 8.0, 0.3
"""What a goal lies in front of: something that large, that near, on one side rather than round it.
"""


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight piece of a way. `turn_rad`: before it, to the left positive; 0 on the first."""

    start_m: float
    length_m: float
    heading_rad: float
    turn_rad: float


@dataclass(frozen=True, slots=True)
class Passed:
    """A place passed `along_m` from the start of the way, on the left of who walks or not."""

    place: VisitorPlace
    along_m: float
    on_left: bool


def legs_of(points_m: FloatArray) -> tuple[Leg, ...]:
    """The legs of a way (N, 2), few; their lengths add up to that of the way."""
    line = LineString(points_m)
    for tolerance_m in TOLERANCES_M:
        corners = np.array(line.simplify(tolerance_m, preserve_topology=False).coords)
        legs = _legs(line, _without_mere_bends(corners))
        if len(legs) <= MOST_LEGS:
            break
    return legs


def _without_mere_bends(corners_m: FloatArray) -> FloatArray:
    """Leave out corners that are no turn and those that end a short leg, the least turn first."""
    corners = list(corners_m)
    while len(corners) > 2:
        steps = np.diff(np.array(corners), axis=0)
        headings = np.arctan2(steps[:, 1], steps[:, 0])
        lengths = np.linalg.norm(steps, axis=1)
        turns = [abs(wrap_angle(float(turn))) for turn in np.diff(headings)]
        short = np.minimum(lengths[:-1], lengths[1:]) < SHORT_M
        mere = [index for index, turn in enumerate(turns) if turn < TURN_RAD or short[index]]
        if not mere:
            break
        corners.pop(1 + min(mere, key=lambda index: turns[index]))
    return np.array(corners)


def _legs(line: LineString, corners_m: FloatArray) -> tuple[Leg, ...]:
    steps = np.diff(corners_m, axis=0)
    headings = np.arctan2(steps[:, 1], steps[:, 0])
    along = [line.project(Point(corner)) for corner in corners_m]
    along[0], along[-1] = 0.0, line.length
    legs: list[Leg] = []
    for index, heading in enumerate(headings):
        turn = wrap_angle(float(heading - headings[index - 1])) if index else 0.0
        length = along[index + 1] - along[index]
        legs.append(Leg(along[index], length, float(heading), turn))
    return tuple(legs)


def places_passed(
    points_m: FloatArray,
    places: tuple[VisitorPlace, ...],
    site_map: OccupancyGrid,
    within_m: float,
) -> tuple[Passed, ...]:
    """Places in sight beside a way (N, 2), no farther from it than `within_m`, in their order.

    Of many the few that are nearest to it.
    """
    line = LineString(points_m)
    passed: list[tuple[float, Passed]] = []
    for place in places:
        at = Point(place.at_m)
        along_m = float(line.project(at))
        if not NOT_AT_ENDS_M < along_m < line.length - NOT_AT_ENDS_M:
            continue
        here = line.interpolate(along_m)
        apart_m = here.distance(at)
        if apart_m > within_m or not is_clear(site_map, here.coords[0], at.coords[0]):
            continue
        ahead = line.interpolate(along_m + 1.0)
        before = line.interpolate(along_m - 1.0)
        side = (ahead.x - before.x) * (at.y - here.y) - (ahead.y - before.y) * (at.x - here.x)
        passed.append((apart_m, Passed(place, along_m, side > 0.0)))
    nearest = sorted(passed, key=lambda one: one[0])[:MOST_PASSED]
    return tuple(sorted((one for _, one in nearest), key=lambda one: one.along_m))


def building_bearing_rad(site_map: OccupancyGrid, at_m: tuple[float, float]) -> float | None:
    """Direction in `map` from a point to what is built around it, what is near counting more.

    None where nothing is near, or as much on one side as on the other.
    """
    reach = int(BUILDING_NEAR_M / site_map.resolution_m)
    row, column = site_map.cells_of([at_m])[0]
    low_row, low_column = max(row - 2 * reach, 0), max(column - 2 * reach, 0)
    window = site_map.cells[low_row : row + 2 * reach + 1, low_column : column + 2 * reach + 1]
    things = label(window == OCCUPIED)[0]
    large = np.bincount(things.ravel()) * site_map.resolution_m**2 >= BUILDING_M2
    large[0] = False
    cells = np.argwhere(large[things]) + (low_row, low_column)
    offsets_m = site_map.centers_of(cells) - np.asarray(at_m)
    apart_m = np.linalg.norm(offsets_m, axis=1)
    near = (apart_m > 0.0) & (apart_m <= BUILDING_NEAR_M)
    if not near.any():
        return None
    weights = apart_m[near] ** -2
    east, north = (offsets_m[near] / apart_m[near, None] * weights[:, None]).sum(axis=0)
    if math.hypot(east, north) < ONE_SIDED * weights.sum():
        return None
    return math.atan2(north, east)
