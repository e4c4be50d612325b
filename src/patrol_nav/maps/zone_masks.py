"""The site's zones as Nav2's masks, so that its filters heed what our own navigator does.

https://docs.nav2.org/tutorials/docs/navigation2_with_keepout_filter.html
https://docs.nav2.org/tutorials/docs/navigation2_with_speed_filter.html
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patrol_core import topics
from patrol_core.component import Component, Inputs, Outputs
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Site
from patrol_core.site.zone_watch import ZoneWatch
from patrol_core.types.maps import FREE, OCCUPIED, MaskInfo, MaskKind, OccupancyGrid
from patrol_nav.costmap.zones import forbidden_cells, speed_limits

STEP_MPS = 0.02
"""Of speed, for each count of a cell; limits are rounded down, those above 2 m/s are 2 m/s."""


class ZoneMasks(Component):
    """Says both masks at the first tick and whenever the zones in force have changed."""

    name = "zone_masks"
    reads = ()
    writes = (
        topics.KEEPOUT_MASK, topics.KEEPOUT_INFO, topics.SPEED_MASK, topics.SPEED_INFO,
    )  # fmt: skip
    rate_hz = 20.0

    def __init__(
        self,
        grid: OccupancyGrid,
        site: Site,
        local_time: LocalTime,
        cell_m: float,
        margin_m: float,
    ) -> None:
        """As large as the map `grid`, in cells of `cell_m`; zones are widened by `margin_m`."""
        self._site, self._margin_m = site, margin_m
        self._zones = ZoneWatch(site, local_time)
        rows, columns = np.ceil(np.array(grid.cells.shape) * grid.resolution_m / cell_m - 1e-6)
        cells = np.full((int(rows), int(columns)), FREE, dtype=np.int8)
        self._blank = OccupancyGrid(0.0, cell_m, grid.origin_x_m, grid.origin_y_m, cells)
        self._said = False

    def step(self, inputs: Inputs, now_s: float) -> Outputs:  # noqa: ARG002
        """See Component."""
        outputs = Outputs()
        changed = self._zones.refresh(now_s)
        if self._said and not changed:
            return outputs
        if not self._said:
            self._said = True
            mask = topics.KEEPOUT_MASK.name
            out = MaskInfo(now_s, MaskKind.KEEP_OUT, mask, 0.0, 1.0)
            slow = MaskInfo(now_s, MaskKind.SPEED, topics.SPEED_MASK.name, 0.0, STEP_MPS)
            outputs.put(topics.KEEPOUT_INFO, out)
            outputs.put(topics.SPEED_INFO, slow)
        blank, zones = self._blank, self._zones.zones
        forbidden = forbidden_cells(blank, self._site.outline_m, zones, self._margin_m)
        outputs.put(topics.KEEPOUT_MASK, self._mask(now_s, forbidden * OCCUPIED))
        limits_mps = np.minimum(speed_limits(blank, zones, self._margin_m), 1e3)
        counts = np.clip(np.floor(limits_mps / STEP_MPS + 1e-4), 1, 100)
        outputs.put(topics.SPEED_MASK, self._mask(now_s, np.where(limits_mps < 1e3, counts, 0)))
        return outputs

    def _mask(self, now_s: float, values: npt.NDArray[np.generic]) -> OccupancyGrid:
        blank = self._blank
        return OccupancyGrid(
            now_s, blank.resolution_m, blank.origin_x_m, blank.origin_y_m, values.astype(np.int8)
        )
