"""`sim:=gazebo`: what is started with which words, and what is said where Gazebo is missing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from patrol_core.errors import RondaError
from patrol_core.processes import PROCESSES
from ronda_cli.environment.paths import ROOT
from ronda_cli.gazebo import need_gazebo
from ronda_cli.launcher.evaluate import ProcessSpec, evaluate
from ronda_cli.launcher.launch_file import LaunchError
from ronda_cli.launcher.packages import COLCON_FOLDERS, Packages, source_packages

SIM = ROOT / "launch" / "sim.launch.xml"
CONFIG = ROOT / "launch" / "config"


@pytest.fixture
def with_bridge(tmp_path: Path) -> Packages:
    """Our packages, and an installed `ros_gz_bridge`."""
    index = tmp_path / "share" / "ament_index" / "resource_index" / "packages"
    index.mkdir(parents=True)
    (index / "ros_gz_bridge").touch()
    program = tmp_path / "lib" / "ros_gz_bridge" / "parameter_bridge"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    folders = (path for pattern in COLCON_FOLDERS for path in sorted(ROOT.glob(pattern)))
    return Packages(folders, [tmp_path])


def started(packages: Packages, **arguments: str) -> dict[str, ProcessSpec]:
    given = {"sim": "gazebo", "site": "s", "run_folder": "r", "world": "/w.sdf", **arguments}
    return {spec.name: spec for spec in evaluate(SIM, given, packages, os.environ)}


def test_gazebo_the_bridge_and_every_process_are_started(with_bridge: Packages) -> None:
    specs = started(with_bridge)
    assert set(specs) == {"gazebo", "gazebo_bridge", *(process.name for process in PROCESSES)}
    assert specs["gazebo"].argv == ("gz", "sim", "-r", "/w.sdf")
    server = specs["gazebo"].env["GZ_SIM_SERVER_CONFIG_PATH"]
    assert Path(server) == CONFIG / "gazebo_server.config" and Path(server).is_file()
    assert "GZ_SIM_SERVER_CONFIG_PATH" not in specs["base"].env
    assert all(specs[name].required for name in ("gazebo", "gazebo_bridge", "base"))
    bridge = " ".join(specs["gazebo_bridge"].argv)
    assert f"config_file:={CONFIG / 'gazebo_bridge.yaml'}" in bridge.replace("'", "").replace(
        '"', ""
    )
    assert "expand_gz_topic_names:=true" in bridge
    assert specs["base"].argv[:3] == (sys.executable, "-m", "patrol_sim_ros.harmonic_node")


def test_headless_and_in_a_namespace(with_bridge: Packages) -> None:
    specs = started(with_bridge, headless="true", namespace="rover_1")
    assert specs["gazebo"].argv == ("gz", "sim", "-r", "-s", "--headless-rendering", "/w.sdf")
    bridge = specs["rover_1/gazebo_bridge"].argv
    assert "__ns:=/rover_1" in bridge
    assert "base" in specs and "rover_1/gate" in specs


def test_without_the_bridge_the_launch_file_says_so() -> None:
    with pytest.raises(LaunchError, match="there is no package 'ros_gz_bridge'"):
        started(Packages(sorted(ROOT.glob("ros2_ws/src/*")) + [ROOT / p for p in ("sim", "urdf")]))


def test_what_is_missing_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, with_bridge: Packages
) -> None:
    with pytest.raises(RondaError, match="leave --speed out"):
        need_gazebo(0.0)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(RondaError, match=r"no 'gz'.*docs/GAZEBO.md"):
        need_gazebo(1.0)
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.delenv("AMENT_PREFIX_PATH", raising=False)
    with pytest.raises(RondaError, match="the bridge to Gazebo is missing"):
        need_gazebo(1.0, source_packages())
    monkeypatch.setitem(sys.modules, "gz", None)
    with pytest.raises(RondaError, match="Python modules"):
        need_gazebo(1.0, with_bridge)
