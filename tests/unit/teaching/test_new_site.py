"""A new site from a drive: scans taken down, laid onto each other, a map, and all files."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError, RondaError
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.robot import load_robot
from patrol_core.site import load_map, load_site
from patrol_core.types.maps import FREE, OCCUPIED
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.sensors import LaserScan
from ronda_cli.setting import ROBOT_FILE
from ronda_cli.teaching import finish
from ronda_cli.teaching.finish import Task, new_files
from ronda_cli.teaching.journal import Journal
from ronda_cli.teaching.lesson import Act, Entry
from ronda_cli.teaching.mapping import corrected, matched
from ronda_cli.teaching.new_site import Identity, starter
from ronda_cli.teaching.scans import ScanLog, read_scans
from ronda_cli.teaching.writing import checked, write

ROOM = ((-2.0, -5.0), (5.5, -5.0), (5.5, 3.0), (3.0, 3.0), (3.0, 2.0), (-2.0, 2.0))
BEAMS = 180
LIDAR = Pose2(0.2, 0.0)
IDENTITY = Identity("Plot", 51.0, 6.0)


def ranges_m(pose: Pose2) -> FloatArray:
    """Distances (BEAMS,) from a pose to the walls of the room, all round."""
    angles = pose.yaw_rad + np.arange(BEAMS) * math.tau / BEAMS - math.pi
    ways = np.column_stack((np.cos(angles), np.sin(angles)))
    corners = np.array(ROOM) - (pose.x_m, pose.y_m)
    found: FloatArray = np.full(BEAMS, np.inf)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        wall = end - start
        cross = ways[:, 0] * wall[1] - ways[:, 1] * wall[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (start[0] * wall[1] - start[1] * wall[0]) / cross
            share = (start[0] * ways[:, 1] - start[1] * ways[:, 0]) / cross
        meets = (along > 0.0) & (share >= 0.0) & (share <= 1.0)
        found = np.where(meets, np.minimum(found, along), found)
    return found


def scan_at(pose: Pose2, stamp_s: float) -> LaserScan:
    ranges = ranges_m(pose.compose(LIDAR)).astype(np.float32)
    return LaserScan(stamp_s, "lidar_link", -math.pi, math.tau / BEAMS, 0.1, 12.0, ranges)


def lap() -> list[Pose2]:
    """Round a square of 3 m in the room from the origin and back, turning gently."""
    poses, pose = [], Pose2(0.0, 0.0)
    for side in range(4):
        poses += [pose := pose.compose(Pose2(0.1, 0.0)) for _ in range(30)]
        if side < 3:
            poses += [pose := pose.compose(Pose2(0.0, 0.0, -0.02)) for _ in range(79)]
    return poses


def drifted(poses: list[Pose2]) -> list[Pose2]:
    """What dead reckoning makes of them: it turns too far by half a degree a metre."""
    out = [poses[0]]
    for before, after in pairwise(poses):
        step = after.relative_to(before)
        turn = 1.001 * step.yaw_rad + 0.01 * step.x_m
        out.append(out[-1].compose(Pose2(1.005 * step.x_m, step.y_m, turn)))
    return out


@pytest.fixture(autouse=True)
def teaching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(finish, "TEACHING", tmp_path / "teaching")
    return tmp_path / "teaching"


@pytest.fixture
def task(tmp_path: Path) -> Task:
    made = Task(tmp_path / "plot", "round", 0.6, 2.0, is_new=True)
    write(made.folder, starter(IDENTITY), ())
    return made


def take_down(task: Task) -> tuple[list[Pose2], list[Pose2]]:
    """Drive the lap; true and believed poses."""
    true = lap()
    believed = drifted(true)
    log, journal = ScanLog(task.scans, LIDAR, 10.0), Journal(task.journal, site="plot")
    for number, (real, pose) in enumerate(zip(true, believed, strict=True)):
        journal.add(Entry(Act.DRIVE, pose))
        if number == 50:
            journal.add(Entry(Act.CHECKPOINT, pose))
        stamp_s = 0.1 * number
        log.hear_scan(scan_at(real, stamp_s))
        log.hear_pose(PoseEstimate(stamp_s, pose), number + 1)
    log.close()
    journal.close()
    return true, believed


def test_an_empty_place_is_a_whole_site(task: Task) -> None:
    assert checked(task.folder, {}).problems == ()
    site = load_site(task.folder)
    assert site.latitude_rad == pytest.approx(math.radians(51.0))
    assert site.docks[0].pose == Pose2(0.0, 0.0, 0.0)
    assert (load_map(site.map_file).cells == FREE).all()


def test_a_place_that_looks_elsewhere_has_its_dock_ahead(tmp_path: Path) -> None:
    files = starter(Identity("A: #1", 51.0, 6.0, math.radians(90.0)))
    assert checked(tmp_path / "turned", files).problems == ()
    write(tmp_path / "turned", files, ())
    site = load_site(tmp_path / "turned")
    assert site.name == "A: #1"
    assert min(y for _, y in site.docks[0].outline_m) > 0.4


def test_a_drive_makes_a_site(task: Task) -> None:
    take_down(task)
    taught, files = new_files(task, load_robot(ROBOT_FILE), lambda _: None)
    outcome = checked(task.folder, files)
    assert outcome.problems == ()
    version = write(task.folder, files, (task.journal, task.scans))
    assert version is not None
    assert {"site.yaml", "plot-round.jsonl", "plot-round-scans.jsonl"} <= {
        path.name for path in version.iterdir()
    }
    site = load_site(task.folder)
    assert [route.route_id for route in site.routes] == ["round"]
    assert site.paths[0].points_m == taught.line_m
    grid = load_map(site.map_file)
    walls = grid.centers_of(np.argwhere(grid.cells == OCCUPIED))
    edges = np.array(ROOM)
    far = [min(_to_walls(point, edges), 9.0) for point in walls]
    assert len(walls) > 200
    assert np.quantile(far, 0.95) < 0.15
    with pytest.raises(ConfigError, match="not new"):
        task.site()


def test_scans_are_laid_onto_each_other(task: Task) -> None:
    true, believed = take_down(task)
    assert believed[-1].distance_to(true[-1]) > 0.15
    scans = read_scans(task.scans)
    poses = matched(scans, lambda _: None)
    entries = [Entry(Act.DRIVE, pose) for pose in believed]
    moved = corrected(entries, scans, poses)
    before = [a.distance_to(b) for a, b in zip(believed, true, strict=True)]
    after = [a.pose.distance_to(b) for a, b in zip(moved, true, strict=True)]
    assert max(after) < 0.4 * max(before)
    assert corrected(entries, [], []) == entries


def test_without_scans_there_is_no_map(task: Task) -> None:
    with pytest.raises(RondaError, match="no scans"):
        new_files(task, load_robot(ROBOT_FILE), lambda _: None)


def test_a_scan_while_turning_fast_is_left_out(tmp_path: Path) -> None:
    log = ScanLog(tmp_path / "s.jsonl", LIDAR, 10.0)
    for number in range(20):
        pose = Pose2(0.0, 0.0, 0.1 * number)
        log.hear_scan(scan_at(pose, 0.1 * number))
        log.hear_pose(PoseEstimate(0.1 * number, pose), number)
    log.close()
    assert read_scans(tmp_path / "s.jsonl") == []
    assert read_scans(tmp_path / "none.jsonl") == []


@given(st.binary(max_size=80))
@settings(max_examples=40, deadline=None)
def test_any_bytes_are_read_as_scans(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed-scans.jsonl"
    good = b'{"pose": [0, 0, 0], "driven": 3, "ends_cm": [100, 0], "hit": "1"}'
    path.write_bytes(data + b"\n" + good + b"\n" + data)
    scans = read_scans(path)
    assert any(scan.driven == 3 for scan in scans)


def _to_walls(point: FloatArray, corners: FloatArray) -> float:
    ends = np.roll(corners, -1, axis=0)
    walls = ends - corners
    share = np.einsum("ij,ij->i", point - corners, walls) / np.einsum("ij,ij->i", walls, walls)
    nearest = corners + np.clip(share, 0.0, 1.0)[:, None] * walls
    return float(np.linalg.norm(nearest - point, axis=1).min())
