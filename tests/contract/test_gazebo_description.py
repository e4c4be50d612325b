"""The robot's parts for Gazebo Harmonic: names, rates, frames and noise; and what other libraries
read from the same URDF."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest
import yaml
import yourdfpy

from patrol_core import topics
from patrol_core.robot import OPTICAL_IN_CAMERA_LINK, load_robot
from patrol_core.robot_description import expand_xacro
from patrol_core.topics import Topic
from patrol_sim.harmonic.bridge import BRIDGED
from patrol_sim.params import SimParams
from patrol_sim.urdf import urdf_spec
from ronda_cli import gazebo_bridge_page
from ronda_cli.environment.paths import ROOT

URDF = ROOT / "urdf" / "urdf" / "rover.urdf.xacro"
ROBOT = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
HARMONIC = expand_xacro(URDF, arguments={"gazebo": "harmonic"})
SYSTEMS = {
    "gz-sim-contact-system": "Contact",
    "gz-sim-imu-system": "Imu",
    "gz-sim-joint-controller-system": "JointController",
    "gz-sim-joint-state-publisher-system": "JointStatePublisher",
    "gz-sim-linearbatteryplugin-system": "LinearBatteryPlugin",
    "gz-sim-navsat-system": "NavSat",
    "gz-sim-physics-system": "Physics",
    "gz-sim-pose-publisher-system": "PosePublisher",
    "gz-sim-scene-broadcaster-system": "SceneBroadcaster",
    "gz-sim-sensors-system": "Sensors",
    "gz-sim-user-commands-system": "UserCommands",
}
"""Library and class of gz-sim 8.14: `gz_add_system` in src/systems/*/CMakeLists.txt (the library
is `gz-sim-<name>-system`), GZ_ADD_PLUGIN_ALIAS beside it (`gz::sim::systems::<class>`).
"""
NEEDED_BY = {
    "contact": "Contact", "gpu_lidar": "Sensors", "imu": "Imu", "navsat": "NavSat",
    "rgbd_camera": "Sensors",
}  # fmt: skip


def plugins(root: ET.Element) -> list[tuple[str | None, str | None]]:
    return [(plugin.get("filename"), plugin.get("name")) for plugin in root.iter("plugin")]


def sensors() -> dict[str, tuple[str, ET.Element]]:
    """Every sensor by its type (contacts by their name), with the link that it is on."""
    found = {}
    for extension in ET.fromstring(HARMONIC).iter("gazebo"):
        for sensor in extension.findall("sensor"):
            kind, name = str(sensor.get("type")), str(sensor.get("name"))
            found[name if kind == "contact" else kind] = (str(extension.get("reference")), sensor)
    return found


def number(sensor: ET.Element, path: str) -> float:
    return float(str(sensor.findtext(path)))


def test_without_gazebo_there_is_nothing_of_it() -> None:
    assert not list(ET.fromstring(expand_xacro(URDF)).iter("gazebo"))


def test_systems_are_called_as_gazebo_calls_them() -> None:
    server = ET.parse(ROOT / "launch" / "config" / "gazebo_server.config").getroot()
    used = plugins(server) + plugins(ET.fromstring(HARMONIC))
    known = {(file, f"gz::sim::systems::{name}") for file, name in SYSTEMS.items()}
    assert set(used) == known
    in_world = {str(name).rpartition(":")[2] for _, name in plugins(server)}
    needed = {NEEDED_BY[str(s.get("type"))] for _, s in sensors().values()}
    assert in_world == needed | {"Physics", "UserCommands", "SceneBroadcaster"}


@pytest.mark.parametrize(
    ("kind", "row", "link"),
    [
        ("gpu_lidar", topics.SCAN, "lidar_link"),
        ("imu", topics.IMU, "imu_link"),
        ("navsat", topics.FIX, "gnss_link"),
        ("rgbd_camera", topics.CAMERA_DEPTH, "camera_link"),
    ],
)
def test_a_sensor_has_the_rate_and_frame_of_its_row(kind: str, row: Topic[Any], link: str) -> None:
    on, sensor = sensors()[kind]
    assert (on, sensor.findtext("gz_frame_id")) == (link, link)
    assert number(sensor, "update_rate") == row.rate_hz
    assert sensor.findtext("always_on") == "true"


def test_joints_and_pose_come_as_often_as_the_base_ticks() -> None:
    root = ET.fromstring(HARMONIC)
    rates = [float(str(e.text)) for tag in ("update_frequency",) for e in root.iter(tag)]
    rates += [
        number(p, "update_rate") for p in root.iter("plugin") if p.find("update_rate") is not None
    ]
    assert rates == [topics.ODOM.rate_hz, topics.ODOM.rate_hz]


def test_the_lidar_is_that_of_the_robot_file() -> None:
    _, sensor = sensors()["gpu_lidar"]
    lidar, scan = ROBOT.lidar, "lidar/scan/horizontal/"
    step = lidar.field_of_view_rad / lidar.beams
    low, high = number(sensor, scan + "min_angle"), number(sensor, scan + "max_angle")
    assert number(sensor, scan + "samples") == lidar.beams
    assert (high - low) / (lidar.beams - 1) == pytest.approx(step)
    assert low == pytest.approx(-lidar.field_of_view_rad / 2.0 + step / 2.0)
    limits = (number(sensor, "lidar/range/min"), number(sensor, "lidar/range/max"))
    assert limits == (lidar.range_min_m, lidar.range_max_m)


def test_the_camera_is_that_of_the_robot_file() -> None:
    _, sensor = sensors()["rgbd_camera"]
    camera = ROBOT.camera
    size = (number(sensor, "camera/image/width"), number(sensor, "camera/image/height"))
    assert size == (camera.width_px, camera.height_px)
    assert number(sensor, "camera/horizontal_fov") == camera.horizontal_fov_rad
    assert number(sensor, "camera/depth_camera/clip/far") == camera.depth_max_m
    assert sensor.findtext("camera/optical_frame_id") == "camera_optical_frame"


def test_noise_is_that_of_the_embedded_simulator() -> None:
    params, found = SimParams(), {kind: sensor for kind, (_, sensor) in sensors().items()}
    assert number(found["gpu_lidar"], "lidar/noise/stddev") == params.lidar.sigma_m
    for axis in "xyz":
        rate, force = (
            f"imu/{what}/{axis}/noise/" for what in ("angular_velocity", "linear_acceleration")
        )
        imu = found["imu"]
        assert number(imu, rate + "stddev") == params.imu.gyro_noise_radps
        assert number(imu, rate + "bias_stddev") == params.imu.gyro_bias_std_radps
        assert number(imu, force + "stddev") == params.imu.accel_noise_mps2
        assert number(imu, force + "bias_stddev") == params.imu.accel_bias_std_mps2
    for axis in ("horizontal", "vertical"):
        position = f"navsat/position_sensing/{axis}/noise/stddev"
        assert number(found["navsat"], position) == params.gnss.white_std_m


def test_the_battery_is_that_of_the_embedded_simulator() -> None:
    (plugin,) = (
        p for p in ET.fromstring(HARMONIC).iter("plugin") if "battery" in str(p.get("filename"))
    )
    params, battery = SimParams().battery, ROBOT.battery
    capacity_ah = battery.capacity_wh / battery.nominal_voltage_v
    assert number(plugin, "capacity") == pytest.approx(capacity_ah)
    assert number(plugin, "initial_charge") == pytest.approx(params.initial_fraction * capacity_ah)
    assert number(plugin, "power_load") == params.idle_w
    assert number(plugin, "resistance") == params.resistance_ohm
    hours = battery.capacity_wh / params.charge_w
    assert number(plugin, "charging_time") == pytest.approx(hours)


def test_the_bridge_carries_what_the_robot_says_in_gazebo() -> None:
    """Contacts, pose and battery go to the node by Gazebo's own transport; all else is bridged."""
    root = ET.fromstring(HARMONIC)
    said = {str(topic.text) for topic in root.iter("topic")}
    camera = "/gazebo/camera"
    named = said - {camera} | {f"{camera}/image", f"{camera}/depth_image"}
    others = {f"/gazebo/contacts/{part}" for part in ("front", "rear", "hull")} | {"/gazebo/pose"}
    assert {f"/{bridged.topic}" for bridged in BRIDGED} == named - others
    rows = {bridged.row.name for bridged in BRIDGED if bridged.row}
    measured = {"scan", "imu/data", "fix", "joint_states", topics.CAMERA_RAW.name}
    assert rows == measured | {topics.CAMERA_DEPTH.name}


def test_the_bridges_file_is_what_the_bridge_reads() -> None:
    entries = yaml.safe_load(gazebo_bridge_page.PAGE.read_text(encoding="utf-8"))
    keys = {"ros_topic_name", "gz_topic_name", "ros_type_name", "gz_type_name", "direction"}
    assert all(set(entry) == keys | {"lazy"} for entry in entries)
    assert all(not entry["gz_topic_name"].startswith("/") for entry in entries)
    to_gazebo = {e["ros_topic_name"] for e in entries if e["direction"] == "ROS_TO_GZ"}
    assert to_gazebo == {"gazebo/left_wheel", "gazebo/right_wheel"}


@pytest.fixture(scope="module", params=["none", "harmonic"])
def both(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """One description as MuJoCo and as yourdfpy read it."""
    text = expand_xacro(URDF, arguments={"gazebo": request.param})
    own = urdf_spec(text, Path("rover.urdf")).compile()
    other = yourdfpy.URDF.load(
        io.BytesIO(text.encode()), build_scene_graph=True, load_meshes=False
    )
    return own, other


def test_two_libraries_read_the_same_masses_and_inertias(both: tuple[Any, Any]) -> None:
    own, other = both
    assert {link.name for link in other.robot.links} <= {
        own.body(i).name for i in range(own.nbody)
    }
    for link in other.robot.links:
        body = own.body(link.name)
        assert body.mass[0] == pytest.approx(link.inertial.mass if link.inertial else 0.0)
        if not link.inertial:
            continue
        turn = link.inertial.origin[:3, :3] if link.inertial.origin is not None else np.eye(3)
        expected = turn @ np.array(link.inertial.inertia) @ turn.T
        rotation = np.zeros(9)
        mujoco.mju_quat2Mat(rotation, body.iquat)
        matrix = rotation.reshape(3, 3)
        read = matrix @ np.diag(body.inertia) @ matrix.T
        np.testing.assert_allclose(read, expected, atol=1e-9)
        middle = link.inertial.origin[:3, 3] if link.inertial.origin is not None else np.zeros(3)
        np.testing.assert_allclose(body.ipos, middle, atol=1e-12)


def test_two_libraries_put_links_and_joints_in_the_same_places(both: tuple[Any, Any]) -> None:
    own, other = both
    data = mujoco.MjData(own)
    mujoco.mj_kinematics(own, data)
    for link in other.robot.links:
        there = other.get_transform(link.name, "base_link")
        body = data.body(link.name)
        np.testing.assert_allclose(body.xpos, there[:3, 3], atol=1e-9)
        np.testing.assert_allclose(body.xmat.reshape(3, 3), there[:3, :3], atol=1e-9)
    moving = {joint.name: joint.axis for joint in other.robot.joints if joint.type != "fixed"}
    assert set(moving) == {"left_wheel_joint", "right_wheel_joint"}
    for name, axis in moving.items():
        np.testing.assert_allclose(own.joint(name).axis, axis)


def test_sensors_are_where_the_robot_file_says(both: tuple[Any, Any]) -> None:
    _, other = both
    for parent, child, mount in ROBOT.mounts():
        read = other.get_transform(child, parent)
        np.testing.assert_allclose(read, mount.matrix(), atol=1e-9)
    assert OPTICAL_IN_CAMERA_LINK in {mount for _, _, mount in ROBOT.mounts()}
