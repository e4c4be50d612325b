"""How two views of a place lie to each other, better than the poses say.

A direct method (Kerl, Sturm and Cremers 2013, dense visual odometry) on luminance that is
normalised by its surroundings, so that light matters little; edges of shadows are outliers. The
poses are its prior: where there is nothing to see, they hold.
"""

from __future__ import annotations

import cv2
import numpy as np

from patrol_core.geometry import FloatArray
from patrol_perception.change.kernels import align_points
from patrol_perception.change.params import AlignParams
from patrol_perception.change.snapshot import Mask, Plane, Snapshot

_LEVELS = 3
_STEPS = 6
_AROUND_PX = 15
_FLAT = 0.03
"""Contrast (standard deviation of the logarithm) that counts as none."""
_MOST_POINTS = 2500
_EDGE = 0.15
"""Gradient of normalised luminance from which on a pixel is used."""
_PRECISION = 0.3
"""Of a value: less than its noise would say, for neighbours are alike."""
_DOUBT = 0.7
"""A difference larger than this counts little: a shadow, or a change."""
_FAR_M = 12.0


def align(picture: Snapshot, reference: Snapshot, params: AlignParams) -> FloatArray:
    """The transform (4, 4) of points in the picture's camera into the reference's."""
    prior = np.linalg.inv(reference.view.to_map) @ picture.view.to_map
    motion, moved = np.ascontiguousarray(prior[:3]), np.zeros(6)
    trust = np.array(
        [params.position_std_m**-2] * 3 + [params.turn_std_rad**-2] * 3 + [_PRECISION, _DOUBT]
    )
    for level in reversed(range(_LEVELS)):
        scale = 2**level
        shown = normalised(_shrunk(picture.layers[..., 0], scale))
        image = normalised(_shrunk(reference.layers[..., 0], scale))
        camera = picture.camera
        camera[:2] /= scale
        camera[2:] = (camera[2:] + 0.5) / scale - 0.5
        depth_m = np.ascontiguousarray(picture.depth_m[scale // 2 :: scale, scale // 2 :: scale])
        hidden = picture.hidden[scale // 2 :: scale, scale // 2 :: scale]
        points, values = _points(shown, depth_m, hidden, camera)
        align_points(points, values, image, camera, motion, moved, trust, _STEPS)
    return np.concatenate((motion, [[0.0, 0.0, 0.0, 1.0]]))


def normalised(luminance: Plane) -> Plane:
    """Luminance (H, W) less the mean of its surroundings, by their contrast."""
    size = (_AROUND_PX, _AROUND_PX)
    mean = cv2.blur(luminance, size)
    spread = cv2.blur(luminance * luminance, size) - mean * mean
    return np.ascontiguousarray(
        (luminance - mean) / (np.sqrt(np.maximum(spread, 0.0)) + np.float32(_FLAT)), np.float32
    )


def _shrunk(plane: Plane, scale: int) -> Plane:
    height, width = plane.shape
    size = (width // scale, height // scale)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _points(
    shown: Plane, depth_m: Plane, hidden: Mask, camera: FloatArray
) -> tuple[FloatArray, Plane]:
    """Places (N, 3) in the camera where the picture has edges, and its values (N,) there."""
    across, down = np.gradient(shown)
    with np.errstate(invalid="ignore"):
        use = (np.hypot(across, down) > _EDGE) & (depth_m < _FAR_M) & ~hidden
    rows, columns = np.nonzero(use)
    step = max(1, -(-len(rows) // _MOST_POINTS))
    rows, columns = rows[::step], columns[::step]
    depth = depth_m[rows, columns].astype(np.float64)
    x = (columns - camera[2]) / camera[0] * depth
    y = (rows - camera[3]) / camera[1] * depth
    return np.column_stack((x, y, depth)), np.ascontiguousarray(shown[rows, columns])
