"""Publishes the site's map once; late readers get it because the row is latched."""

from __future__ import annotations

import dataclasses

from patrol_core import topics
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.types.maps import OccupancyGrid


class MapServer(Component):
    """Owns the map that planner and localiser were built with."""

    name = "map_server"
    reads = ()
    writes = (topics.MAP,)
    rate_hz = 20.0

    def __init__(self, grid: OccupancyGrid) -> None:
        self._grid = grid
        self._published = False

    def step(self, inputs: Inputs, now_s: float) -> Outputs:  # noqa: ARG002
        """Publish at the first tick."""
        outputs = Outputs()
        if not self._published:
            outputs.put(topics.MAP, dataclasses.replace(self._grid, stamp_s=now_s))
            self._published = True
        return outputs
