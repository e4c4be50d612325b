"""The marker of a dock in a picture: where it is, seen from the robot.

Garrido-Jurado et al., "Automatic generation and detection of highly reliable fiducial markers",
2014, as in OpenCV; the pose of a square by Collins and Bartoli, "Infinitesimal plane-based pose
estimation", 2014.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.model import DockMarker
from patrol_core.types.sensors import CameraInfo, CompressedImage

DICTIONARY = cv2.aruco.DICT_4X4_50
SMALLEST_EDGE_PX = 12.0
"""Below, corners are too coarse to say anything of the dock."""
MAX_HEIGHT_ERROR_M = 0.15
"""A marker seen farther from the height that the site gives is another one."""


class MarkerFinder:
    """Finds one marker of the dictionary 4x4_50."""

    def __init__(self, mount: FloatArray) -> None:
        """`mount`: camera_optical_frame in base_link, a 4x4 matrix."""
        self._mount = mount
        parameters = cv2.aruco.DetectorParameters()
        parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        parameters.cornerRefinementWinSize = 4
        self._detector = cv2.aruco.ArucoDetector(
            cv2.aruco.getPredefinedDictionary(DICTIONARY), parameters
        )

    def find(self, raw: CompressedImage, info: CameraInfo, marker: DockMarker) -> Pose2 | None:
        """The middle of the marker in base_link; its x axis points into the dock.

        None where it is not seen, too small, cut by the edge of the picture, or at a wrong height.
        """
        image = _grey(raw)
        if image is None or image.shape != (info.height_px, info.width_px):
            return None
        corners, ids, _ = self._detector.detectMarkers(image)
        numbers = [] if len(corners) == 0 else ids.ravel().tolist()
        found = [
            ring[0]
            for ring, number in zip(corners, numbers, strict=True)
            if number == marker.marker_id
        ]
        if len(found) != 1:
            return None
        edges = np.linalg.norm(found[0] - np.roll(found[0], 1, axis=0), axis=1)
        if float(edges.min()) < SMALLEST_EDGE_PX:
            return None
        return self._pose(found[0], info, marker)

    def _pose(
        self, corners_px: npt.NDArray[np.float32], info: CameraInfo, marker: DockMarker
    ) -> Pose2 | None:
        """From the corners (4, 2), clockwise from the marker's upper left one."""
        half = marker.edge_m / 2.0
        square = np.array(
            [[-half, half, 0.0], [half, half, 0.0], [half, -half, 0.0], [-half, -half, 0.0]]
        )
        camera = np.array(
            [[info.fx_px, 0.0, info.cx_px], [0.0, info.fy_px, info.cy_px], [0.0, 0.0, 1.0]]
        )
        count, turns, places, _ = cv2.solvePnPGeneric(
            square, corners_px.astype(np.float64), camera, None, flags=cv2.SOLVEPNP_IPPE_SQUARE
        )
        upright = [
            self._upright(np.asarray(turn, float), np.asarray(place, float), marker.height_m)
            for turn, place in zip(turns[:count], places[:count], strict=True)
        ]
        # Of the two squares that look alike, the one that stands upright; the better one first.
        return next((pose for pose in upright if pose is not None), None)

    def _upright(self, turn: FloatArray, place: FloatArray, height_m: float) -> Pose2 | None:
        """A square's pose in base_link if it stands upright at the height where it should."""
        rotation = self._mount[:3, :3] @ cv2.Rodrigues(turn)[0]
        middle = self._mount[:3, :3] @ place.ravel() + self._mount[:3, 3]
        into = -rotation[:, 2]
        if abs(float(into[2])) > math.sin(math.radians(25.0)):
            return None
        if abs(float(middle[2]) - height_m) > MAX_HEIGHT_ERROR_M:
            return None
        yaw = math.atan2(float(into[1]), float(into[0]))
        return Pose2(float(middle[0]), float(middle[1]), yaw)


def _grey(raw: CompressedImage) -> npt.NDArray[np.uint8] | None:
    if not raw.data:
        return None
    image = cv2.imdecode(np.frombuffer(raw.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if image is None else np.asarray(image, np.uint8)
