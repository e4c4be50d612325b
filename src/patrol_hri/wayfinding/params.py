"""Parameters of wayfinding."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class WayParams:
    cells: int = param(200_000, "Cells into which the ground is divided, about", 10_000, 2_000_000)
    coarsest_m: float = param(0.5, "Largest edge of a cell, on large sites [m]", 0.1, 1.0)
    clearance_m: float = param(
        0.5, "Room beside the middle of somebody who walks, or of a wheelchair [m]", 0.2, 1.5
    )
    dock_room_m: float = param(
        0.8, "Visitors keep so far off docks and the strips before them [m]", 0.0, 3.0
    )
    snap_m: float = param(
        2.0, "Who stands no farther from walkable ground counts as standing on it [m]", 0.3, 10.0
    )
    closed_m: float = param(
        40.0, "A way to a place in a closed area may end so far before the place [m]", 0.0, 200.0
    )
    walking_mps: float = param(1.2, "Speed at which walking times are counted [m/s]", 0.3, 2.0)
    landmark_m: float = param(
        15.0, "Places in sight that are no farther beside the way are named [m]", 0.0, 100.0
    )
