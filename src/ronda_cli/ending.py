"""How a program ends that may have been in the ROS graph."""

from __future__ import annotations

import sys
from typing import NoReturn


def end(status: int) -> NoReturn:
    """Exit with `status`; at once where ROS was used, for its clean-up can wait for ever."""
    if "rclpy" in sys.modules:
        from patrol_host_ros.spinning import leave

        leave(status)
    sys.exit(status)
