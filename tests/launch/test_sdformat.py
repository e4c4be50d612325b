"""libsdformat, which Gazebo reads worlds and robots with, finds no fault in ours."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from patrol_core.robot_description import expand_xacro
from patrol_sim.harmonic.solids import model_sdf
from patrol_sim.shapes import SKIN, object_parts, torso_parts
from ronda_cli.environment.paths import ROOT
from ronda_cli.environment.system import SDFORMAT

pytestmark = pytest.mark.skipif(
    shutil.which(SDFORMAT) is None,
    reason="libsdformat's command line is not installed (libsdformat-dev, ignition-tools)",
)
WORLDS = sorted((ROOT / "sim" / "worlds").glob("*.sdf"))
URDF = ROOT / "urdf" / "urdf" / "rover.urdf.xacro"


def sdformat(option: str, file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SDFORMAT, "sdf", option, str(file)], capture_output=True, text=True, check=False
    )


def as_gazebo_has_it(folder: Path, namespace: str = "") -> ET.Element:
    """The robot with its Gazebo parts, made SDF of by libsdformat."""
    file = folder / "rover.urdf"
    file.write_text(
        expand_xacro(URDF, arguments={"gazebo": "harmonic", "namespace": namespace}),
        encoding="utf-8",
    )
    checked = sdformat("-k", file)
    assert checked.stdout.strip() == "Valid.", checked.stdout + checked.stderr
    model = ET.fromstring(sdformat("-p", file).stdout).find("model")
    assert model is not None
    return model


@pytest.mark.parametrize("world", WORLDS, ids=lambda path: path.name)
def test_a_world_is_valid(world: Path) -> None:
    checked = sdformat("-k", world)
    assert checked.stdout.strip() == "Valid.", checked.stdout + checked.stderr


@pytest.mark.parametrize("kind", ["vehicle", "ball", "person"])
def test_a_model_that_a_scenario_spawns_is_valid(kind: str, tmp_path: Path) -> None:
    parts = object_parts(kind, (2.0, 1.0, 1.0), SKIN[0]) if kind != "person" else ()
    file = tmp_path / f"{kind}.sdf"
    file.write_text(model_sdf(kind, parts or torso_parts(SKIN[1], SKIN[0])), encoding="utf-8")
    checked = sdformat("-k", file)
    assert checked.stdout.strip() == "Valid.", checked.stdout + checked.stderr


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    file = tmp_path / "wrong.sdf"
    file.write_text(
        WORLDS[-1].read_text(encoding="utf-8").replace("_visual", ""), encoding="utf-8"
    )
    assert "Non-unique names" in sdformat("-k", file).stderr


def test_a_contact_sensor_names_solids_of_its_own_link(tmp_path: Path) -> None:
    felt = set()
    for link in as_gazebo_has_it(tmp_path).iter("link"):
        solids = {solid.get("name") for solid in link.findall("collision")}
        for sensor in link.findall("sensor[@type='contact']"):
            named = {solid.text for solid in sensor.iter("collision")}
            assert named == solids, sensor.get("name")
            felt.add(link.get("name"))
    assert felt == {"base_link", "front_bumper", "rear_bumper"}


def test_every_topic_is_in_the_robots_namespace(tmp_path: Path) -> None:
    topics = [str(topic.text) for topic in as_gazebo_has_it(tmp_path, "rover_1").iter("topic")]
    assert len(topics) == len(set(topics)) > 8
    assert all(topic.startswith("/rover_1/gazebo/") for topic in topics)


def test_the_robot_weighs_what_the_robot_file_says(tmp_path: Path) -> None:
    masses = [float(str(mass.text)) for mass in as_gazebo_has_it(tmp_path).iter("mass")]
    assert sum(masses) == pytest.approx(35.0)
