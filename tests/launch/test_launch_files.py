"""Every launch file comes up, says what the table promises, and goes down with exit status 0."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from patrol_core import topics
from patrol_core.processes import PROCESSES
from ronda_cli.doctor.diagnosis import diagnose
from ronda_cli.doctor.observer import Observer
from ronda_cli.launcher.evaluate import ProcessSpec, declared_arguments, evaluate
from ronda_cli.launcher.packages import source_packages

ROOT = Path(__file__).parents[2]
LAUNCH_FILES = sorted(
    path for path in (ROOT / "launch").glob("*.launch.xml") if "gazebo" not in path.name
)
"""Gazebo Classic's comes up in tests/gazebo; tests/unit/test_gazebo_launch.py reads Harmonic's."""
PATIENCE_S = 90.0
DOWN_WITHIN_S = 10.0
WATCH_S = 4.0


@pytest.fixture(autouse=True)
def own_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", str(os.getpid() % 90 + 10))


Running = dict[str, "subprocess.Popen[bytes]"]


@contextmanager
def launched(path: Path, run_folder: Path, **more: str) -> Iterator[Running]:
    """The processes of a launch file, by name; all are gone afterwards."""
    given = {
        "site": str(ROOT / "sites" / "yard"),
        "world": str(ROOT / "sim" / "worlds" / "yard.sdf"),
        "scenario": str(ROOT / "sim" / "scenarios" / "yard.yaml"),
        "run_folder": str(run_folder),
        "camera": "false",
        **more,
    }
    known = {argument.name for argument in declared_arguments(path)}
    arguments = {name: value for name, value in given.items() if name in known}
    specs = evaluate(path, arguments, source_packages(), os.environ)
    running = {spec.name: start(spec, run_folder) for spec in specs}
    try:
        yield running
    finally:
        for child in running.values():
            child.kill()
            child.wait()


def start(spec: ProcessSpec, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{spec.name}.log").open("wb") as log:
        env = {**os.environ, **spec.env}
        return subprocess.Popen(spec.argv, env=env, stdout=log, stderr=log)


def end(running: Running) -> dict[str, int]:
    """Ask everybody to end; the exit statuses."""
    for child in running.values():
        child.send_signal(signal.SIGINT)
    return {name: child.wait(DOWN_WITHIN_S) for name, child in running.items()}


def logs(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.log")))


@pytest.fixture
def observer() -> Iterator[Observer]:
    made = Observer()
    yield made
    made.close()


def wait_for(observer: Observer, happened: Callable[[], bool], folder: Path) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline_s, f"it did not come up:\n{logs(folder)}"
        observer.spin(0.2)


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_comes_up_and_goes_down(path: Path, observer: Observer, tmp_path: Path) -> None:
    with launched(path, tmp_path) as running:
        names = set(running)
        wait_for(observer, lambda: names <= set(observer.seen.health), tmp_path)
        assert end(running) == dict.fromkeys(names, 0)
    assert "Traceback" not in logs(tmp_path)


def is_patient(pid: int) -> bool:
    """Whether a process leaves the processor to those that were started beside it."""
    return os.getpriority(os.PRIO_PROCESS, pid) > os.nice(0)


def test_the_whole_system_is_healthy(observer: Observer, tmp_path: Path) -> None:
    """Every row at its rate, every frame, every process: the doctor has nothing to say."""
    with launched(ROOT / "launch" / "sim.launch.xml", tmp_path) as running:
        assert set(running) == {process.name for process in PROCESSES}
        wait_for(observer, lambda: set(running) <= set(observer.seen.health), tmp_path)
        observer.spin(2.0)
        seen = observer.watch(WATCH_S)
        assert seen is not None
        assert [c for c in diagnose(seen) if not c.harmless] == []
        assert {name for name, one in running.items() if is_patient(one.pid)} == {"hri"}
        assert end(running) == dict.fromkeys(running, 0)


def test_nobody_but_perception_hears_unblurred_pictures_and_nobody_else_says_any(
    observer: Observer, tmp_path: Path
) -> None:
    node, pictures = observer._node, {}
    with launched(ROOT / "launch" / "sim.launch.xml", tmp_path) as running:
        wait_for(observer, lambda: set(running) <= set(observer.seen.health), tmp_path)
        observer.spin(2.0)
        for name, types in node.get_topic_names_and_types():
            if {"sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"} & set(types):
                said = {end.node_name for end in node.get_publishers_info_by_topic(name)}
                heard = {end.node_name for end in node.get_subscriptions_info_by_topic(name)}
                pictures[name.lstrip("/")] = (said, heard)
    assert {row.name for row in topics.UNBLURRED} <= set(pictures)
    for row in topics.UNBLURRED:
        said, heard = pictures.pop(row.name)
        assert said <= {"base"} and heard == {"perception"}, row.name
    ((name, (said, _)),) = pictures.items()
    assert (name, said) == (topics.CAMERA_BLURRED.name, {"perception"})


def test_a_wrong_parameter_stops_a_process_before_anything_moves(tmp_path: Path) -> None:
    path = ROOT / "launch" / "nav.launch.xml"
    with launched(path, tmp_path, controller="magic") as running:
        assert running["nav"].wait(PATIENCE_S) == 1
    assert "parameter 'controller' is 'magic'" in logs(tmp_path)


def test_a_robot_moves_under_a_namespace() -> None:
    path = ROOT / "launch" / "sim.launch.xml"
    arguments = {"site": "s", "run_folder": "r", "namespace": "rover_1"}
    specs = evaluate(path, arguments, source_packages(), os.environ)
    names = {spec.name for spec in specs}
    assert names == {"base", *(f"rover_1/{p.name}" for p in PROCESSES if p.name != "base")}
