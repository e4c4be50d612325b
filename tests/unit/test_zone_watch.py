"""A zone file that changes while the robot runs: what counts then, and who heeds it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.gate_world import ROBOT, make_site
from tests.nav_goals import navigate, run_to_end
from tests.nav_world import ToyWorld, empty_cells, rover

from patrol_core import topics
from patrol_core.component import Inputs
from patrol_core.geometry import Points, Pose2
from patrol_core.params import make_params
from patrol_core.site.features import read_features
from patrol_core.site.model import Site, ZoneKind
from patrol_core.site.yaml_tree import Problems, read_json
from patrol_core.site.zone_watch import ZONES_FILE, ZoneWatch
from patrol_core.types.maps import MaskKind, OccupancyGrid
from patrol_core.types.status import HealthLevel
from patrol_gate.geofence import Geofence
from patrol_nav.maps.zone_masks import ZoneMasks
from patrol_nav.navigator.navigator import Navigator
from patrol_nav.params import NavigatorParams

OUTLINE: Points = ((0.0, 0.0), (12.0, 0.0), (12.0, 10.0), (0.0, 10.0))
POND: Points = ((5.0, 4.0), (7.0, 4.0), (7.0, 6.0), (5.0, 6.0))
NOON, NIGHT = (0, 12 * 3600), (0, 23 * 3600)


def polygon(name: str, kind: str, ring: Points, **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"id": name, "kind": kind, **more},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


class File:
    """A zone file; every write is seen, however soon it comes after the last one."""

    def __init__(self, folder: Path) -> None:
        self.path, self._written = folder / ZONES_FILE, 0
        self.write()
        problems = Problems()
        root = read_json(self.path, "the zones", problems)
        assert root is not None
        features = read_features(root)
        zones = tuple(zone for zone, _ in features.zones)
        self.site: Site = replace(make_site(OUTLINE, zones), folder=folder)

    def write(self, *zones: dict[str, Any], text: str | None = None) -> None:
        document = {
            "type": "FeatureCollection",
            "features": [polygon("site", "outline", OUTLINE), *zones],
        }
        self.path.write_text(json.dumps(document) if text is None else text, encoding="utf-8")
        self._written += 1
        os.utime(self.path, (self._written, self._written))


def ids(watch: ZoneWatch) -> list[str]:
    return [zone.zone_id for zone in watch.zones]


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path)


def test_a_changed_file_is_taken_up_within_a_second(file: File) -> None:
    watch = ZoneWatch(file.site, lambda _: NOON)
    assert not watch.refresh(0.0) and ids(watch) == []
    file.write(polygon("pond", "keep_out", POND))
    assert not watch.refresh(0.5)
    assert watch.refresh(1.0)
    assert ids(watch) == ["pond"] and watch.zones[0].kind is ZoneKind.KEEP_OUT
    assert not watch.refresh(2.0)
    file.write()
    assert watch.refresh(3.0) and ids(watch) == []


def test_what_changed_while_the_robot_started_counts(file: File) -> None:
    """The site was read before; gate and navigator must not believe different things."""
    file.write(polygon("pond", "keep_out", POND))
    watch = ZoneWatch(file.site, lambda _: NOON)
    assert watch.refresh(0.0) and ids(watch) == ["pond"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "zones.geojson:1"),
        ('{"type": "FeatureCollection", "features": [', "not valid JSON"),
        ('{"type": "FeatureCollection", "features": []}', "outline"),
        (None, "missing"),
    ],
)
def test_a_broken_file_leaves_the_zones_in_force(file: File, text: str | None, said: str) -> None:
    file.write(polygon("pond", "keep_out", POND))
    watch = ZoneWatch(file.site, lambda _: NOON)
    watch.refresh(0.0)
    file.write(polygon("pond", "keep_out", POND), polygon("lawn", "keep_out", POND))
    watch.refresh(1.0)
    before = watch.zones
    assert len(before) == 2
    if text is None:
        file.path.unlink()
    else:
        file.write(text=text)
    assert not watch.refresh(2.0)
    assert watch.zones == before
    assert said in watch.problem and "stay in force" in watch.problem
    file.write()
    assert watch.refresh(3.0) and watch.problem == ""


def test_a_zone_outside_of_the_site_is_a_mistake_as_it_is_at_the_start(file: File) -> None:
    watch = ZoneWatch(file.site, lambda _: NOON)
    watch.refresh(0.0)
    far: Points = ((50.0, 50.0), (51.0, 50.0), (51.0, 51.0))
    file.write(polygon("far", "speed", far, speed_limit_mps=0.5))
    assert not watch.refresh(1.0)
    assert "outside the outline" in watch.problem


def test_zones_count_in_their_hours(file: File) -> None:
    local = [NOON]
    watch = ZoneWatch(file.site, lambda _: local[0])
    watch.refresh(0.0)
    file.write(polygon("pond", "keep_out", POND, hours=["daily 21:00-06:00"]))
    assert not watch.refresh(1.0) and ids(watch) == []
    local[0] = NIGHT
    assert not watch.refresh(2.0)
    assert watch.refresh(60.0) and ids(watch) == ["pond"]


def test_a_new_outline_waits_for_the_next_start(file: File) -> None:
    watch = ZoneWatch(file.site, lambda _: NOON)
    watch.refresh(0.0)
    document = json.loads(file.path.read_text(encoding="utf-8"))
    document["features"][0]["geometry"]["coordinates"][0][1] = [11.0, 0.0]
    file.write(polygon("pond", "keep_out", POND), text=json.dumps(document))
    watch.refresh(1.0)
    assert "next start" in watch.problem


def test_the_gate_keeps_out_of_a_new_zone(file: File) -> None:
    fence, pose = Geofence(file.site, ROBOT, 0.1, lambda _: NOON), Pose2(6.0, 5.0)
    assert fence.around(pose, 0.5, 0.0) is None
    file.write(polygon("pond", "keep_out", POND))
    bounds = fence.around(pose, 0.5, 1.0)
    assert bounds is not None and bounds.breached()
    file.write()
    assert fence.around(pose, 0.5, 2.0) is None


def test_the_navigator_goes_round_a_zone_that_appears_on_its_way(file: File) -> None:
    navigator = Navigator(
        make_params(NavigatorParams, {}), file.site, rover(), np.random.default_rng(3),
        "pure_pursuit", lambda _: NOON,
    )  # fmt: skip
    toy = ToyWorld(navigator, empty_cells(12.0, 10.0), Pose2(1.5, 5.0))
    navigate(toy, Pose2(10.5, 5.0))
    toy.run(2.0)
    assert toy.pose.x_m > 2.0 and abs(toy.pose.y_m - 5.0) < 0.1
    file.write(polygon("pond", "keep_out", POND))
    assert run_to_end(toy, "a", 60.0).ok
    x, y = toy.array()[:, 1:3].T
    across = y[(x > 5.0) & (x < 7.0)]
    assert len(across) and (np.abs(across - 5.0) > 1.2).all()
    file.write(text="{")
    toy.run(4.0)
    said = [h for outputs in toy.outputs for h in outputs.of(topics.DIAGNOSTICS)]
    assert len(said) >= 3, "who looks later hears it, too"
    assert said[-1].level is HealthLevel.WARN and str(file.path) in said[-1].message


def test_nav2s_masks_follow_the_file(file: File) -> None:
    """Told once, and again when the file has changed; cell by cell what its filters understand."""
    map_grid = OccupancyGrid(0.0, 0.05, 0.0, 0.0, empty_cells(12.0, 10.0))
    masks = ZoneMasks(map_grid, file.site, lambda _: NOON, 0.1, 0.0)

    def said(now_s: float) -> tuple[list[Any], ...]:
        outputs = masks.step(Inputs({}, {}), now_s)
        return tuple(outputs.of(row) for row in ZoneMasks.writes)

    (out,), (out_info,), (slow,), (slow_info,) = said(0.0)
    assert out.cells.shape == slow.cells.shape == (100, 120)
    assert not out.cells.any() and not slow.cells.any()
    assert (out_info.mask_topic, out_info.kind) == ("keepout_filter_mask", MaskKind.KEEP_OUT)
    assert (slow_info.mask_topic, slow_info.kind) == ("speed_filter_mask", MaskKind.SPEED)
    assert said(5.0) == ([], [], [], [])

    west: Points = ((1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0))
    file.write(
        polygon("pond", "keep_out", POND), polygon("yard", "speed", west, speed_limit_mps=0.55)
    )
    (out,), again, (slow,), _ = said(6.0)
    assert not again
    pond, yard = (
        tuple(grid.cells_of(((6.0, 5.0), (2.0, 2.0), (9.0, 9.0))).T)
        for grid in (out, slow)
    )  # fmt: skip
    assert out.cells[pond].tolist() == [100, 0, 0]
    metres_per_second = slow_info.base + slow_info.multiplier * slow.cells[yard]
    assert metres_per_second == pytest.approx([0.0, 0.54, 0.0])
