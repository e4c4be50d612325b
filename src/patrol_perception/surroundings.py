"""Where the robot is, what is around it, and which picture shows what: what all parts share."""

from __future__ import annotations

import numpy as np

from patrol_core import topics
from patrol_core.component import Inputs
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import RobotModel
from patrol_core.transforms import TransformBuffer
from patrol_core.types.perception import TrackKind
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_core.types.status import LocalizationLevel
from patrol_perception.look import Look
from patrol_perception.scene import Scene
from patrol_perception.view import camera_mount

_EXTRAPOLATE_S = 0.3
_DEFAULT_STD_M = 0.1
_MOVERS = (TrackKind.PERSON, TrackKind.MOVING)


class Surroundings:
    """The poses of the robot and the scene on its map.

    `trusted`: the newest scan was taken while the localisation was good; `std_m`: the standard
    deviation of the pose then [m]. `mount`: camera_optical_frame in base_link.
    """

    def __init__(self, robot: RobotModel) -> None:
        self.lidar = robot.lidar.transform().pose2()
        self.mount = camera_mount(robot.camera)
        self.scene: Scene | None = None
        self.trusted = False
        self.std_m = _DEFAULT_STD_M
        self._frames = TransformBuffer(extrapolate_s=_EXTRAPOLATE_S)

    def update(self, inputs: Inputs) -> None:
        """Take in the transforms."""
        self._frames.update(inputs.events(topics.TF))

    def localized(self, stamp_s: float, inputs: Inputs, now_s: float) -> Pose2 | None:
        """base_link in map by the localisation; None while that is lost. Sets `trusted`."""
        status = inputs.fresh(topics.LOCALIZATION_STATUS, now_s)
        base = self._frames.try_pose("map", "base_link", stamp_s)
        if base is None or (status is not None and status.level is LocalizationLevel.LOST):
            return None
        self.trusted = status is not None and status.level is LocalizationLevel.GOOD
        self.std_m = _DEFAULT_STD_M if status is None else status.position_std_m
        return base

    def by_odometry(self, stamp_s: float) -> Pose2 | None:
        """base_link in odom."""
        return self._frames.try_pose("odom", "base_link", stamp_s)

    def by_scan(self, stamp_s: float) -> Pose2 | None:
        """base_link in map: where the newest scan was laid onto the map, moved on by odometry."""
        look = self.look
        if look is None:
            return None
        then, now = self.by_odometry(look.stamp_s), self.by_odometry(stamp_s)
        if then is None or now is None:
            return None
        return look.sensor.compose(self.lidar.inverse()).compose(now.relative_to(then))

    @property
    def look(self) -> Look | None:
        """The newest scan on the map."""
        return None if self.scene is None else self.scene.look

    def is_placed(self) -> bool:
        """Whether the newest scan was laid onto the map without much pulling, and is trusted."""
        look = self.look
        return self.trusted and look is not None and look.fits

    def movers_m(self) -> FloatArray:
        """Where people and other movers are (N, 2), in map."""
        scene = self.scene
        if scene is None:
            return np.zeros((0, 2))
        places = [(f.x_m, f.y_m) for f in scene.follows() if scene.kind_of(f) in _MOVERS]
        return np.array(places).reshape(-1, 2)

    def movers_in_odom_m(self, base: Pose2, stamp_s: float) -> FloatArray:
        """The same (N, 2) in odom, in which base_link stands at `base`."""
        on_map, movers_m = self._frames.try_pose("map", "base_link", stamp_s), self.movers_m()
        if on_map is None or not len(movers_m):
            return np.zeros((0, 2))
        return base.transform_points(on_map.inverse().transform_points(movers_m))


def depth_of(inputs: Inputs) -> tuple[DepthImage, CameraInfo] | None:
    """The newest depth picture with its camera model; None while they do not belong together."""
    depth, info = inputs.latest(topics.CAMERA_DEPTH), inputs.latest(topics.CAMERA_INFO)
    if depth is None or info is None:
        return None
    return (depth, info) if depth.depth_m.shape == (info.height_px, info.width_px) else None
