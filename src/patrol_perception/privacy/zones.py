"""Privacy zones in pictures: upright prisms on polygons of `map`, black."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import Points, points_in_polygon
from patrol_perception.view import View


def zone_mask(view: View, zones_m: Iterable[Points], height_m: float) -> npt.NDArray[np.uint8]:
    """255 where a zone, or what stands before one, is in the picture (H, W); else 0.

    All of it from inside a zone.
    """
    mask = np.zeros((view.info.height_px, view.info.width_px), np.uint8)
    for polygon_m in zones_m:
        if points_in_polygon(view.position_m[None, :2], polygon_m)[0]:
            mask[:] = 255
            break
        floor = np.column_stack((np.asarray(polygon_m), np.zeros(len(polygon_m))))
        top = floor + (0.0, 0.0, height_m)
        faces = [floor, top]
        for i in range(len(floor)):
            j = (i + 1) % len(floor)
            faces.append(np.stack((floor[i], floor[j], top[j], top[i])))
        for face in faces:
            pixels = view.face(face)
            if pixels is not None:
                cv2.fillPoly(mask, [pixels], (255,))
    return mask
