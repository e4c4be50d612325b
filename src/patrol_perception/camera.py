"""The camera pipeline: raw picture in, blurred picture out, a frame kept for photos."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from patrol_core.geometry import FloatArray, Points, Pose2
from patrol_core.topics import CAMERA_RAW
from patrol_core.types.perception import FindingKind, TrackKind
from patrol_core.types.sensors import CameraInfo, CompressedImage, DepthImage
from patrol_perception.findings import FindingBook
from patrol_perception.params import CameraParams
from patrol_perception.people import PersonDetector, head_boxes
from patrol_perception.photos import DEPTH_STEP_PX, Frame
from patrol_perception.privacy.blur import blur_all, blur_boxes
from patrol_perception.privacy.moving import MovingCamera
from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.privacy.standing import StandingCamera
from patrol_perception.privacy.zones import zone_mask
from patrol_perception.scene import Scene
from patrol_perception.tracks import Follow
from patrol_perception.view import Box, Image, View, clipped
from patrol_perception.walkers.sightings import note_sightings

_DEPTH_MAX_AGE_S = 0.15
_MAX_POINTS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A raw picture with where the robot was (None: not known) and the depth beside it.

    `still`: the camera has not moved since the picture before.
    """

    raw: CompressedImage
    base: Pose2 | None
    info: CameraInfo | None
    depth: DepthImage | None
    still: bool = False


class BlurredCamera:
    """Hides people and privacy zones. When in doubt about what is in view, hides everything."""

    problem = ""
    """Why there is no image detector although one is wanted."""

    def __init__(
        self,
        params: CameraParams,
        privacy: PrivacyParams,
        mount: FloatArray,
        detector: PersonDetector | None,
        rate_hz: float = CAMERA_RAW.rate_hz,
    ) -> None:
        """`mount`: camera_optical_frame in base_link."""
        self._params = params
        self._privacy = privacy
        self._rate_hz = rate_hz
        self._mount = mount
        self.private_m: tuple[Points, ...] = ()
        """Polygons in `map` that no picture may show."""
        self._detector = detector
        self._moving = MovingCamera(privacy)
        self._standing = StandingCamera(privacy, rate_hz)

    def take(
        self, shot: Shot, scene: Scene | None, book: FindingBook
    ) -> tuple[CompressedImage | None, Frame | None]:
        """The blurred picture (None when the raw one cannot be read) and the frame for photos
        (None when the whole picture had to be blurred)."""
        image = decoded(shot.raw)
        if image is None:
            return None, None
        if not shot.still:
            self._standing = StandingCamera(self._privacy, self._rate_hz)
        view = self._view(shot, scene, image)
        if view is None or scene is None:
            self._hide_unplaced(image, shot)
            return self._encoded(image, shot.raw), None
        boxes = self._people(image, view, shot, scene, book)
        if boxes is None:
            blur_all(image)
        else:
            blur_boxes(image, boxes)
        private = zone_mask(view, self.private_m, self._params.privacy_height_m) > 0
        image[private] = 0
        blurred = self._encoded(image, shot.raw)
        if boxes is None:
            return blurred, None
        depth, part = _depth_of(shot), None
        if depth is not None:
            half = np.s_[DEPTH_STEP_PX // 2 :: DEPTH_STEP_PX, DEPTH_STEP_PX // 2 :: DEPTH_STEP_PX]
            part = np.where(private[half], np.float32(np.nan), depth.depth_m[half])
        return blurred, Frame(blurred.data, view, tuple(boxes), part)

    def _hide_unplaced(self, image: Image, shot: Shot) -> None:
        """Hide people by the picture alone. Where there are privacy zones, all is black."""
        if self.private_m:
            image[:] = 0
            return
        boxes = self._standing.hide(image) if shot.still else None
        if boxes is None:
            blur_all(image)
        else:
            blur_boxes(image, [*boxes, *(self._detected(image) or [])])

    def _view(self, shot: Shot, scene: Scene | None, image: Image) -> View | None:
        """None when it is not known where the camera is, or what is round it."""
        if shot.base is None or shot.info is None or scene is None or scene.look is None:
            return None
        age = abs(shot.raw.stamp_s - scene.look.stamp_s)
        size_fits = image.shape[:2] == (shot.info.height_px, shot.info.width_px)
        lost = bool(self.private_m) and not scene.look.fits
        if age > self._params.tracks_max_age_s or not size_fits or lost:
            return None
        return View(shot.raw.stamp_s, shot.info, self._mount, shot.base)

    def _people(
        self, image: Image, view: View, shot: Shot, scene: Scene, book: FindingBook
    ) -> list[Box] | None:
        """People and everything that may be one: by lidar, by image, by depth at head height.

        Without an image detector, or when it fails, all that moves; None when that cannot be told.
        """
        boxes = [
            self._column(follow, view)
            for follow in scene.follows()
            if scene.kind_of(follow) is not TrackKind.STANDING
        ]
        depth = _depth_of(shot)
        seen = self._detected(image)
        if seen is None:
            seen = self._moving.hide(image, view, None if depth is None else depth.depth_m)
            stayed = self._standing.hide(image) if shot.still else None
            if seen is None:
                return None
            boxes.extend(stayed or [])
        else:
            note_sightings(view, seen, scene.follows())
        boxes.extend(seen)
        if depth is not None:
            large = [
                entry.outline
                for entry in book.entries
                if entry.finding.kind is FindingKind.OBSTRUCTION
            ]
            boxes.extend(head_boxes(depth, view, scene.background, large))
        return [box for box in boxes if box is not None]

    def _detected(self, image: Image) -> list[Box] | None:
        """People by the image detector; None without one, and when it fails, however it does."""
        self.problem = ""
        if self._detector is None:
            return None
        try:
            found = self._detector.find(image)
        except Exception as error:  # noqa: BLE001 - whatever it is, people stay hidden
            self.problem = f"{type(error).__name__}: {error}"
            return None
        height, width = image.shape[:2]
        boxes = [clipped(*box, width, height) for box in found]
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


def decoded(raw: CompressedImage) -> Image | None:
    """A picture (H, W, 3) BGR; None where it cannot be read."""
    if not raw.data:
        return None
    image = cv2.imdecode(np.frombuffer(raw.data, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)


def _depth_of(shot: Shot) -> DepthImage | None:
    depth = shot.depth
    near = depth is not None and abs(depth.stamp_s - shot.raw.stamp_s) <= _DEPTH_MAX_AGE_S
    return depth if near else None
