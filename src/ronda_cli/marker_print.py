"""A dock's marker on paper."""

from __future__ import annotations

import cv2

from patrol_core.site.model import Dock
from patrol_perception.dock_marker import DICTIONARY

CELLS = 6
"""Four cells of code and the black border on either side."""


def marker_svg(dock: Dock) -> str:
    """The marker at true size with a white border one cell wide and a line that says what it is.

    Raises ValueError for a dock without a marker.
    """
    marker = dock.marker
    if marker is None:
        raise ValueError(f"dock '{dock.dock_id}' has no marker")
    bits = cv2.aruco.generateImageMarker(
        cv2.aruco.getPredefinedDictionary(DICTIONARY), marker.marker_id, CELLS
    )
    cell = marker.edge_m * 1000.0 / CELLS
    width = (CELLS + 2) * cell
    black = "".join(
        f'<rect x="{(column + 1) * cell:.3f}" y="{(row + 1) * cell:.3f}" '
        f'width="{cell:.3f}" height="{cell:.3f}"/>'
        for row in range(CELLS)
        for column in range(CELLS)
        if bits[row, column] < 128
    )
    caption = (
        f"{dock.dock_id}: 4x4_50, id {marker.marker_id}, black edge {marker.edge_m * 1000:g} mm, "
        f"middle {marker.height_m * 1000:g} mm above the ground"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.3f}mm" '
        f'height="{width + 8.0:.3f}mm" viewBox="0 0 {width:.3f} {width + 8.0:.3f}">'
        f'<rect width="100%" height="100%" fill="white"/>'
        f'<g shape-rendering="crispEdges">{black}</g>'
        f'<text x="{width / 2.0:.3f}" y="{width + 4.0:.3f}" font-size="3.5" '
        f'font-family="sans-serif" text-anchor="middle">{caption}</text></svg>\n'
    )
