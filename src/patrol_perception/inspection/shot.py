"""What one moment gives an inspection, and where a place of the site lies in a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from patrol_core.geometry import FloatArray
from patrol_core.site.checks import Place
from patrol_core.types.sensors import CameraInfo, DepthImage, ThermalImage
from patrol_perception.inspection.weighing import Reading
from patrol_perception.look import Look
from patrol_perception.view import Image, View

NEAR_M = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A raw picture (H, W, 3) BGR with the camera's place, the newest scan on the map, and what
    other cameras show; None what there is not."""

    stamp_s: float
    image: Image | None = None
    view: View | None = None
    look: Look | None = None
    depth: DepthImage | None = None
    thermal: ThermalImage | None = None


class Watcher:
    """Reads one thing from shots taken one after another at its checkpoint."""

    def take(self, shot: Shot) -> None:
        """Look once."""
        raise NotImplementedError

    def reading(self) -> Reading:
        """What all looks say together."""
        raise NotImplementedError


def plane_to_image(
    view: View, place: Place, unit_m: float, info: CameraInfo | None = None
) -> FloatArray | None:
    """From the plane of a place (unit `unit_m`, x right, y up) to pixels, (3, 3).

    `info`: of another camera at the same place. None where the place is behind the camera or seen
    from behind.
    """
    normal = np.array([math.cos(place.yaw_rad), math.sin(place.yaw_rad), 0.0])
    middle = np.array([place.x_m, place.y_m, place.height_m])
    seen_from = view.position_m - middle
    optical = view.to_optical(middle[None])[0]
    if float(seen_from @ normal) <= NEAR_M or optical[2] <= NEAR_M:
        return None
    right = np.array([-normal[1], normal[0], 0.0])
    turn = view.to_map[:3, :3].T
    info = view.info if info is None else info
    camera = np.array(
        [[info.fx_px, 0.0, info.cx_px], [0.0, info.fy_px, info.cy_px], [0.0, 0.0, 1.0]]
    )
    plane = np.column_stack((turn @ right * unit_m, turn[:, 2] * unit_m, optical))
    return np.asarray(camera @ plane)


def pixels_of(to_image: FloatArray, points: FloatArray) -> FloatArray:
    """Pixels (N, 2) of points (N, 2) of a plane."""
    seen = np.column_stack((points, np.ones(len(points)))) @ to_image.T
    return np.asarray(seen[:, :2] / seen[:, 2:])


def frame_of(to_image: FloatArray, half_x: float, half_y: float) -> FloatArray:
    """A closed rectangle of the plane in the picture, (5, 2)."""
    signs = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])
    return pixels_of(to_image, signs * (half_x, half_y))


def is_inside(to_image: FloatArray, points: FloatArray, shape: tuple[int, ...]) -> bool:
    """Whether points (N, 2) of a plane all lie before the camera and in a picture of a shape."""
    depth = np.column_stack((points, np.ones(len(points)))) @ to_image[2]
    if not np.isfinite(to_image).all() or float(depth.min()) <= 0.0:
        return False
    pixels = pixels_of(to_image, points)
    return bool((pixels >= 0.0).all() and (pixels <= (shape[1] - 1.0, shape[0] - 1.0)).all())
