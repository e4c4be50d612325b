"""Finds ways for visitors, tells them in sentences and draws them."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping

import numpy as np
from scipy.sparse import csr_matrix

from patrol_core.geometry import FloatArray
from patrol_core.grid_graph import grid_graph
from patrol_core.site.map_file import load_map
from patrol_core.site.model import Site, Zone, ZoneKind
from patrol_core.site.visitors import VisitorPlace, Visitors
from patrol_core.types.maps import OccupancyGrid
from patrol_hri.languages.catalogue import Language
from patrol_hri.turn import Way
from patrol_hri.wayfinding.ground import Cell, Ground, GroundMaker, is_clear
from patrol_hri.wayfinding.legs import Passed, building_bearing_rad, legs_of, places_passed
from patrol_hri.wayfinding.params import WayParams
from patrol_hri.wayfinding.search import WaysTo
from patrol_hri.wayfinding.telling import Told, name_of, sentences

SAME_M = 1e-6
_DEFAULTS = WayParams()


class _Field:
    """The ground while some zones are in force, with what was searched on it."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._graph: csr_matrix | None = None
        self._ways: dict[Cell, WaysTo] = {}

    def way(self, start: Cell, goal: Cell) -> FloatArray | None:
        if self._graph is None:
            self._graph = grid_graph(self.ground.parts > 0, self.ground.grid.resolution_m)
        if goal not in self._ways:
            self._ways[goal] = WaysTo(self.ground, goal, self._graph)
        return self._ways[goal].way(start)


class WayFinder:
    """Ways on one site. The map is read when the first way is asked for. Thread-safe.

    Ways never lead through a keep-out zone in force; a place within one is told with where the
    way ends. Only places of `visitors.yaml` are named.
    """

    def __init__(self, site: Site, params: WayParams = _DEFAULTS) -> None:
        self._site = site
        self._params = params
        self._lock = threading.Lock()
        self._maker: GroundMaker | None = None
        self._map: OccupancyGrid | None = None
        self._fields: dict[tuple[Zone, ...], _Field] = {}
        self._bearings_rad: dict[str, float | None] = {}

    def prepare(self, local_time: tuple[int, int]) -> None:
        """Search the ways to all places, so that no visitor waits for it: takes seconds."""
        self._site_map()
        with self._lock:
            for place in self.places.values():
                self._points(place.at_m, place, local_time)
        for place in self.places.values():
            self._bearing_rad(place)

    @property
    def places(self) -> Mapping[str, VisitorPlace]:
        """What may be asked for, by id."""
        return {place.place_id: place for place in self._visitors.places}

    @property
    def site_language(self) -> str:
        """Code of the language of the site's own texts."""
        return self._visitors.language

    def way(
        self,
        start_m: tuple[float, float],
        place_id: str,
        language: Language,
        step_free: bool = False,
        *,
        robot_yaw_rad: float | None = None,
        local_time: tuple[int, int] | None = None,
    ) -> Way | None:
        """The way from a point of `map` to a place; None where it is unknown or there is no way.

        `robot_yaw_rad`: of the robot that the listener faces, so that left and right are theirs;
        without it the first direction is left to the drawing. `local_time`: weekday and second of
        the day; without it every keep-out zone counts, whatever its hours.
        """
        place = self.places.get(place_id)
        if place is None:
            return None
        self._site_map()
        with self._lock:
            found = self._points(start_m, place, local_time)
        if found is None:
            return None
        points_m, missing_m = found
        told = Told(
            place,
            legs_of(points_m),
            self.passed(points_m, place_id),
            robot_yaw_rad,
            self._bearing_rad(place),
            missing_m,
            step_free,
            self._params.walking_mps,
        )
        length_m = float(np.linalg.norm(np.diff(points_m, axis=0), axis=1).sum())
        steps = sentences(told, language, self.site_language)
        duration_s = length_m / self._params.walking_mps
        return Way(place_id, points_m, length_m, duration_s, place.step_free, steps)

    def _bearing_rad(self, place: VisitorPlace) -> float | None:
        """Where the building of a place is, seen from it."""
        if place.place_id not in self._bearings_rad:
            found = building_bearing_rad(self._site_map(), place.at_m)
            self._bearings_rad[place.place_id] = found
        return self._bearings_rad[place.place_id]

    def passed(self, points_m: FloatArray, place_id: str = "") -> tuple[Passed, ...]:
        """The places but that one which a way (N, 2) leads past, in their order."""
        others = tuple(place for name, place in self.places.items() if name != place_id)
        return places_passed(points_m, others, self._site_map(), self._params.landmark_m)

    def draw(self, way: Way) -> bytes:
        """A PNG of the way on the site, with the names that its signs have."""
        from patrol_hri.wayfinding.drawing import draw_way  # half a second, for few

        own = self.site_language
        names = {name: name_of(place, own, own) for name, place in self.places.items()}
        return draw_way(self._site, self._site_map(), way, self.places, names)

    @property
    def _visitors(self) -> Visitors:
        visitors = self._site.visitors
        assert visitors is not None, "a site without visitors has no front end that asks for ways"
        return visitors

    def _site_map(self) -> OccupancyGrid:
        with self._lock:
            if self._map is None:
                self._map = load_map(self._site.map_file)
            return self._map

    def _field(self, local_time: tuple[int, int] | None) -> _Field:
        keep_outs = tuple(
            zone
            for zone in self._site.zones_of(ZoneKind.KEEP_OUT)
            if local_time is None or zone.valid_at(*local_time)
        )
        if keep_outs not in self._fields:
            if self._maker is None:
                assert self._map is not None
                self._maker = GroundMaker(self._site, self._map, self._params)
            self._fields[keep_outs] = _Field(self._maker.ground(keep_outs))
        return self._fields[keep_outs]

    def _points(
        self,
        start_m: tuple[float, float],
        place: VisitorPlace,
        local_time: tuple[int, int] | None,
    ) -> tuple[FloatArray, float] | None:
        """The way (N, 2), and how far before the place it ends [m]; 0 where it gets there."""
        field, params = self._field(local_time), self._params
        ground = field.ground
        start = ground.step_on(start_m, params.snap_m)
        if start is None:
            return None
        part = int(ground.parts[start])
        goal = None if ground.is_closed(place.at_m) else ground.step_on(place.at_m, params.snap_m)
        missing_m = 0.0
        if goal is None or ground.parts[goal] != part:
            goal = ground.nearest(place.at_m, part, params.closed_m)
            if goal is None:
                return None
            missing_m = math.dist(ground.center(goal), place.at_m)
        between_m = field.way(start, goal)
        if between_m is None:
            return None
        ends = (start_m, None if missing_m else place.at_m)
        return _with_ends(ground, between_m, *ends), missing_m


def _with_ends(
    ground: Ground,
    points_m: FloatArray,
    start_m: tuple[float, float],
    end_m: tuple[float, float] | None,
) -> FloatArray:
    """A way (N, 2) between cells, from and to where one really stands; no two points alike, but
    for the two of who stands there already.
    """
    points = _from(ground, points_m, start_m)
    if end_m is not None:
        points = _from(ground, points[::-1], end_m)[::-1]
    moves = np.linalg.norm(np.diff(points, axis=0), axis=1) > SAME_M
    if not moves.any():
        return np.asarray(points[[0, -1]])
    return np.asarray(points[np.concatenate(([True], moves))])


def _from(ground: Ground, points_m: FloatArray, start_m: tuple[float, float]) -> FloatArray:
    if len(points_m) > 1 and is_clear(ground.grid, start_m, points_m[1]):
        points_m = points_m[1:]
    return np.vstack((start_m, points_m))
