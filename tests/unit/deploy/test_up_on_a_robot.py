"""What `./ronda up` starts and waits for on a robot: sensors' drivers, and the gate's inputs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from patrol_core.errors import ConfigError
from ronda_cli.commands.up import launch_file, needed_rows, write_includes
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.evaluate import evaluate
from ronda_cli.launcher.packages import PackageError, Packages, source_packages

ROBOT = ROOT / "launch" / "robot.launch.xml"
EXAMPLES = sorted((ROOT / "launch" / "examples").glob("*.launch.xml"))


def gate_file(folder: Path, body: str) -> Path:
    path = folder / "gate.yaml"
    path.write_text(f"/**:\n  ros__parameters: {body}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("{}", ["scan", "odom", "imu/data", "bumper", "estop"]),
        ("{required_inputs: [imu/data]}", ["scan", "odom", "imu/data", "estop"]),
        ("{required_inputs: [depth_obstacles]}", ["scan", "odom", "estop"]),
        ("{required_inputs: [''], required_estop_sources: ['']}", ["scan", "odom"]),
    ],
)
def test_the_base_is_there_once_what_the_gate_needs_is(
    tmp_path: Path, body: str, names: list[str]
) -> None:
    assert [row.name for row in needed_rows(gate_file(tmp_path, body))] == names


def test_a_gate_file_with_a_mistake_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="sonar"):
        needed_rows(gate_file(tmp_path, "{required_inputs: [sonar]}"))


def test_sensors_run_beside_the_system_in_the_robot_s_namespace(tmp_path: Path) -> None:
    files = []
    for name in ("lidar", "a&b"):
        files.append(tmp_path / f"{name}.launch.xml")
        files[-1].write_text('<launch><node pkg="patrol_sim" exec="sim_node" name="x"/></launch>')
    both = write_includes(tmp_path / "sensors.launch.xml", [launch_file(f) for f in files])
    arguments = {"site": "s", "run_folder": "r", "namespace": "r1", "sensors": str(both)}
    names = [spec.name for spec in evaluate(ROBOT, arguments, source_packages(), os.environ)]
    assert names[:2] == ["r1/x", "r1/x-2"] and "r1/gate" in names


def test_a_sensor_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such launch file"):
        launch_file(tmp_path / "lidar.launch.xml")


def test_a_driver_that_ros_has_installed_is_found(tmp_path: Path) -> None:
    program = tmp_path / "lib" / "some_lidar" / "lidar_node"
    index = tmp_path / "share" / "ament_index" / "resource_index" / "packages" / "some_lidar"
    for path in (program, index):
        path.parent.mkdir(parents=True)
        path.touch()
    program.chmod(0o755)
    packages = Packages([], [tmp_path / "elsewhere", tmp_path])
    assert packages.command("some_lidar", "lidar_node") == (str(program),)
    assert packages.share("some_lidar") == tmp_path / "share" / "some_lidar"
    with pytest.raises(PackageError, match="did you mean 'lidar_node'"):
        packages.command("some_lidar", "lidar_nod")
    with pytest.raises(PackageError, match="no package 'other'"):
        packages.share("other")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_starts_one_driver_in_a_frame_and_on_rows_that_ronda_knows(
    tmp_path: Path, path: Path
) -> None:
    for name, program in (("sllidar_ros2", "sllidar_node"), ("ldlidar_stl_ros2", "")):
        index = tmp_path / "share" / "ament_index" / "resource_index" / "packages" / name
        node = tmp_path / "lib" / name / (program or f"{name}_node")
        for file in (index, node):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(0o755)
    installed = Packages(
        [ROOT / "urdf", ROOT / "ros2_ws" / "src" / "patrol_camera_ros"], [tmp_path]
    )
    (spec,) = evaluate(path, {}, installed, os.environ)
    assert spec.respawn
    words = " ".join(spec.argv)
    if spec.name == "lidar":
        assert 'frame_id:="lidar_link"' in words and "/dev/ronda_lidar" in words
    else:
        assert spec.name == "camera" and "/dev/ronda_camera" in words
