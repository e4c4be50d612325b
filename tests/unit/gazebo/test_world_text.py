"""The world that Gazebo is given: the same file, and what the scenario adds."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from tests.simulated import ROOT

from patrol_core.geometry import Pose2
from patrol_gazebo.errors import GazeboError
from patrol_gazebo.gazebo_body import Collisions
from patrol_gazebo.world_text import ground_collisions, robot_model, world_text
from patrol_sim.body import ROTOR_INERTIA_KGM2
from patrol_sim.removal import Removal
from patrol_sim.scenario import Scenario, Start, load_scenario
from patrol_sim.sdf import load_world

YARD = ROOT / "sim" / "worlds" / "yard.sdf"


def wheel(name: str) -> str:
    return (
        f"<link name='{name}'><inertial><inertia><izz>0.01</izz></inertia></inertial>"
        f"<collision name='{name}_collision'><geometry><cylinder><radius>0.09</radius>"
        "<length>0.06</length></cylinder></geometry></collision></link>"
    )


ROBOT = (
    "<sdf version='1.7'><model name='rover'><link name='base_link'>"
    "<collision name='lump__lidar_housing_collision_1'/><collision name='lump__deck_collision'/>"
    "<collision name='lump__left_caster_collision_7'/><visual name='shell'/>"
    "<sensor name='lidar' type='gpu_lidar'/></link>"
    f"{wheel('left_wheel')}{wheel('right_wheel')}<plugin name='diff_drive' filename='x'/>"
    "</model></sdf>"
)


def test_everything_of_the_world_and_of_the_scenario_is_in_it_and_nothing_that_is_only_seen() -> (
    None
):
    world, scenario = load_world(YARD), load_scenario(ROOT / "sim" / "scenarios" / "yard.yaml")
    text = world_text(world, scenario, {"robot": ROBOT}, seed=1)
    root = ET.fromstring(text)
    names = [model.get("name") for model in root.iter("model")]
    assert [name for name in names if "/" not in str(name)] == [
        *(model.name for model in world.models), "robot",
    ]  # fmt: skip
    assert "person/on_the_east_side/left_leg" in names and "object/box" in names
    assert not list(root.iter("visual")) and not list(root.iter("light"))
    assert root.findtext("world/physics/real_time_update_rate") == "0"
    assert root.findtext("world/physics/max_step_size") == "0.002"
    assert ground_collisions(text) == {"ground::link::plane"}
    plugin = root.find("world/plugin")
    assert plugin is not None and plugin.findtext("robot") == "robot"


def test_the_robot_rolls_slides_and_carries_no_other_simulators_parts() -> None:
    model = robot_model(ROBOT, "first")
    names = [collision.get("name") for collision in model.iter("collision")]
    assert model.get("name") == "first"
    assert "lump__lidar_housing_collision_1" in names and "lump__deck_collision" in names
    assert not [e for e in model.iter() if e.tag in ("visual", "sensor", "plugin")]
    assert [e.text for e in model.iter("mu")] == ["0.0"]
    for name in ("left_wheel", "right_wheel"):
        link = next(link for link in model.iter("link") if link.get("name") == name)
        assert link.findtext("inertial/inertia/izz") == repr(0.01 + ROTOR_INERTIA_KGM2)
        tyre, tread = link.findall("collision")
        assert tread.findtext("geometry/cylinder/radius") == "0.09"
        assert float(tyre.findtext("geometry/cylinder/radius", "")) < 0.09


@pytest.mark.parametrize("text", ["<sdf/>", ROBOT.replace("right_wheel", "third_wheel")])
def test_a_robot_without_wheels_is_refused(text: str) -> None:
    with pytest.raises(GazeboError):
        robot_model(text, "robot")


def test_a_cut_model_stands_where_it_stood() -> None:
    gap = Removal("fence_east", 2.0, 4.0)
    scenario = Scenario("gap", (Start(Pose2(0.0, 0.0)),), removed=(gap,))
    root = ET.fromstring(world_text(load_world(YARD), scenario, {}, seed=1))
    (fence,) = (m for m in root.iter("model") if m.get("name") == "fence_east")
    pose = [float(value) for value in str(fence.findtext("pose")).split()]
    assert pose == pytest.approx([7.5, -5.0, 0.0, 0.0, 0.0, 1.571])
    sizes = [float(size.text.split()[0]) for size in fence.iter("size") if size.text]
    assert max(sizes) == pytest.approx(6.0) and 10.0 not in sizes


def test_whose_a_collision_is() -> None:
    names = ("ground::link::plane", "person/eva/torso::link::0", "object/box::link::0", "a::b::c")
    known = Collisions.of(names, {"ground::link::plane"})
    assert known.owners == ("ground", "eva", "box", "a")
    assert known.people.tolist() == [False, True, False, False]
    assert known.ground.tolist() == [True, False, False, False]
