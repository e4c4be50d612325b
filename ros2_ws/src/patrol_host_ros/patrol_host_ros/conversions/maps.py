"""Grids."""

from __future__ import annotations

import array
from typing import Any

import numpy as np
from nav_msgs import msg

from patrol_core.types.maps import MaskInfo, MaskKind, OccupancyGrid
from patrol_host_ros.conversions import interface_type
from patrol_host_ros.conversions.common import (
    MAP_FRAME,
    ConversionError,
    check_frame,
    header_to_ros,
    pose_from_ros,
    stamp_from_ros,
)


def grid_from_ros(message: Any) -> OccupancyGrid:
    check_frame(message.header)
    info = message.info
    origin = pose_from_ros(info.origin)
    if abs(origin.yaw_rad) > 1e-6:
        raise ConversionError(f"a grid turned by {origin.yaw_rad:.3f} rad", expected="no turn")
    cells = np.frombuffer(message.data, np.int8).reshape(info.height, info.width)
    stamp_s = stamp_from_ros(message.header.stamp)
    return OccupancyGrid(stamp_s, info.resolution, origin.x_m, origin.y_m, cells)


def grid_to_ros(grid: OccupancyGrid) -> msg.OccupancyGrid:
    message = msg.OccupancyGrid(
        header=header_to_ros(grid.stamp_s, MAP_FRAME),
        data=array.array("b", grid.cells.astype(np.int8, copy=False).tobytes()),
    )
    message.info.map_load_time = message.header.stamp
    message.info.resolution = grid.resolution_m
    message.info.height, message.info.width = grid.cells.shape
    message.info.origin.position.x = grid.origin_x_m
    message.info.origin.position.y = grid.origin_y_m
    return message


def mask_info_from_ros(message: Any) -> MaskInfo:
    return MaskInfo(
        stamp_from_ros(message.header.stamp),
        MaskKind(message.type),
        message.filter_mask_topic.removeprefix("/"),
        message.base,
        message.multiplier,
    )


def mask_info_to_ros(info: MaskInfo) -> Any:
    """The mask's topic becomes absolute: Jazzy's filters seek it below their costmap's name."""
    return interface_type("nav2_msgs/msg/CostmapFilterInfo")(
        header=header_to_ros(info.stamp_s, MAP_FRAME),
        type=info.kind.value,
        filter_mask_topic=f"/{info.mask_topic}",
        base=info.base,
        multiplier=info.multiplier,
    )


CONVERSIONS = {
    (OccupancyGrid, "nav_msgs/msg/OccupancyGrid"): (grid_from_ros, grid_to_ros),
    (MaskInfo, "nav2_msgs/msg/CostmapFilterInfo"): (mask_info_from_ros, mask_info_to_ros),
}
