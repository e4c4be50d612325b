"""The newest rows of a robot as values for JSON. None: the robot has said nothing fresh of it.

Metres to the centimetre, radians to the milliradian: what a map on a screen can show.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from patrol_console.station import Seen
from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    GATE_STATUS,
    LOCAL_COSTMAP,
    LOCALIZATION_STATUS,
    ODOM,
    OPTIMAL_TRAJECTORY,
    PATROL_STATUS,
    PLAN,
    SCAN,
    TRACKS,
    Topic,
)
from patrol_core.types.motion import Path
from patrol_core.types.status import Health, HealthLevel

Document = dict[str, Any]
MAX_POINTS = 400
"""Points of a plan or scan at most: more is thinned, evenly."""
PLAN_IS_OLD_S, TRAJECTORY_IS_OLD_S, COSTMAP_IS_OLD_S = 3.0, 1.0, 3.0
COSTS = (1, 60, 99)
"""From where on a cell costs something, much, and is not to be entered."""
MAX_RUNS = 5000
_DEAD_S = 5.0


def metres(value: float) -> float | None:
    """To the centimetre; None where it is not a number, which JSON has none for."""
    return round(value, 2) if math.isfinite(value) else None


def pose_list(pose: Pose2) -> list[float | None]:
    return [metres(pose.x_m), metres(pose.y_m), _thousandth(pose.yaw_rad)]


def pose(robot: Seen) -> list[float | None] | None:
    estimate = robot.fresh(AMCL_POSE)
    return None if estimate is None else pose_list(estimate.pose)


def speed(robot: Seen) -> list[float | None] | None:
    """Forward [m/s] and to the left [rad/s], as the wheels tell."""
    odometry = robot.fresh(ODOM)
    if odometry is None:
        return None
    return [metres(odometry.linear_mps), metres(odometry.angular_radps)]


def battery(robot: Seen) -> Document | None:
    state = robot.fresh(BATTERY_STATE)
    if state is None:
        return None
    return {"fraction": _thousandth(state.charge_fraction), "charging": state.charging}


def localization(robot: Seen) -> Document | None:
    status = robot.fresh(LOCALIZATION_STATUS)
    if status is None:
        return None
    return {"level": status.level.value, "reason": status.reason}


def gate(robot: Seen) -> Document | None:
    status = robot.fresh(GATE_STATUS)
    if status is None:
        return None
    return {
        "state": status.state.value,
        "authority": status.authority.value,
        "reasons": list(status.reasons),
        "limit_mps": metres(status.speed_limit_mps),
        "clearance_m": metres(status.clearance_m),
        "passed": [metres(status.passed_linear_mps), metres(status.passed_angular_radps)],
    }


def tracks(robot: Seen) -> list[Document] | None:
    """People and things as tracks. Ids are random and new in every session of the robot."""
    newest = robot.fresh(TRACKS)
    if newest is None:
        return None
    return [
        {
            "id": track.track_id,
            "kind": track.kind.value,
            "x": metres(track.x_m),
            "y": metres(track.y_m),
            "vx": metres(track.vx_mps),
            "vy": metres(track.vy_mps),
            "l": metres(track.length_m),
            "w": metres(track.width_m),
        }
        for track in newest.tracks
    ]


def plan(robot: Seen) -> list[list[float]]:
    """The way that is being followed; empty when nothing is."""
    newest = robot.newest(PLAN)
    is_followed = _is_recent(robot, OPTIMAL_TRAJECTORY, TRAJECTORY_IS_OLD_S) or _is_recent(
        robot, PLAN, PLAN_IS_OLD_S
    )
    return [] if newest is None or not is_followed else _line(newest.value)


def trajectory(robot: Seen) -> list[list[float]]:
    """Where the controller means to be in the next seconds."""
    sample = robot.newest(OPTIMAL_TRAJECTORY)
    if sample is None or not _is_recent(robot, OPTIMAL_TRAJECTORY, TRAJECTORY_IS_OLD_S):
        return []
    return _line(sample.value)


def scan(robot: Seen) -> list[list[int]] | None:
    """The newest scan in `map`, in decimetres, where the pose is known."""
    newest, estimate = robot.fresh(SCAN), robot.fresh(AMCL_POSE)
    if newest is None or estimate is None:
        return None
    points = newest.points_m()
    points = points[:: max(1, math.ceil(len(points) / MAX_POINTS))]
    lidar = robot.model.lidar.transform().pose2()
    in_map = estimate.pose.compose(lidar).transform_points(points)
    if not np.isfinite(in_map).all():
        return None
    return [[int(x), int(y)] for x, y in np.round(in_map * 10.0)]


def costmap(robot: Seen) -> Document | None:
    """What is near the robot costs the planner, from 0 to 3 (`COSTS`), in runs of equal cells.

    `runs`: level and length, again and again, along rows from the south-west corner `at`; a cell
    is `cell_m` wide. None where nothing is said, or nothing that can be shown.
    """
    newest = robot.newest(LOCAL_COSTMAP)
    if newest is None or not _is_recent(robot, LOCAL_COSTMAP, COSTMAP_IS_OLD_S):
        return None
    grid = newest.value
    levels = np.digitize(grid.cells.ravel(), COSTS)
    starts = np.flatnonzero(np.diff(levels, prepend=-1))
    lengths = np.diff(starts, append=levels.size)
    if len(starts) > MAX_RUNS:
        return None
    return {
        "at": [metres(grid.origin_x_m), metres(grid.origin_y_m)],
        "cell_m": grid.resolution_m,
        "columns": grid.cells.shape[1],
        "rows": grid.cells.shape[0],
        "runs": np.stack((levels[starts], lengths), axis=1).ravel().tolist(),
    }


def health(entries: Mapping[str, tuple[Health, float]], now_s: float) -> list[Document]:
    """Every process and driver that has ever said how it is: the newest word, and its age [s]."""
    told = []
    for name, (entry, heard_s) in sorted(entries.items()):
        age_s = max(now_s - heard_s, 0.0)
        level = HealthLevel.STALE if age_s > _DEAD_S else entry.level
        words = f"silent for {age_s:.0f} s" if age_s > _DEAD_S else entry.message
        told.append({"name": name, "level": level.name.lower(), "message": words,
                     "values": [list(pair) for pair in entry.values]})  # fmt: skip
    return told


def patrol(robot: Seen) -> Document | None:
    """The patrol at a glance, and the stops of its route as a time line."""
    status = robot.fresh(PATROL_STATUS)
    if status is None:
        return None
    return {
        "id": status.patrol_id,
        "state": status.state.value,
        "route": status.route_id,
        "lap": status.lap,
        "laps": status.laps,
        "next": status.next_checkpoint,
        "fraction": _thousandth(status.fraction_done),
        "words": status.message,
    }


def _is_recent(robot: Seen, topic: Topic[Any], within_s: float) -> bool:
    sample = robot.newest(topic)
    return sample is not None and robot.now_s() - sample.received_s < within_s


def _line(path: Path) -> list[list[float]]:
    points = path.poses[:, :2]
    points = points[:: max(1, math.ceil(len(points) / MAX_POINTS))]
    return [[x, y] for x, y in np.round(points, 2).tolist() if math.isfinite(x + y)]


def _thousandth(value: float) -> float | None:
    return round(value, 3) if math.isfinite(value) else None
