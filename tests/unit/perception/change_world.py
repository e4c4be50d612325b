"""A court with a patterned floor and a wall, ray by ray: pictures and depth of known places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from tests.unit.perception.rover import CAMERA

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.photos import Frame
from patrol_perception.view import Box, View, camera_mount

WIDTH, HEIGHT, FOCAL_PX = 256, 192, 135.0
INFO = CameraInfo(
    0.0, "camera_optical_frame", WIDTH, HEIGHT, FOCAL_PX, FOCAL_PX, WIDTH / 2, HEIGHT / 2
)
_WALL_M, _CELL_M = 7.0, 0.35
_PATTERN = np.random.default_rng(5).uniform(0.35, 0.8, (64, 64))
_GREY, _RED = np.array([0.9, 1.0, 0.95]), np.array([0.15, 0.2, 0.85])


@dataclass(frozen=True)
class Court:
    """What stands on the floor (low and high corner), what lies on it, and where it is dark."""

    box: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    sheet: tuple[float, float, float, float] | None = None
    shadow: tuple[float, float, float, float] | None = None
    light: float = 180.0


BOX = ((2.6, -0.2, 0.0), (3.0, 0.3, 0.6))
PLACE = (2.8, 0.05)


def view_at(base: Pose2, stamp_s: float = 0.0) -> View:
    return View(stamp_s, INFO, camera_mount(CAMERA), base)


@lru_cache(maxsize=64)
def render(court: Court, base: Pose2) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Picture (BGR) and depth from there; not to be written to."""
    view = view_at(base)
    v, u = np.indices((HEIGHT, WIDTH))
    rays = np.stack(
        ((u - INFO.cx_px) / FOCAL_PX, (v - INFO.cy_px) / FOCAL_PX, np.ones(u.shape)), axis=-1
    )
    rays = rays @ view.to_map[:3, :3].T
    eye = view.position_m
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = np.where(rays[..., 2] < -1e-3, -eye[2] / rays[..., 2], np.inf)
        wall = np.where(rays[..., 0] > 1e-3, (_WALL_M - eye[0]) / rays[..., 0], np.inf)
        depth = np.minimum(floor, wall)
        points = eye + rays * np.where(np.isfinite(depth), depth, 0.0)[..., None]
    across = np.where(floor < wall, points[..., 0], points[..., 2])
    shade = _pattern(across, points[..., 1])
    colour = shade[..., None] * _GREY
    if court.sheet is not None:
        colour[_inside(points, court.sheet)] = 0.6 * _RED
    if court.box is not None:
        hit = _box_depth(eye, rays, court.box)
        near = hit < depth
        depth = np.where(near, hit, depth)
        colour[near] = 0.7 * _RED
    if court.shadow is not None:
        colour[
            _inside(eye + rays * np.nan_to_num(depth, posinf=0.0)[..., None], court.shadow)
        ] *= 0.35
    picture = np.clip(np.rint(court.light * colour), 0, 255).astype(np.uint8)
    return picture, np.where(np.isfinite(depth), depth, np.nan).astype(np.float32)


def _pattern(x: FloatArray, y: FloatArray) -> FloatArray:
    """Squares with soft rims."""
    return np.asarray(
        cv2.remap(
            cv2.resize(_PATTERN, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC),
            (np.mod(x, 20.0) / _CELL_M * 4.0).astype(np.float32),
            (np.mod(y, 20.0) / _CELL_M * 4.0).astype(np.float32),
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP,
        )
    )  # fmt: skip


def _inside(points: FloatArray, area: tuple[float, float, float, float]) -> npt.NDArray[np.bool_]:
    x, y = points[..., 0], points[..., 1]
    flat = points[..., 2] < 0.01
    inside = (x > area[0]) & (y > area[1]) & (x < area[2]) & (y < area[3])
    return np.asarray(inside & flat)


def _box_depth(
    eye: FloatArray, rays: FloatArray, box: tuple[tuple[float, ...], tuple[float, ...]]
) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (np.array(box[0]) - eye) / rays, (np.array(box[1]) - eye) / rays
    enter = np.minimum(first, second).max(axis=-1)
    leave = np.maximum(first, second).min(axis=-1)
    return np.asarray(np.where((enter < leave) & (enter > 0.0), enter, np.inf))


def frame_at(
    court: Court, base: Pose2, stamp_s: float, hidden: tuple[Box, ...] = ()
) -> tuple[Frame, DepthImage]:
    """As the blurred camera gives it."""
    picture, depth = render(court, base)
    picture = picture.copy()
    for box in hidden:
        picture[box.top : box.bottom, box.left : box.right] = 90
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    frame = Frame(jpeg, view_at(base, stamp_s), hidden, depth[4::8, 4::8].copy())
    return frame, DepthImage(stamp_s, INFO.frame_id, depth)
