"""Recordings of ROS 1 (.bag, or one such file in a .zip) with scans, and what is said beside them.

Labels in the forms of Leigh et al. 2015: positions of people with their numbers, each stamped
between the scan that it was set for and the next; or positions of legs, each written just before
its scan. Both in the frame of the lidar.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from _clear_mot import Somebody
from _leg_truth import Leg, people_of
from _scan_odometry import poses_of
from rosbags.rosbag1 import Reader, ReaderError
from rosbags.typesys import Stores, TypesysError, get_types_from_msg, get_typestore

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import Pose2, Transform3
from patrol_core.transforms import TransformBuffer
from patrol_core.types.motion import StampedTransform, Transforms
from patrol_core.types.sensors import LaserScan

_SCAN, _PEOPLE, _LEGS, _TF = "/LaserScan", "/Person", "/PoseArray", "/TFMessage"
_OLD_TF = "tf/msg/tfMessage"
_OWN_M, _OWN_TOLERANCE_M, _OWN_SHARE, _MOVED_M = 1.0, 0.05, 0.3, 1.0
_FIXED = "odom"
_ALWAYS = -1.0
"""Stamp of what `tf_static` says."""
_SILENT_S = 0.5
_KNOWN_SHARE = 0.9
_DAMAGE = (
    AssertionError, AttributeError, EOFError, IndexError, KeyError, MemoryError, OSError,
    OverflowError, RuntimeError, TypeError, ValueError, struct.error,
)  # fmt: skip
"""What a reader may raise on bytes that nobody wrote."""
_LARGEST_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The scans of one lidar, where it was at each, and who was where, by the labels.

    `poses`: in the frame of the odometry (`by_odometry`), or found from the scans alone. `people`:
    and `legs`: in the frame of the lidar, one list a scan; None where the file has no such labels.
    """

    name: str
    scans: list[LaserScan]
    poses: list[Pose2]
    by_odometry: bool
    people: list[list[Somebody]] | None
    legs: list[list[Leg]] | None


@dataclass(eq=False)
class _Contents:
    """What a bag says, in its order; labels by the number of the scan that they belong to."""

    scans: dict[str, list[LaserScan]] = field(default_factory=lambda: defaultdict(list))
    people: dict[int, list[Somebody]] = field(default_factory=lambda: defaultdict(list))
    legs: dict[int, list[Leg]] = field(default_factory=lambda: defaultdict(list))
    edges: list[StampedTransform] = field(default_factory=list)


def read_recordings(path: Path) -> list[Recording]:
    """One recording for each topic with scans. Raises ConfigError where that cannot be read."""
    if not path.is_file():
        raise _wrong(path, "there is no such file", "check the path")
    with _unpacked(path) as bag:
        try:
            contents = _read(bag)
        except (ReaderError, TypesysError) as error:
            raise _wrong(path, f"this cannot be read as a bag of ROS 1: {_line(error)}") from error
        except _DAMAGE as error:
            raise _wrong(path, f"this bag is damaged: {_line(error)}") from error
    if not contents.scans:
        raise _wrong(path, "this bag has no scans (sensor_msgs/LaserScan)")
    name = path.name.removesuffix(".zip").removesuffix(".bag")
    alone = len(contents.scans) == 1
    return [
        _recording(name if alone else f"{name} {topic}", scans, contents, labelled=alone)
        for topic, scans in sorted(contents.scans.items())
    ]


def _wrong(path: Path, problem: str, remedy: str = "give a whole .bag or .bag.zip") -> ConfigError:
    return ConfigError(
        problem, place=Place(path), expected="a bag of ROS 1 with scans", remedy=remedy
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The bag itself: `path`, or what a .zip holds, for as long as it is needed."""
    if not zipfile.is_zipfile(path):
        if path.stat().st_size == 0:
            raise _wrong(path, "this file is empty")
        if path.suffix == ".zip":
            raise _wrong(path, "this is not a whole .zip file")
        yield path
        return
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as packed:
        bags = [
            item for item in packed.infolist()
            if item.filename.endswith(".bag") and not item.filename.startswith("__MACOSX")
        ]  # fmt: skip
        if len(bags) != 1:
            raise _wrong(path, f"this .zip holds {len(bags)} bags, not one")
        if bags[0].file_size > _LARGEST_BYTES:
            raise _wrong(path, "the bag in this .zip is larger than 4 GiB", "unpack it first")
        try:
            unpacked = Path(packed.extract(bags[0], folder))
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise _wrong(path, f"this .zip is damaged: {_line(error)}") from error
        yield unpacked


def _read(bag: Path) -> _Contents:
    types = get_typestore(Stores.ROS1_NOETIC)
    contents = _Contents()
    with Reader(bag) as reader:
        wanted = [
            c for c in reader.connections
            if c.msgtype.endswith((_SCAN, _PEOPLE, _LEGS, _TF)) or c.msgtype == _OLD_TF
        ]  # fmt: skip
        for connection in wanted:
            if connection.msgtype not in types.fielddefs:
                definition = connection.msgdef.data
                types.register(get_types_from_msg(definition, connection.msgtype))
        if not wanted:
            return contents
        seen = 0
        for connection, _, raw in reader.messages(connections=wanted):
            message: Any = types.deserialize_ros1(raw, connection.msgtype)
            if connection.msgtype.endswith(_SCAN):
                contents.scans[connection.topic].append(_scan(message))
                seen += 1
            elif connection.msgtype.endswith(_PEOPLE):
                place = message.pose.position
                contents.people[seen - 1].append(Somebody(str(message.id), place.x, place.y))
            elif connection.msgtype.endswith(_LEGS):
                contents.legs[seen] += [(p.position.x, p.position.y) for p in message.poses]
            else:
                always = connection.topic.endswith("tf_static")
                contents.edges += [_edge(one, always=always) for one in message.transforms]
    return contents


def _scan(message: Any) -> LaserScan:
    """Readings below the least range are error codes of URG lidars for beams without an echo."""
    ranges = np.array(message.ranges, np.float32)
    with np.errstate(invalid="ignore"):
        ranges[ranges < message.range_min] = np.inf
    stamp = message.header.stamp
    if len(ranges) < 2 or not message.angle_increment > 0.0:
        raise ValueError("a scan without beams")
    return LaserScan(
        stamp.sec + stamp.nanosec * 1e-9, message.header.frame_id.lstrip("/"), message.angle_min,
        message.angle_increment, message.range_min, message.range_max, ranges,
    )  # fmt: skip


def _edge(message: Any, *, always: bool) -> StampedTransform:
    stamp, moved, turned = (
        message.header.stamp, message.transform.translation, message.transform.rotation,
    )  # fmt: skip
    return StampedTransform(
        _ALWAYS if always else stamp.sec + stamp.nanosec * 1e-9,
        message.header.frame_id.lstrip("/"),
        message.child_frame_id.lstrip("/"),
        Transform3((moved.x, moved.y, moved.z), (turned.x, turned.y, turned.z, turned.w)),
    )


def _recording(
    name: str, scans: list[LaserScan], contents: _Contents, *, labelled: bool
) -> Recording:
    numbers = range(len(scans))
    people = [contents.people[n] for n in numbers] if labelled and contents.people else None
    legs = [contents.legs[n] for n in numbers] if labelled and contents.legs else None
    if people is None and legs is not None:
        people = people_of(zip([scan.stamp_s for scan in scans], legs, strict=True))
    odometry = _poses(scans, contents.edges)
    poses = odometry or poses_of(scans)
    if max(pose.distance_to(poses[0]) for pose in poses) > _MOVED_M:
        _forget_own_body(scans)
        poses = odometry or poses_of(scans)
    return Recording(name, scans, poses, odometry is not None, people, legs)


def _forget_own_body(scans: Sequence[LaserScan]) -> None:
    """Blank the beams that end near a lidar that moves at the same range again and again."""
    if len({len(scan.ranges_m) for scan in scans}) > 1:
        return
    ranges: npt.NDArray[np.float32] = np.array([scan.ranges_m for scan in scans])
    near = ranges < _OWN_M
    usual = np.array([
        np.median(beam[here]) if here.any() else np.inf
        for beam, here in zip(ranges.T, near.T, strict=True)
    ])  # fmt: skip
    own = np.mean(near & (np.abs(np.where(near, ranges, 0.0) - usual) < _OWN_TOLERANCE_M), axis=0)
    for scan in scans:
        scan.ranges_m[own > _OWN_SHARE] = np.nan


def _poses(scans: Sequence[LaserScan], edges: Sequence[StampedTransform]) -> list[Pose2] | None:
    """The lidar in odom at every scan; None where nothing tells it."""
    if not any(edge.parent == _FIXED for edge in edges):
        return None
    frames = TransformBuffer(extrapolate_s=_SILENT_S)
    frames.update_static(Transforms(tuple(edge for edge in edges if edge.stamp_s == _ALWAYS)))
    waiting = sorted(
        (edge for edge in edges if edge.stamp_s != _ALWAYS), key=lambda edge: edge.stamp_s
    )
    found: list[Pose2 | None] = []
    used = 0
    for scan in scans:
        ready = used
        while ready < len(waiting) and waiting[ready].stamp_s <= scan.stamp_s + _SILENT_S:
            ready += 1
        frames.update([Transforms(tuple(waiting[used:ready]))])
        used = ready
        found.append(frames.try_pose(_FIXED, scan.frame_id, scan.stamp_s))
    known = [number for number, pose in enumerate(found) if pose is not None]
    if len(known) < _KNOWN_SHARE * len(scans):
        return None
    nearest = [known[int(np.argmin(np.abs(np.array(known) - n)))] for n in range(len(scans))]
    return [pose for number in nearest if (pose := found[number]) is not None]
