"""The lanes of a site: which of them lead to a goal, and which are blocked for now."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from patrol_core.geometry import FloatArray, Pose2, points_in_polygon
from patrol_core.site.model import Zone, ZoneKind
from patrol_nav.params import LaneParams
from patrol_nav.routing.graph import RouteGraph, RouteSearch, edge_costs

SAMPLES = 41
"""Places on a lane at which zones are looked up."""
ON_LANE_M = 3.0
"""What blocks the robot farther than this from a lane does not block the lane."""


class Lanes:
    """Routes over a graph of lanes by time; a lane found blocked is closed for a while."""

    def __init__(self, graph: RouteGraph, params: LaneParams, speed_mps: float) -> None:
        self._graph = graph
        self._params = params
        self._speed_mps = speed_mps
        self._costs = edge_costs(graph, speed_mps)
        self._search = RouteSearch(graph, self._costs)
        self._closed_until_s: dict[int, float] = {}

    def heed(self, zones: Iterable[Zone]) -> None:
        """From now on lanes through keep-outs are closed, and those in speed zones slow."""
        graph = self._graph
        steps = graph.places_m[graph.ends] - graph.places_m[graph.starts]
        shares = np.linspace(0.0, 1.0, SAMPLES)[:, None, None]
        places = (graph.places_m[graph.starts] + shares * steps).reshape(-1, 2)
        speeds = np.tile(np.minimum(graph.speed_limits_mps, self._speed_mps), (SAMPLES, 1))
        for zone in zones:
            inside = points_in_polygon(places, zone.polygon_m).reshape(SAMPLES, -1)
            if zone.kind is ZoneKind.KEEP_OUT:
                speeds[inside] = 0.0
            elif zone.kind is ZoneKind.SPEED and zone.speed_limit_mps is not None:
                speeds[inside] = np.minimum(speeds[inside], zone.speed_limit_mps)
        with np.errstate(divide="ignore"):
            slowness = (1.0 / speeds).mean(axis=0)
        self._costs = (graph.lengths_m + graph.penalties_m) * slowness
        self._apply()

    @property
    def attempts(self) -> int:
        """Ways that are tried to one goal."""
        return self._params.attempts

    def are_for(self, start: Pose2, goal: Pose2) -> bool:
        """Whether a goal is so far away that lanes lead to it."""
        return start.distance_to(goal) > self._params.use_beyond_m

    def way(self, start: Pose2, goal: Pose2, now_s: float) -> FloatArray:
        """Places (N, 2) of the lanes from near `start` to near `goal`, N at least 1.

        Raises NoRouteError where all ways over open lanes are closed.
        """
        self._open_again(now_s)
        graph = self._graph
        first = self._search.nearest(start.x_m, start.y_m)
        last = self._search.nearest(goal.x_m, goal.y_m)
        edges = self._search.route(first, last)
        return _without_ways_back(graph.places_m[[first, *graph.ends[edges]]], start, goal)

    def close_near(self, pose: Pose2, now_s: float) -> int | None:
        """Close the lane on which the robot got stuck, both ways; its number in the file.

        Of lanes as near, the one that the robot looks along. None where none is near.
        """
        graph = self._graph
        starts, ends = graph.places_m[graph.starts], graph.places_m[graph.ends]
        steps, here = ends - starts, np.array([pose.x_m, pose.y_m])
        lengths = np.maximum(graph.lengths_m, 1e-9)
        along = np.clip(((here - starts) * steps).sum(axis=1) / lengths**2, 0.0, 1.0)
        away = np.linalg.norm(starts + along[:, None] * steps - here, axis=1)
        heading = np.array([math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)])
        score = away + 0.5 * (1.0 - (steps @ heading) / lengths)
        best = int(np.argmin(score))
        if away[best] > ON_LANE_M:
            return None
        ends_of = (int(graph.starts[best]), int(graph.ends[best]))
        same = np.flatnonzero(
            ((graph.starts == ends_of[0]) & (graph.ends == ends_of[1]))
            | ((graph.starts == ends_of[1]) & (graph.ends == ends_of[0]))
        )
        for edge in same.tolist():
            self._closed_until_s[edge] = now_s + self._params.closed_s
        self._apply()
        return int(graph.edge_ids[best])

    def _open_again(self, now_s: float) -> None:
        still = {edge: until for edge, until in self._closed_until_s.items() if until > now_s}
        if len(still) < len(self._closed_until_s):
            self._closed_until_s = still
            self._apply()

    def _apply(self) -> None:
        costs = self._costs.copy()
        costs[list(self._closed_until_s)] = np.inf
        self._search.set_costs(costs)


def _without_ways_back(places: FloatArray, start: Pose2, goal: Pose2) -> FloatArray:
    """Places (N, 2) without a first or last one that would have to be driven back from."""
    if len(places) > 2 and (places[1] - places[0]) @ (places[0] - (start.x_m, start.y_m)) < 0.0:
        places = places[1:]
    if len(places) > 2 and (places[-1] - places[-2]) @ ((goal.x_m, goal.y_m) - places[-1]) < 0.0:
        places = places[:-1]
    return np.asarray(places)
