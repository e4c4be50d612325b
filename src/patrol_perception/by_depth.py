"""What depth pictures tell: what is in the way, low things, somebody who lies."""

from __future__ import annotations

from patrol_core import topics
from patrol_core.component import Inputs
from patrol_core.robot import RobotModel
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.perception import DepthObstacles
from patrol_core.types.sensors import LaserScan
from patrol_perception.background import Background
from patrol_perception.behaviour.seeing import unexplained_points
from patrol_perception.behaviour.watch import BehaviourWatch
from patrol_perception.depth_obstacles import ObstacleMemory
from patrol_perception.findings import FindingBook
from patrol_perception.low_things import LowThings
from patrol_perception.params import PerceptionParams
from patrol_perception.surroundings import Surroundings, depth_of

_LOOK_AGE_S = 0.3


class ByDepth:
    """Looks where the lidar's plane does not."""

    def __init__(
        self,
        robot: RobotModel,
        params: PerceptionParams,
        around: Surroundings,
        behaviour: BehaviourWatch,
        book: FindingBook,
    ) -> None:
        self._robot = robot
        self._params = params
        self._around = around
        self._behaviour = behaviour
        self._book = book
        self._obstacles = ObstacleMemory(robot, params.depth)
        self._low: LowThings | None = None

    def begin(self, grid: OccupancyGrid) -> None:
        """On a new map low things are found anew."""
        self._low = LowThings(grid, self._robot, self._params.low)

    def step(self, inputs: Inputs, now_s: float) -> DepthObstacles | None:
        """What is in the robot's way; None while it cannot be placed. Claims go into the book."""
        obstacles = self._obstructing(inputs, now_s)
        self._look_low(inputs, now_s)
        self._look_for_bodies(inputs, now_s)
        return obstacles

    def _obstructing(self, inputs: Inputs, now_s: float) -> DepthObstacles | None:
        seen = depth_of(inputs)
        scan: LaserScan | None = inputs.fresh(topics.SCAN, now_s)
        if seen is None or scan is None:
            return None
        depth, info = seen
        around = self._around
        base, then = around.by_odometry(depth.stamp_s), around.by_odometry(scan.stamp_s)
        if base is None or then is None:
            return None
        lidar_m = then.compose(around.lidar).transform_points(scan.points_m())
        movers_m = around.movers_in_odom_m(base, depth.stamp_s)
        points_m = self._obstacles.step(depth, info, base, lidar_m, movers_m)
        return DepthObstacles(depth.stamp_s, points_m)

    def _look_low(self, inputs: Inputs, now_s: float) -> None:
        """Findings of low things, while the pose can be trusted."""
        seen, around = depth_of(inputs), self._around
        scene, look = around.scene, around.look
        if seen is None or scene is None or look is None or self._low is None:
            return
        if not isinstance(scene.background, Background):
            return
        depth, info = seen
        base = around.by_scan(depth.stamp_s)
        fresh = abs(depth.stamp_s - look.stamp_s) <= _LOOK_AGE_S
        if base is None or not fresh or not around.is_placed():
            return
        people_m = around.movers_m()
        for claim in self._low.step(depth, info, base, scene.background, people_m, look):
            self._book.claim(claim, now_s)

    def _look_for_bodies(self, inputs: Inputs, now_s: float) -> None:
        """What depth shows where somebody may lie."""
        seen, around = depth_of(inputs), self._around
        if seen is None or around.scene is None or not self._behaviour.wants_depth(now_s):
            return
        depth, info = seen
        base = around.by_scan(depth.stamp_s)
        if base is None:
            return
        points = unexplained_points(depth, info, around.mount, base, around.scene.background)
        eye = base.transform_points(around.mount[None, :2, 3])[0]
        self._behaviour.see_depth(
            points, (float(eye[0]), float(eye[1])), depth.stamp_s, self._params.depth.low_m
        )
