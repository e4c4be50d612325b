"""Which of many places lie near others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from patrol_core.geometry import FloatArray


def any_near(places_m: FloatArray, others_m: FloatArray, near_m: float) -> npt.NDArray[np.bool_]:
    """Which places (N, 2) have one of the others (M, 2) within a distance, shape (N,)."""
    if not len(others_m) or not len(places_m):
        return np.zeros(len(places_m), np.bool_)
    away, _ = cKDTree(others_m).query(places_m, distance_upper_bound=near_m)
    return np.asarray(np.isfinite(away))
