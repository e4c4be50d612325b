"""One scan, laid onto the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One scan on the map.

    `sensor` is the lidar in `map` after laying the scan onto the map; `ranges_m` (N,) float32 with
    NaN where invalid. `fits`: the pose needed no more than a small correction. `beams` (M,),
    `points_m` (M, 2) and `clearance_m` (M,) are the returns that the map does not explain: beam
    number, end point in `map`, distance to what is mapped.
    """

    stamp_s: float
    sensor: Pose2
    ranges_m: npt.NDArray[np.float32]
    angle_min_rad: float
    angle_increment_rad: float
    explained_share: float
    fits: bool
    beams: npt.NDArray[np.int64]
    points_m: FloatArray
    clearance_m: npt.NDArray[np.float32]
