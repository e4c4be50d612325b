"""A flight recorder on its own: messages are pickled values, time is what the test says."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from mcap.records import McapRecord, Message

from patrol_core.bus import Mailbox
from patrol_core.geometry import Pose2
from patrol_core.site.model import Zone
from patrol_core.topics import (
    AMCL_POSE,
    GATE_STATUS,
    INCIDENTS,
    MAP,
    ODOM,
    SCAN,
    TELEOP_LEASE,
    TF_STATIC,
    Topic,
)
from patrol_core.types.maps import OccupancyGrid
from patrol_core.types.motion import Odometry, PoseEstimate, Transforms
from patrol_core.types.perception import FindingKind, Incident
from patrol_core.types.sensors import LaserScan
from patrol_core.types.status import Authority, GateState, GateStatus, TeleopLease
from patrol_records.flight.component import FlightRecorder
from patrol_records.flight.head import Setting
from patrol_records.flight.mending import whole_records
from patrol_records.flight.params import FlightParams
from tests.gate_world import ROBOT, make_site

EPOCH_S = 1.7e9
TICK_S = 0.5
SETTING = Setting(
    "r7", "Depot", "3 sha256:ab", "c0ffee", "core:1", EPOCH_S, {"site.yaml": "name: Depot\n"},
    "<robot name='rover'/>",
)  # fmt: skip
GATE = GateStatus(
    0.0, GateState.PASSING, Authority.MISSION, (), 1.0, 0.0, 0.0, 0.0, 0.0, 5.0
)  # fmt: skip
INCIDENT = Incident(
    0.0, 4, "f4", 1, FindingKind.OBJECT, 1.0, 2.0, "stands where it is free", False
)


class PickleWire:
    """Values as bytes without ROS."""

    def schema(self, topic: Topic[Any]) -> str:
        return f"string {topic.name.replace('/', '_')}\n"

    def encode(self, topic: Topic[Any], value: Any) -> bytes:
        return pickle.dumps(value)

    def decode(self, topic: Topic[Any], message: bytes) -> Any:
        return pickle.loads(message)


class Rig:
    """Hands a recorder what a robot says, twice a second; the pose stays `pose` (None: lost)."""

    def __init__(
        self, folder: Path, params: FlightParams | None = None, zones: tuple[Zone, ...] = ()
    ) -> None:
        self.wire = PickleWire()
        self.folder = folder / "flight"
        self.recorder = FlightRecorder(
            folder,
            make_site(zones=zones),
            ROBOT,
            params or FlightParams(),
            lambda: SETTING,
            EPOCH_S,
        )
        self.recorder.connect(self.wire)
        self.recorder.setup()
        self.mailbox = Mailbox(self.recorder.reads)
        self.now_s = 0.0
        self.pose: Pose2 | None = Pose2(0.0, 0.0)
        self.gate = GATE
        self.hear(TF_STATIC, Transforms(()))
        self.hear(MAP, OccupancyGrid(0.0, 1.0, 0.0, 0.0, np.zeros((4, 4), np.int8)))

    def hear(self, topic: Topic[Any], value: Any) -> None:
        self.recorder.hear(topic, self.wire.encode(topic, value), self.now_s)

    def run(self, seconds: float, incidents: Sequence[Incident] = (), holder: str = "") -> None:
        """Go on; what is handed in comes at the first tick."""
        said = [(INCIDENTS, replace(i, stamp_s=self.now_s)) for i in incidents]
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            for topic, value in said:
                self.mailbox.store(topic, value, self.now_s)
            said = []
            self.mailbox.store(GATE_STATUS, self.gate, self.now_s)
            self.hear(GATE_STATUS, self.gate)
            if holder:
                self.mailbox.store(TELEOP_LEASE, TeleopLease(self.now_s, holder, True), self.now_s)
            pose = self.pose
            if pose is not None:
                estimate = PoseEstimate(self.now_s, pose)
                self.mailbox.store(AMCL_POSE, estimate, self.now_s)
                self.hear(AMCL_POSE, estimate)
            self.hear(ODOM, Odometry(self.now_s, Pose2(0.0, 0.0), 0.0, 0.0))
            self.hear(SCAN, scan(self.now_s))
            self.recorder.step(self.mailbox.snapshot(), self.now_s)

    def messages(self) -> dict[str, list[tuple[float, Any]]]:
        """Of all recordings: time and value by row."""
        found: dict[str, list[tuple[float, Any]]] = {}
        for file in sorted(self.folder.glob("*.mcap")):
            for row, record in messages_of(file):
                if row != "robot_description":
                    value = pickle.loads(record.data)
                    found.setdefault(row, []).append((record.log_time * 1e-9, value))
        return found


def messages_of(file: Path) -> Iterator[tuple[str, Message]]:
    """Row and record of every message of a file, as far as it is whole."""
    channels: dict[int, str] = {}
    for record in whole_records(file):
        note_channel(record, channels)
        if isinstance(record, Message):
            yield channels[record.channel_id], record


def note_channel(record: McapRecord, channels: dict[int, str]) -> None:
    topic = getattr(record, "topic", None)
    if topic is not None:
        channels[record.id] = topic.lstrip("/")  # type: ignore[attr-defined]


def scan(stamp_s: float) -> LaserScan:
    """Returns at 2 m ahead, to the left, behind and to the right of the lidar."""
    return LaserScan(
        stamp_s, "lidar_link", 0.0, np.pi / 2.0, 0.1, 30.0, np.full(4, 2.0, np.float32)
    )
