"""First drive to first patrol: a robot that is driven by keys patrols what it was taught."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.taught_drive import Driver, make_loop

from patrol_core.geometry import Pose2, distance_to_polyline_m
from patrol_core.result import Status
from patrol_core.robot import load_robot
from patrol_core.site import Site, load_site
from ronda_cli.setting import ROBOT_FILE, Setting, load_setting
from ronda_cli.teaching import finish
from ronda_cli.teaching.finish import Task, changed_files, new_files
from ronda_cli.teaching.journal import Journal
from ronda_cli.teaching.lesson import Act
from ronda_cli.teaching.new_site import Identity, starter
from ronda_cli.teaching.run import Teacher
from ronda_cli.teaching.scans import ScanLog
from ronda_cli.teaching.writing import checked, write

WAY = ((-2.3, -3.0), (5.5, -3.2), (5.7, 0.6), (5.5, 3.4), (-4.6, 3.5), (-4.8, -2.6), (-2.3, -2.8))
"""In the world of the yard, round shed and tree."""
LIMIT_S = 400.0
CORNER_M = 0.7
"""So much the robot cuts a corner that was driven turning on the spot."""


@pytest.fixture(scope="module")
def setting() -> Setting:
    return load_setting("yard")


@pytest.fixture(autouse=True)
def teaching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finish, "TEACHING", tmp_path / "teaching")


def lesson_drive(driver: Driver, way: Sequence[tuple[float, float]]) -> list[str]:
    """Out of the dock and once round; what was said to the marks."""
    driver.back_off(1.5)
    driver.go(way[:2])
    words = [driver.mark(Act.CHECKPOINT)]
    driver.go(way[2:3])
    words.append(driver.mark(Act.CHECK))
    driver.go(way[3:])
    driver.wait(0.2)
    return words


def patrol(setting: Setting, site: Site, route_id: str, folder: Path, origin: Pose2) -> None:
    """One lap over the taught route: all checkpoints, home, along the line, touching nothing."""
    folder.mkdir()
    loop = make_loop(setting, site, folder)
    track = []
    try:
        while loop.now_s < LIMIT_S and not loop.finished():
            if abs(loop.now_s - 1.0) < 1e-6:
                loop.start_patrol(route_id, 1)
            loop.step()
            if loop.due(0.2):
                here = loop.simulator.robot().pose.relative_to(origin)
                track.append((here.x_m, here.y_m))
        assert loop.result is not None
        assert loop.result.result.status is Status.SUCCEEDED
        assert loop.result.result.message == "1 lap done, docked"
        assert loop.simulator.truth().contacts_by_robots() == ()
    finally:
        loop.close()
        loop.simulator.close()
    (path,) = site.paths
    line = np.array(path.points_m)
    assert distance_to_polyline_m(line, np.array(track)).max() < CORNER_M


def test_a_second_route_is_taught_and_patrolled(setting: Setting, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(setting.site.folder, tmp_path / "yard"))
    task = Task(folder, "evening", 0.6, 2.0)
    (tmp_path / "drive").mkdir()
    loop = make_loop(setting, load_site(folder), tmp_path / "drive")
    journal = Journal(task.journal, site="yard")
    driver = Driver(loop, Teacher(task.lesson(), journal))
    try:
        words = lesson_drive(driver, WAY)
    finally:
        loop.close()
        loop.simulator.close()
        journal.close()
    assert words == ["marked: checkpoint 1", "marked: checkpoint with a check 1"]

    taught, files = changed_files(task, task.lesson(), lambda _: ["Gate corner", ""])
    assert checked(folder, files).problems == ()
    write(folder, files, (task.journal,))
    assert taught.line_m[0] == taught.line_m[-1]
    assert [c.checkpoint_id for c in taught.checkpoints] == ["gate_corner", "evening_2"]
    patrol(setting, load_site(folder), "evening", tmp_path / "patrol", Pose2(0.0, 0.0))


def test_a_new_site_is_driven_mapped_and_patrolled(setting: Setting, tmp_path: Path) -> None:
    """Nothing is known of the yard but that the robot stands in its dock."""
    task = Task(tmp_path / "plot", "round", 0.6, 2.0, is_new=True)
    write(task.folder, starter(Identity("Plot", 51.0, 6.0)), ())
    (tmp_path / "drive").mkdir()
    loop = make_loop(setting, load_site(task.folder), tmp_path / "drive", use_map=False)
    robot = load_robot(ROBOT_FILE)
    journal = Journal(task.journal, site="plot")
    mount = Pose2(robot.lidar.xyz_m[0], robot.lidar.xyz_m[1])
    scans = ScanLog(task.scans, mount, robot.lidar.range_max_m)
    dock = setting.site.docks[0].pose
    to_site = dock.inverse()
    way = [tuple(point) for point in to_site.transform_points(WAY).tolist()]
    try:
        lesson_drive(Driver(loop, Teacher(task.lesson(), journal, scans)), way)
    finally:
        loop.close()
        loop.simulator.close()
        journal.close()
        scans.close()

    _, files = new_files(task, robot, lambda _: None)
    assert checked(task.folder, files).problems == ()
    write(task.folder, files, (task.journal, task.scans))
    patrol(setting, load_site(task.folder), "round", tmp_path / "patrol", dock)
