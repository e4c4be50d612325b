from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.console_robot import LinkedRobot

from patrol_console.live.documents import COSTMAP_IS_OLD_S
from patrol_console.live.feed import ON_DEMAND, Feed
from patrol_console.live.site_document import map_document, map_picture, site_document
from patrol_console.live.viewing import Viewer
from patrol_core.geometry import Pose2
from patrol_core.topics import (
    AMCL_POSE,
    DIAGNOSTICS,
    LOCAL_COSTMAP,
    OPTIMAL_TRAJECTORY,
    PATROL_EVENTS,
    PATROL_STATUS,
    PLAN,
    SCAN,
    TRACKS,
)
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.mission import PatrolEvent, PatrolState, PatrolStatus
from patrol_core.types.motion import Path as Way
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import Track, TrackKind, Tracks
from patrol_core.types.sensors import LaserScan
from patrol_core.types.status import Health, HealthLevel
from patrol_core.web.asking import RefusalError

ALL = frozenset(ON_DEMAND)


class Rig:
    def __init__(self, folder: Path) -> None:
        self.robot = LinkedRobot(folder)
        self.robot.serve()
        self.feed = Feed(self.robot.link, {"viewers": lambda: 3})

    def now(self) -> dict[str, Any]:
        self.feed.refresh(ALL)
        text = self.feed.changed_since(0, ALL)
        assert text is not None
        made: dict[str, Any] = json.loads(text)
        return made


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_what_nobody_has_said_is_null(rig: Rig) -> None:
    told = rig.now()
    assert told["pose"] is None and told["gate"] is None and told["patrol"] is None
    assert told["viewers"] == 3


def test_what_is_old_is_null_again(rig: Rig) -> None:
    rig.robot.hear(AMCL_POSE, PoseEstimate(0.0, Pose2(1.234, 2.0, 0.5)))
    rig.robot.tick()
    assert rig.now()["pose"] == [1.23, 2.0, 0.5]
    rig.robot.tick(AMCL_POSE.stale_s + 0.1)
    assert rig.now()["pose"] is None


def test_only_what_has_changed_is_told(rig: Rig) -> None:
    rig.robot.hear(AMCL_POSE, PoseEstimate(0.0, Pose2(1.0, 2.0, 0.0)))
    rig.robot.tick()
    rig.now()
    version = rig.feed.version
    rig.feed.refresh(ALL)
    assert rig.feed.changed_since(version, ALL) is None
    rig.robot.tick()
    rig.feed.refresh(ALL)
    text = rig.feed.changed_since(version, ALL)
    assert text is not None and set(json.loads(text)) == {"now"}


def test_a_scan_is_laid_onto_the_map(rig: Rig) -> None:
    """A return 2 m ahead of a lidar on a robot that stands at (10, 5) and faces north."""
    lidar = rig.robot.link.model.lidar
    ranges = np.array([2.0, math.inf, math.nan], np.float32)
    rig.robot.hear(SCAN, LaserScan(0.0, "lidar_link", 0.0, 0.1, 0.1, 30.0, ranges))
    rig.robot.hear(AMCL_POSE, PoseEstimate(0.0, Pose2(10.0, 5.0, math.pi / 2.0)))
    rig.robot.tick()
    [[x_dm, y_dm]] = rig.now()["scan"]
    assert x_dm == pytest.approx(100.0 - 10.0 * lidar.xyz_m[1], abs=0.6)
    assert y_dm == pytest.approx(10.0 * (5.0 + lidar.xyz_m[0] + 2.0), abs=0.6)


def test_numbers_that_are_none_do_not_break_a_page(rig: Rig) -> None:
    track = Track("a", TrackKind.PERSON, math.nan, 1.0, 0.0, math.inf, 0.5, 0.5, 1.0, 0.0, 0.0)
    rig.robot.hear(TRACKS, Tracks(0.0, (track,)))
    rig.robot.tick()
    [told] = rig.now()["tracks"]
    assert told["x"] is None and told["vy"] is None and told["y"] == 1.0


def test_a_silent_process_is_told_as_such(rig: Rig) -> None:
    rig.robot.hear(DIAGNOSTICS, Health(0.0, "nav", HealthLevel.OK, "well", (("load", "0.2"),)))
    rig.robot.tick()
    [entry] = rig.now()["health"]
    assert (entry["level"], entry["message"], entry["values"]) == ("ok", "well", [["load", "0.2"]])
    rig.robot.tick(6.0)
    [entry] = rig.now()["health"]
    assert (entry["level"], entry["message"]) == ("stale", "silent for 6 s")


def test_the_stops_of_a_route_are_a_time_line(rig: Rig) -> None:
    route = rig.robot.link.site.routes[0]
    first, second, third = route.checkpoint_ids[:3]
    for kind, subject in (
        ("lap_started", "1"), ("checkpoint_reached", first), ("checkpoint_skipped", second)
    ):  # fmt: skip
        event = PatrolEvent(4.0, "p", kind, subject, "", Pose2(0.0, 0.0, 0.0))
        rig.robot.hear(PATROL_EVENTS, event)
    rig.robot.hear(PATROL_STATUS, PatrolStatus(
        0.0, "p", PatrolState.PATROLLING, route.route_id, 1, 1, third, 0.2, "on the way"
    ))  # fmt: skip
    rig.robot.tick()
    stops = rig.now()["patrol"]["timeline"]
    assert [stop["state"] for stop in stops[:4]] == ["done", "skipped", "now", "ahead"]


def test_a_page_asks_for_more_and_says_what_it_has_drawn() -> None:
    viewer = Viewer()
    viewer.take('{"want": ["scan"]}')
    assert "scan" in viewer.keys and "tracks" not in viewer.keys
    viewer.sent = 2
    viewer.take('{"ack": 2}')
    assert viewer.acknowledged == 2


@pytest.mark.parametrize(
    "text", ["", "[]", "7", '{"want": "scan"}', '{"want": ["gate"]}', '{"want": [[1]]}',
             '{"ack": 1}', '{"ack": "0"}', '{"ack": -1}', "\x00", "{" * 1000]
)  # fmt: skip
def test_any_other_message_is_refused(text: str) -> None:
    with pytest.raises(RefusalError):
        Viewer().take(text)


def test_a_map_is_a_picture_whose_free_ground_is_clear() -> None:
    import cv2

    cells = np.array([[0, 100], [-1, 0], [0, 0]], np.int8)
    grid = OccupancyGrid(0.0, 0.5, -1.0, 2.0, cells)
    picture = cv2.imdecode(np.frombuffer(map_picture(grid), np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture[::-1, :, 3].tolist() == [[0, 255], [0, 0], [0, 0]]
    assert map_document(grid)["origin"] == [-1.0, 2.0]


def test_the_site_is_told_whole(tmp_path: Path) -> None:
    robot = LinkedRobot(tmp_path).link
    told = json.loads(json.dumps(site_document(robot.site, robot.model), allow_nan=False))
    assert len(told["zones"]) == len(robot.site.zones) > 0
    assert told["routes"][0]["checkpoints"] == list(robot.site.routes[0].checkpoint_ids)


def test_what_nobody_has_asked_for_meanwhile_is_not_told_from_before(rig: Rig) -> None:
    rig.robot.hear(TRACKS, Tracks(0.0, ()))
    rig.robot.tick()
    assert rig.now()["tracks"] == []
    rig.feed.refresh(frozenset())
    text = rig.feed.changed_since(0, ALL)
    assert text is not None and "tracks" not in json.loads(text)


def test_a_plan_is_shown_while_it_is_followed(rig: Rig) -> None:
    path = Way(0.0, np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]))
    rig.robot.hear(PLAN, path)
    rig.robot.hear(OPTIMAL_TRAJECTORY, path)
    rig.robot.tick()
    assert rig.now()["plan"] == rig.now()["trajectory"] == [[0.0, 0.0], [1.0, 0.0]]
    rig.robot.tick(4.0)
    assert rig.now()["plan"] == rig.now()["trajectory"] == []
    rig.robot.hear(OPTIMAL_TRAJECTORY, path)
    rig.robot.tick()
    assert rig.now()["plan"] == [[0.0, 0.0], [1.0, 0.0]]


def test_what_is_in_the_way_is_told_in_runs_of_equal_cost(rig: Rig) -> None:
    cells = np.array([[0, 0, 1, 59], [60, 98, 99, 100], [-1, 0, 0, 0]], np.int8)
    rig.robot.hear(LOCAL_COSTMAP, OccupancyGrid(0.0, 0.1, 1.5, -2.0, cells))
    rig.robot.tick()
    told = rig.now()["costmap"]
    levels = np.repeat(told["runs"][::2], told["runs"][1::2]).reshape(
        told["rows"], told["columns"]
    )
    assert levels.tolist() == [[0, 0, 1, 1], [2, 2, 3, 3], [0, 0, 0, 0]]
    assert told["at"] == [1.5, -2.0] and told["cell_m"] == 0.1
    rig.robot.tick(COSTMAP_IS_OLD_S + 0.1)
    assert rig.now()["costmap"] is None


def test_a_costmap_of_noise_is_not_told(rig: Rig) -> None:
    cells = np.indices((100, 100)).sum(axis=0).astype(np.int8) % 2
    rig.robot.hear(LOCAL_COSTMAP, OccupancyGrid(0.0, 0.1, 0.0, 0.0, cells))
    rig.robot.tick()
    assert rig.now()["costmap"] is None
