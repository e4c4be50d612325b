"""The nav process: map server, localisation, planner and controller.

Started again within a run it believes to be near where it was, not on the dock.
"""

from __future__ import annotations

from dataclasses import replace

from patrol_core.processes import NAV
from patrol_core.topics import AMCL_POSE, INITIALPOSE
from patrol_core.types.motion import PoseEstimate
from patrol_host_ros import host
from patrol_host_ros.memory import Memory
from patrol_nav_ros.nav2_names import answer_to_nav2_names

ROLLED_ON_STD_M = 0.4
ROLLED_ON_STD_RAD = 0.15


def rolled_on(last: PoseEstimate) -> PoseEstimate:
    """How far the last pose can be trusted after the robot has come to rest somewhere near."""
    x, xy, xyaw, yx, y, yyaw, yawx, yawy, yaw = last.covariance
    position, heading = ROLLED_ON_STD_M**2, ROLLED_ON_STD_RAD**2
    covariance = (x + position, xy, xyaw, yx, y + position, yyaw, yawx, yawy, yaw + heading)
    return replace(last, covariance=covariance)


def main() -> None:
    """Run until told to stop."""
    host.main(NAV, Memory(AMCL_POSE, INITIALPOSE, rolled_on), _answer_as_nav2)


def _answer_as_nav2(node: host.ProcessHost) -> None:
    """Unless Nav2 itself is there."""
    if not node.by_nav2:
        answer_to_nav2_names(node)


if __name__ == "__main__":
    main()
