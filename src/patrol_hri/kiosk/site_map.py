"""The map behind a drawn way: outline, buildings, and the places that visitors are told of."""

from __future__ import annotations

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.site import Site, load_map
from patrol_core.site.visitors import Visitors
from patrol_core.types.maps import FREE, OccupancyGrid
from patrol_hri.kiosk.documents import Document

MIN_AREA_M2 = 4.0
"""Smaller things are posts and bushes: they would only make the map harder to read."""
SIMPLIFY_M = 0.25


def map_document(site: Site, visitors: Visitors | None) -> Document:
    """Outline and buildings [m, in `map`] and places with their names by language.

    Nothing else of the site goes out: no zones, no routes, no checkpoints, no docks. Raises
    ConfigError when the map cannot be read.
    """
    places = () if visitors is None else visitors.places
    return {
        "outline": _rounded(np.asarray(site.outline_m)),
        "buildings": [_rounded(ring) for ring in buildings(load_map(site.map_file), site)],
        "language": "" if visitors is None else visitors.language,
        "places": [{"id": p.place_id, "names": dict(p.names), "at": list(p.at_m)} for p in places],
    }


def buildings(grid: OccupancyGrid, site: Site) -> list[FloatArray]:
    """What one cannot walk through inside the outline: rings of corners, each (N, 2) [m]."""
    solid = (grid.cells != FREE).astype(np.uint8)
    inside = np.zeros_like(solid)
    origin = np.array([grid.origin_x_m, grid.origin_y_m])
    corners = (np.asarray(site.outline_m) - origin) / grid.resolution_m
    cv2.fillPoly(inside, [np.round(corners).astype(np.int32)], (1,))
    reach = int(round(0.6 / grid.resolution_m))
    inside = cv2.erode(inside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(np.uint8)
    found, _ = cv2.findContours(solid & inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    smallest = MIN_AREA_M2 / grid.resolution_m**2
    rings = [
        cv2.approxPolyDP(ring, SIMPLIFY_M / grid.resolution_m, closed=True)[:, 0, :]
        for ring in found
        if cv2.contourArea(ring) >= smallest
    ]
    return [origin + (ring + 0.5) * grid.resolution_m for ring in rings if len(ring) > 2]


def _rounded(ring: FloatArray) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in ring]
