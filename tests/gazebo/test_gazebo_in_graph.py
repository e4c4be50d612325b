"""Gazebo in the ROS graph: the same nodes, the same launch files, one patrol."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from tests.sim.test_patrol_in_graph import CALM, LIMIT_S, read_until, ronda, wait_until_gone

from ronda_cli.environment.gazebo import FOLDER_VARIABLE


def test_a_patrol_in_gazebo_ends_well_and_gazebo_with_it(
    named_gazebo: Path, tmp_path: Path
) -> None:
    before = set((named_gazebo / "tmp").glob("ronda-*"))
    scenario = tmp_path / "calm.yaml"
    scenario.write_text(CALM)
    options = ("--sim", "gazebo_classic", "--no-camera", "--speed", "max")
    with ronda("sim", *options, "--scenario", str(scenario)) as process:
        start = read_until(process, "patrol started")
        children = psutil.Process(process.pid).children(recursive=True)
        assert any(child.name() == "gzserver" for child in children)
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0, start + output
        assert "Patrol passed" in output
        wait_until_gone(children)
    assert set((named_gazebo / "tmp").glob("ronda-*")) <= before


def test_a_folder_without_gazebo_ends_the_run_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with ronda("sim", "--sim", "gazebo_classic", "--no-camera") as process:
        output, _ = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 1, output
        assert f"Gazebo Classic is not set up in {tmp_path}" in output
