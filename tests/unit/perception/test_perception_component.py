"""The component as a host drives it: rows in, rows out."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.unit.perception.ray_world import OUTLINE_M, Person, Watch, box, fence, map_of
from tests.unit.perception.rover import INFO, ROBOT

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs, ProcessContext
from patrol_core.geometry import Pose2, Transform3
from patrol_core.params import ParamValue, make_params, read_param_file
from patrol_core.site.model import Retention, Site, Zone
from patrol_core.types.motion import StampedTransform, Transforms
from patrol_core.types.perception import Finding, Incident
from patrol_core.types.sensors import CompressedImage, DepthImage
from patrol_core.types.status import HealthLevel, LocalizationLevel, LocalizationStatus
from patrol_perception.assembly import PARAMS, build
from patrol_perception.change.store import load_views

ODOM_IN_MAP = Pose2(3.0, 1.0, 0.4)
ROOT = Path(__file__).parents[3]


def site() -> Site:
    return Site(
        "test", Path("."), 0.9, 0.1, "UTC", OUTLINE_M, (), (), (), (), (), Retention(1, 1, 1),
        Path("map.yaml"),
    )  # fmt: skip


class Host:
    """Feeds the component from a ray world, with a camera that sees grey."""

    def __init__(
        self, camera: bool, folder: Path = Path("."), *, learn: bool = False,
        zones: tuple[Zone, ...] = (),
    ) -> None:  # fmt: skip
        given: dict[str, ParamValue] = {
            "camera.detector": "none", "change.learn": learn, "site_model.observe": False,
        }  # fmt: skip
        params = make_params(PARAMS, given)
        place = replace(site(), folder=folder, zones=zones)
        context = ProcessContext(place, ROBOT, Path("."), 1000)
        (self.component,) = build(context, params)
        self.mailbox = Mailbox(self.component.reads)
        self.world = Watch([box(9.0, 4.5, 0.6, 0.5)])
        self.camera = camera
        grey = np.full((INFO.height_px, INFO.width_px, 3), 128, np.uint8)
        self.jpeg = cv2.imencode(".jpg", grey)[1].tobytes()
        self.mailbox.store(topics.MAP, map_of(fence()), 0.0)
        if camera:
            self.mailbox.store(topics.CAMERA_INFO, INFO, 0.0)

    def tick(self, base: Pose2, level: LocalizationLevel = LocalizationLevel.GOOD) -> Outputs:
        world, now = self.world, round(self.world.now_s + 0.1, 6)
        world.now_s = now
        moved = Transform3.from_pose2(base.relative_to(ODOM_IN_MAP))
        edges = (
            StampedTransform(now, "map", "odom", Transform3.from_pose2(ODOM_IN_MAP)),
            StampedTransform(now, "odom", "base_link", moved),
        )
        status = LocalizationStatus(now, level, "", 0.05, 0.01, 0.95)
        lidar = base.compose(ROBOT.lidar.transform().pose2())
        self.mailbox.store(topics.TF, Transforms(edges), now)
        self.mailbox.store(topics.SCAN, world.scan(lidar), now)
        self.mailbox.store(topics.LOCALIZATION_STATUS, status, now)
        if self.camera:
            raw = CompressedImage(now, INFO.frame_id, "jpeg", self.jpeg)
            self.mailbox.store(topics.CAMERA_RAW, raw, now)
            depth = np.full((INFO.height_px, INFO.width_px), np.nan, np.float32)
            self.mailbox.store(topics.CAMERA_DEPTH, DepthImage(now, INFO.frame_id, depth), now)
        return self.component.step(self.mailbox.snapshot(), now)

    def drive(self, seconds: float) -> list[Finding]:
        said = []
        for k in range(round(seconds * 10.0)):
            said.extend(self.tick(Pose2(3.0 + 0.1 * k, 3.0)).of(topics.FINDINGS))
        return said


def test_a_thing_on_the_way_is_tracked_found_photographed_and_acknowledged() -> None:
    host = Host(camera=True)
    said = host.drive(3.5)
    last = said[-1]
    assert math.hypot(last.x_m - 9.0, last.y_m - 4.5) < 0.2
    assert len({finding.finding_id for finding in said}) == 1
    assert last.photo is not None
    picture = cv2.imdecode(np.frombuffer(last.photo.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None and picture.shape == (480, 640, 3)
    stored = Incident(
        0.0, 1, last.finding_id, 99, last.kind, last.x_m, last.y_m, last.reason, True
    )
    host.mailbox.store(topics.INCIDENTS, stored, host.world.now_s)
    for _ in range(15):
        assert host.tick(Pose2(6.4, 3.0)).of(topics.FINDINGS) == []


def test_every_scan_gives_tracks_and_every_picture_a_blurred_one_with_its_stamp() -> None:
    host = Host(camera=True)
    for _ in range(3):
        outputs = host.tick(Pose2(5.0, 3.0))
        assert [t.stamp_s for t in outputs.of(topics.TRACKS)] == [host.world.now_s]
        assert [c.stamp_s for c in outputs.of(topics.CAMERA_BLURRED)] == [host.world.now_s]
    again = host.component.step(host.mailbox.snapshot(), host.world.now_s + 0.05)
    assert list(again) == []


def test_without_a_camera_findings_go_without_a_photo() -> None:
    said = Host(camera=False).drive(3.5)
    assert said
    assert all(finding.photo is None for finding in said)
    hashes = {finding.config_hash for finding in said}
    assert [len(digits) for digits in hashes] == [12]


def write_zone(folder: Path, ring: list[list[float]]) -> None:
    """A zone file with one privacy zone."""
    rings = {"outline": [*map(list, OUTLINE_M), list(OUTLINE_M[0])], "privacy": ring}
    features = [
        {
            "type": "Feature",
            "properties": {"id": kind, "kind": kind},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for kind, ring in rings.items()
    ]
    document = {"type": "FeatureCollection", "features": features}
    (folder / "zones.geojson").write_text(json.dumps(document), encoding="utf-8")


def test_in_a_privacy_zone_that_is_new_nothing_is_reported(tmp_path: Path) -> None:
    host = Host(camera=False, folder=tmp_path)
    host.tick(Pose2(3.0, 3.0))
    write_zone(tmp_path, [[8.0, 3.5], [10.0, 3.5], [10.0, 5.5], [8.0, 5.5], [8.0, 3.5]])
    assert host.drive(4.5) == []


def test_no_track_is_told_in_a_privacy_zone_into_which_somebody_walks(tmp_path: Path) -> None:
    write_zone(tmp_path, [[8.0, 6.0], [10.0, 6.0], [10.0, 9.0], [8.0, 9.0], [8.0, 6.0]])
    host = Host(camera=False, folder=tmp_path)
    host.world.people = [Person([(0.0, 9.0, 3.6), (3.0, 9.0, 7.2), (9.0, 9.0, 7.2)])]
    told = []
    for _ in range(45):
        for tracks in host.tick(Pose2(5.0, 4.0)).of(topics.TRACKS):
            told += [track for track in tracks.tracks if track.y_m > 5.0]
    assert told and max(track.y_m for track in told) > 5.7
    assert all(track.y_m < 6.0 for track in told)


def test_a_detector_that_fails_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(camera=True)
    camera = host.component._camera._camera  # type: ignore[attr-defined]
    said = []
    for problem in ("", "killed", "killed", ""):
        monkeypatch.setattr(camera, "_detected", lambda image: [])
        camera.problem = problem
        said += [health.level for health in host.tick(Pose2(5.0, 3.0)).of(topics.DIAGNOSTICS)]
    assert said == [HealthLevel.WARN, HealthLevel.OK]


def test_a_robot_that_is_lost_reports_nothing() -> None:
    host = Host(camera=False)
    for k in range(5):
        outputs = host.tick(Pose2(5.0 + 0.1 * k, 3.0), LocalizationLevel.LOST)
        assert list(outputs) == []


def test_a_robot_that_doubts_its_place_tracks_but_reports_nothing() -> None:
    host = Host(camera=False)
    for k in range(35):
        outputs = host.tick(Pose2(5.0 + 0.1 * k, 3.0), LocalizationLevel.DEGRADED)
        assert outputs.of(topics.FINDINGS) == []
    assert len(outputs.of(topics.TRACKS)[0].tracks) == 1


def test_a_run_that_learns_leaves_reference_views_of_its_way(tmp_path: Path) -> None:
    host = Host(camera=True, folder=tmp_path, learn=True)
    host.drive(2.0)
    assert not (tmp_path / "views").exists()
    host.component.close()
    places = [view.view.position_m[0] for view in load_views(tmp_path / "views")]
    assert len(places) >= 2 and 3.0 < min(places) < max(places) < 6.0


def test_the_shipped_parameter_file_fits() -> None:
    file = ROOT / "launch" / "config" / "perception.yaml"
    assert make_params(PARAMS, read_param_file(file)).camera.detector == "hog"
