"""What is never recorded: a decision for every row, and nothing that lies in a privacy zone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.flight_rig import INCIDENT, Rig

from patrol_core.geometry import Pose2
from patrol_core.site.model import Zone, ZoneKind
from patrol_core.topics import (
    CAMERA_BLURRED,
    DEPTH_OBSTACLES,
    DIALOGUE,
    FINDINGS,
    GLOBAL_COSTMAP,
    LOCAL_COSTMAP,
    OPERATOR_LINES,
    TOPICS,
    UNBLURRED,
    Topic,
)
from patrol_core.types.maps import UNKNOWN, OccupancyGrid
from patrol_core.types.perception import DepthObstacles
from patrol_core.types.sensors import CompressedImage
from patrol_records.flight.component import FlightRecorder
from patrol_records.flight.rows import BY_NAME, KEPT, Tells

GARDEN = Zone("garden", ZoneKind.PRIVACY, ((1.0, -1.0), (9.0, -1.0), (9.0, 1.0), (1.0, 1.0)))
NOT_KEPT = {
    "thermal/image_raw", "camera/image_raw/compressed", "camera/depth/image_raw", "dialogue",
    "operator_lines", "findings", "check_results", "candidates", "incident_verdicts",
    "incident_acts", "operator_acts", "logged_acts", "stored_events", "patrol_command", "alarms",
    "operator_link", "initialpose", "goal_pose", "particle_cloud", "detected_dock_pose",
    "keepout_filter_mask", "keepout_costmap_filter_info", "speed_filter_mask",
    "speed_costmap_filter_info", "trajectories", "site_markers", "markers", "robot_description",
}  # fmt: skip
"""Pictures as they are; people's words, names and wishes; acknowledgements; what is not needed.
(Each recording has the description in its head.)"""


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_row_of_the_table_is_kept_or_left_out_on_purpose(topic: Topic[Any]) -> None:
    assert (topic.name in BY_NAME) != (topic.name in NOT_KEPT)


def test_what_must_never_be_recorded_is_not_even_heard() -> None:
    taken = {row.topic.name for row in KEPT} | {topic.name for topic in FlightRecorder.hears}
    for topic in (*UNBLURRED, DIALOGUE, OPERATOR_LINES, FINDINGS):
        assert topic.name not in taken
    read = {topic.name for topic in FlightRecorder.reads}
    assert not read & {topic.name for topic in (*UNBLURRED, DIALOGUE, OPERATOR_LINES)}


def recorded(folder: Path, pose: Pose2 | None, zones: tuple[Zone, ...]) -> dict[str, list[Any]]:
    rig = Rig(folder, zones=zones)
    rig.pose = pose
    rig.run(1.0)
    rig.hear(CAMERA_BLURRED, CompressedImage(rig.now_s, "camera_optical_frame", "jpeg", b"x"))
    grid = OccupancyGrid(1.0, 0.5, -4.0, -4.0, np.full((20, 12), 50, np.int8))
    rig.hear(LOCAL_COSTMAP, grid)
    rig.hear(GLOBAL_COSTMAP, grid)
    rig.hear(DEPTH_OBSTACLES, DepthObstacles(1.0, np.array([[2.0, 0.0], [-2.0, 0.0]])))
    rig.run(3.0, [INCIDENT])
    rig.recorder.close()
    return {row: [value for _, value in said] for row, said in rig.messages().items()}


def test_in_a_privacy_zone_nothing_tells_of_places(tmp_path: Path) -> None:
    said = recorded(tmp_path, Pose2(5.0, 0.0), (GARDEN,))
    assert set(said) == {
        "tf_static", "map", "gate_status", "incidents", "global_costmap/costmap"
    }  # fmt: skip
    (grid,) = said["global_costmap/costmap"]
    assert (grid.cells == UNKNOWN).sum() == 4 * 2


def test_who_is_lost_keeps_nothing_that_would_have_to_be_placed(tmp_path: Path) -> None:
    said = recorded(tmp_path, None, (GARDEN,))
    told = {row for row in said if BY_NAME[row].tells is not Tells.NOTHING}
    assert told == {"map", "global_costmap/costmap"}


def test_from_outside_what_lies_in_the_zone_is_taken_out(tmp_path: Path) -> None:
    said = recorded(tmp_path, Pose2(0.0, 0.0), (GARDEN,))
    ahead, left, behind, right = said["scan"][-1].ranges_m
    assert np.isnan(ahead) and (left, behind, right) == (2.0, 2.0, 2.0)
    (grid,) = said["local_costmap/costmap"]
    x, y = grid.centers_of(np.argwhere(grid.cells == UNKNOWN)).T
    assert (x > 1.0).all() and (abs(y) < 1.0).all()
    assert len(x) == 4 * 2
    (low,) = said["depth_obstacles"]
    assert low.points_m.tolist() == [[-2.0, 0.0]]
    assert len(said["camera/image_blurred/compressed"]) == 1


def test_where_there_are_no_zones_all_is_kept_as_it_came(tmp_path: Path) -> None:
    said = recorded(tmp_path, None, ())
    assert len(said["scan"]) == 8 and not np.isnan(said["scan"][-1].ranges_m).any()
    (grid,) = said["local_costmap/costmap"]
    assert (grid.cells == 50).all()
