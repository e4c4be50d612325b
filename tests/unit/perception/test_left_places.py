"""Where that lies what a standing robot saw left, and that it is one with what the lidar found."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.perception.rover import INFO, ROBOT
from tests.unit.perception.test_finding_book import book, spot, verdict

from patrol_core.geometry import Pose2
from patrol_core.types.perception import FindingKind
from patrol_core.types.sensors import DepthImage
from patrol_perception.outline import Outline
from patrol_perception.view import View, camera_mount
from patrol_perception.watching.left_objects import LeftKind, LeftObject
from patrol_perception.watching.params import GuardParams
from patrol_perception.watching.places import place_of, tell

MOUNT = camera_mount(ROBOT.camera)
VIEW = View(1.0, INFO, MOUNT, Pose2(2.0, 3.0, 0.5))


def seen_at(x_m: float, y_m: float, height_m: float = 0.3) -> tuple[int, int, int, int]:
    """The box of something 0.3 m wide that stands on the ground of map."""
    across = VIEW.to_optical(np.array([[x_m, y_m, 0.0], [x_m, y_m, height_m]]))
    (u, bottom), (_, top) = VIEW.pixels(across)
    half = 0.15 * INFO.fx_px / across[0, 2]
    return round(u - half), round(top), round(2.0 * half), round(bottom - top)


@pytest.mark.parametrize(("x_m", "y_m"), [(5.0, 4.5), (6.0, 5.0), (5.5, 5.7)])
def test_depth_and_ground_say_where_it_lies(x_m: float, y_m: float) -> None:
    box = seen_at(x_m, y_m)
    range_m = float(VIEW.to_optical(np.array([[x_m, y_m, 0.15]]))[0, 2])
    depth = np.full((INFO.height_px, INFO.width_px), 9.0, np.float32)
    depth[box[1] : box[1] + box[3], box[0] : box[0] + box[2]] = range_m
    for picture in (DepthImage(1.0, INFO.frame_id, depth), None):
        place = place_of(box, VIEW, picture)
        assert place is not None
        assert math.hypot(place.x_m - x_m, place.y_m - y_m) < 0.2
        assert place.length_m == pytest.approx(0.3, abs=0.05)


def test_what_stands_above_the_horizon_has_no_place_without_depth() -> None:
    assert place_of((300, 20, 30, 40), VIEW, None) is None


LEFT = LeftObject(20.0, 8.0, LeftKind.LEFT, (0, 0, 9, 9), "it came 12.0 s ago", 4.0)


def test_what_the_lidar_found_there_gets_a_remark_and_stays_one_finding() -> None:
    kept = book()
    kept.report(spot(1, 3.0), verdict(3.0), 15.0)
    tell(LEFT, Outline(3.3, 0.1, 0.3, 0.3, 0.0), kept, GuardParams())
    (entry,) = kept.entries
    assert entry.finding.revision == 2 and "left behind 12 s ago" in entry.finding.reason
    kept.report(spot(1, 3.0), verdict(3.4), 40.0)
    assert entry.finding.revision == 3 and "left behind" in entry.finding.reason


def test_what_the_camera_saw_first_is_the_lidars_later() -> None:
    kept = book()
    tell(LEFT, Outline(3.1, 0.1, 0.3, 0.3, 0.0), kept, GuardParams())
    assert kept.entries[0].finding.kind is FindingKind.OBJECT
    kept.report(spot(4, 3.0), verdict(3.0), 26.0)
    (entry,) = kept.entries
    assert entry.main_spot == 4 and entry.finding.x_m == 3.0
    assert "free ground" in entry.finding.reason and "left behind" in entry.finding.reason


def test_what_was_taken_away_is_missing_and_no_spot_joins_it() -> None:
    kept = book()
    taken = LeftObject(20.0, 8.0, LeftKind.REMOVED, (0, 0, 9, 9), "it went 12.0 s ago", 4.0)
    tell(taken, Outline(3.0, 0.0, 0.3, 0.3, 0.0), kept, GuardParams())
    assert kept.entries[0].finding.kind is FindingKind.MISSING
    kept.report(spot(1, 3.0), verdict(3.0), 26.0)
    assert len(kept.entries) == 2
