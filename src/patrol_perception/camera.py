"""The camera pipeline: raw picture in, blurred picture out, a frame kept for photos."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.types.perception import FindingKind, TrackKind
from patrol_core.types.sensors import CameraInfo, CompressedImage, DepthImage
from patrol_perception.findings import FindingBook
from patrol_perception.params import CameraParams
from patrol_perception.people import PersonDetector, head_boxes
from patrol_perception.photos import DEPTH_STEP_PX, Frame
from patrol_perception.privacy import black_zones, blur_all, blur_boxes
from patrol_perception.scene import Scene
from patrol_perception.tracks import Follow
from patrol_perception.view import Box, Image, View

_DEPTH_MAX_AGE_S = 0.15
_MAX_POINTS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A raw picture with where the robot was (None: not known) and the depth beside it."""

    raw: CompressedImage
    base: Pose2 | None
    info: CameraInfo | None
    depth: DepthImage | None


class BlurredCamera:
    """Hides people and privacy zones. When in doubt about what is in view, hides everything."""

    def __init__(
        self,
        params: CameraParams,
        mount: FloatArray,
        detector: PersonDetector,
    ) -> None:
        """`mount`: camera_optical_frame in base_link."""
        self._params = params
        self._mount = mount
        self.private_m: tuple[Points, ...] = ()
        """Polygons in `map` that no picture may show."""
        self._detector = detector

    def take(
        self, shot: Shot, scene: Scene | None, book: FindingBook
    ) -> tuple[CompressedImage | None, Frame | None]:
        """The blurred picture (None when the raw one cannot be read) and the frame for photos
        (None when the whole picture had to be blurred)."""
        image = _decoded(shot.raw)
        if image is None:
            return None, None
        view = self._view(shot, scene, image)
        if view is None or scene is None:
            blur_all(image)
            return self._encoded(image, shot.raw), None
        boxes = self._people(image, view, shot, scene, book)
        if boxes is None:
            blur_all(image)
            return self._encoded(image, shot.raw), None
        blur_boxes(image, boxes)
        black_zones(image, view, self.private_m, self._params.privacy_height_m)
        blurred = self._encoded(image, shot.raw)
        depth = _depth_of(shot)
        half = DEPTH_STEP_PX // 2
        part = None if depth is None else depth.depth_m[half::DEPTH_STEP_PX, half::DEPTH_STEP_PX]
        return blurred, Frame(
            blurred.data, view, tuple(boxes), None if part is None else part.copy()
        )

    def _view(self, shot: Shot, scene: Scene | None, image: Image) -> View | None:
        """None when it is not known what the camera sees: then nothing can be told apart."""
        if shot.base is None or shot.info is None or scene is None or scene.look is None:
            return None
        age = abs(shot.raw.stamp_s - scene.look.stamp_s)
        size_fits = image.shape[:2] == (shot.info.height_px, shot.info.width_px)
        if age > self._params.tracks_max_age_s or not size_fits:
            return None
        return View(shot.raw.stamp_s, shot.info, self._mount, shot.base)

    def _people(
        self, image: Image, view: View, shot: Shot, scene: Scene, book: FindingBook
    ) -> list[Box] | None:
        """People and everything that may be one: by lidar, by image, by depth at head height.

        None when the image detector failed: then the lidar alone is not trusted.
        """
        boxes = [
            self._column(follow, view)
            for follow in scene.follows()
            if scene.kind_of(follow) is not TrackKind.STANDING
        ]
        try:
            seen = self._detector.find(image)
        except cv2.error:
            return None
        boxes.extend(view.clip(*box) for box in seen)
        depth = _depth_of(shot)
        if depth is not None:
            large = [
                entry.outline
                for entry in book.entries
                if entry.finding.kind is FindingKind.OBSTRUCTION
            ]
            boxes.extend(head_boxes(depth, view, scene.background, large))
        return [box for box in boxes if box is not None]

    def _column(self, follow: Follow, view: View) -> Box | None:
        cluster = follow.cluster
        ahead_s = view.stamp_s - follow.predicted_s
        shift = (
            follow.x_m + follow.vx_mps * ahead_s - cluster.x_m,
            follow.y_m + follow.vy_mps * ahead_s - cluster.y_m,
        )
        step = max(1, len(cluster.points_m) // _MAX_POINTS)
        ground = np.concatenate((cluster.points_m[::step], cluster.points_m[::step] + shift))
        return view.column_box(ground, self._params.person_height_m, self._params.person_margin_m)

    def _encoded(self, image: Image, raw: CompressedImage) -> CompressedImage:
        quality = [cv2.IMWRITE_JPEG_QUALITY, self._params.jpeg_quality]
        _, data = cv2.imencode(".jpg", image, quality)
        return CompressedImage(raw.stamp_s, raw.frame_id, "jpeg", data.tobytes())


def _decoded(raw: CompressedImage) -> Image | None:
    if not raw.data:
        return None
    image = cv2.imdecode(np.frombuffer(raw.data, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)


def _depth_of(shot: Shot) -> DepthImage | None:
    depth = shot.depth
    near = depth is not None and abs(depth.stamp_s - shot.raw.stamp_s) <= _DEPTH_MAX_AGE_S
    return depth if near else None
