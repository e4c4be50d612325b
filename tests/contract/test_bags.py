"""Bags for `./ronda bench people`: what is read from them, and what is said of no such file."""

from __future__ import annotations

import math
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _bags import read_recordings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosbags.rosbag1 import Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from patrol_core.errors import ConfigError
from ronda_cli.environment.paths import ROOT

BEAMS = 90
PERSON = "geometry_msgs/Pose pose\nuint32 id\n"
TYPES = get_typestore(Stores.ROS1_NOETIC)
TYPES.register(get_types_from_msg(PERSON, "leg_tracker/msg/Person"))
TF = "geometry_msgs/TransformStamped[] transforms\n"
TYPES.register(get_types_from_msg(TF, "tf2_msgs/msg/TFMessage"))


def made(name: str, **fields: Any) -> Any:
    return TYPES.types[name](**fields)


def header(stamp_s: float, frame: str) -> Any:
    stamp = made("builtin_interfaces/msg/Time", sec=int(stamp_s), nanosec=int(stamp_s % 1 * 1e9))
    return made("std_msgs/msg/Header", seq=0, stamp=stamp, frame_id=frame)


def scan(stamp_s: float) -> Any:
    """Nothing but a leg ahead, an error code in the first beam."""
    ranges = np.full(BEAMS, 5.0, np.float32)
    ranges[0], ranges[44:47] = 0.01, 2.0
    return made(
        "sensor_msgs/msg/LaserScan", header=header(stamp_s, "/laser"), angle_min=-math.pi / 2.0,
        angle_max=math.pi / 2.0, angle_increment=math.pi / (BEAMS - 1), time_increment=0.0,
        scan_time=0.1, range_min=0.02, range_max=11.0, ranges=ranges,
        intensities=np.zeros(0, np.float32),
    )  # fmt: skip


def pose(x: float, y: float) -> Any:
    point = made("geometry_msgs/msg/Point", x=x, y=y, z=0.0)
    turn = made("geometry_msgs/msg/Quaternion", x=0.0, y=0.0, z=0.0, w=1.0)
    return made("geometry_msgs/msg/Pose", position=point, orientation=turn)


def edge(stamp_s: float, x: float) -> Any:
    move = made("geometry_msgs/msg/Vector3", x=x, y=0.0, z=0.0)
    turn = made("geometry_msgs/msg/Quaternion", x=0.0, y=0.0, z=0.0, w=1.0)
    transform = made("geometry_msgs/msg/Transform", translation=move, rotation=turn)
    sample = made(
        "geometry_msgs/msg/TransformStamped", header=header(stamp_s, "/odom"),
        child_frame_id="/laser", transform=transform,
    )  # fmt: skip
    return made("tf2_msgs/msg/TFMessage", transforms=[sample])


def write(path: Path, said: list[tuple[str, Any]], compressed: str | None = None) -> Path:
    """A bag with these values, one a tenth of a second."""
    writer = Writer(path)
    if compressed is not None:
        writer.set_compression(Writer.CompressionFormat[compressed])
    with writer:
        known: dict[str, Any] = {}
        for number, (topic, value) in enumerate(said):
            kind = value.__msgtype__
            if topic not in known:
                known[topic] = writer.add_connection(topic, kind, typestore=TYPES)
            writer.write(known[topic], number * 10**8, TYPES.serialize_ros1(value, kind))
    return path


def walked() -> list[tuple[str, Any]]:
    """Five scans of a lidar that goes ahead, somebody labelled after the second and the fourth."""
    said: list[tuple[str, Any]] = []
    for k in range(5):
        said += [("/tf", edge(0.2 * k, 0.1 * k)), ("/scan", scan(0.2 * k))]
        if k in (1, 3):
            label = made("leg_tracker/msg/Person", pose=pose(2.0, 0.0), id=7)
            said.append(("/ground_truth_people_tracks", label))
    return said


@pytest.mark.parametrize("compressed", [None, "BZ2", "LZ4"])
def test_people_labelled_after_their_scan_and_odometry(
    tmp_path: Path, compressed: str | None
) -> None:
    (recording,) = read_recordings(write(tmp_path / "a.bag", walked(), compressed))
    assert recording.name == "a" and len(recording.scans) == 5
    assert recording.people is not None and recording.legs is None
    assert [len(here) for here in recording.people] == [0, 1, 0, 1, 0]
    assert recording.people[1][0].name == "7" and recording.people[1][0].x_m == 2.0
    assert recording.by_odometry
    assert [round(pose.x_m, 3) for pose in recording.poses] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert math.isinf(recording.scans[0].ranges_m[0]), "an error code is no echo"


def test_legs_labelled_before_their_scan_in_a_zip_without_odometry(tmp_path: Path) -> None:
    said: list[tuple[str, Any]] = []
    for k in range(3):
        legs = [pose(2.0, 0.1), pose(2.0, -0.1)]
        array = made("geometry_msgs/msg/PoseArray", header=header(0.0, "laser"), poses=legs)
        said += [("/leg_cluster_positions", array), ("/training_scan", scan(0.2 * k))]
    write(tmp_path / "legs.bag", said)
    with zipfile.ZipFile(tmp_path / "legs.bag.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(tmp_path / "legs.bag", "legs.bag")
    (recording,) = read_recordings(tmp_path / "legs.bag.zip")
    assert recording.name == "legs" and not recording.by_odometry
    assert recording.people is not None
    assert [[p.name for p in here] for here in recording.people] == [["1"]] * 3
    assert recording.legs == [[(2.0, 0.1), (2.0, -0.1)]] * 3


def test_each_lidar_of_several_is_a_recording(tmp_path: Path) -> None:
    said = [(topic, scan(0.2 * k)) for k in range(3) for topic in ("/left", "/right")]
    found = read_recordings(write(tmp_path / "two.bag", said))
    assert [recording.name for recording in found] == ["two /left", "two /right"]
    assert all(recording.people is None for recording in found)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b"", "empty"), (b"nonsense" * 40, "cannot be read as a bag"),
     (b"PK\x03\x04 and no more", "cannot be read")],
)  # fmt: skip
def test_what_is_no_bag_is_told_with_its_place(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "x.bag"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        read_recordings(path)
    assert str(path) in str(caught.value) and "to do:" in str(caught.value)


def test_a_bag_without_scans_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "x.bag", [("/tf", edge(0.0, 0.0))])
    with pytest.raises(ConfigError, match="no scans"):
        read_recordings(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("bag") / "w.bag", walked()).read_bytes()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_bag_is_read_or_told_never_a_crash(
    tmp_path: Path, whole: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "d.bag"
    path.write_bytes(bytes(damaged[: data.draw(st.integers(0, len(whole)))]))
    said = ""
    try:
        read = read_recordings(path)
    except ConfigError as error:
        said = str(error)
    assert ("d.bag" in said and "\n" not in said) or all(recording.scans for recording in read)


def test_the_benchmark_says_it_in_one_sentence_and_ends_with_1(
    tmp_path: Path, whole: bytes
) -> None:
    path = tmp_path / "half.bag"
    path.write_bytes(whole[: len(whole) // 2])
    command = [sys.executable, str(ROOT / "bench" / "people.py"), str(path)]
    told = subprocess.run(
        [*command, "--out", str(tmp_path / "p.png")], capture_output=True, text=True, check=False
    )
    assert told.returncode == 1 and told.stdout == ""
    assert told.stderr.startswith("people: could not measure: ") and told.stderr.count("\n") == 1
    assert not (tmp_path / "p.png").exists()
