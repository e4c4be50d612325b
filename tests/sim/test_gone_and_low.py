"""A patrol of the small site from which things are gone, and on which something low lies."""

from __future__ import annotations

import math

import pytest
from _placements import hole_of
from _site_laps import Lap, completed, drive, setting_of
from shapely.geometry import Point

from patrol_core.geometry import Pose2
from patrol_core.types.perception import FindingKind
from patrol_sim.removal import Removal
from patrol_sim.scenario import PlacedObject, Scenario, Start

GONE = (Removal("bin_1"), Removal("fence_north", 4.0, 6.0))
PARCEL = PlacedObject("parcel", "box", (0.4, 0.3, 0.15), Pose2(5.0, 2.2, 0.3), 0.0, planted=True)


@pytest.fixture(scope="module")
def lap() -> Lap:
    dock = setting_of("yard").site.docks[0].pose
    scenario = Scenario("gone", (Start(dock),), objects=(PARCEL,), removed=GONE)
    return drive("yard", scenario, seed=3000)


def test_the_patrol_is_completed_all_the_same(lap: Lap) -> None:
    assert completed("yard", lap)


def test_what_is_gone_is_told_once_each(lap: Lap) -> None:
    told = [i for i in lap.incidents if i.kind is FindingKind.MISSING]
    holes = [hole_of(setting_of("yard").world, removal) for removal in GONE]
    for hole in holes:
        assert sum(hole.distance(Point(i.x_m, i.y_m)) < 0.3 for i in told) == 1
    assert len(told) == len(GONE)


def test_what_lies_below_the_lidars_plane_is_found_where_it_lies(lap: Lap) -> None:
    (found,) = [i for i in lap.incidents if i.kind is FindingKind.OBJECT]
    assert math.hypot(found.x_m - PARCEL.pose.x_m, found.y_m - PARCEL.pose.y_m) < 0.2
    assert "low thing" in found.reason
