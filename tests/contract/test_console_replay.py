"""Recordings through HTTP: listed, replayed with pictures, packed for those who may."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy")

from tests.console_served import Client, ServedConsole, another, first_administrator, served
from tests.contract.test_flight_recordings import TOPICS, WIRE
from tests.flight_rig import SETTING

from patrol_core.geometry import Pose2
from patrol_core.topics import AMCL_POSE, CAMERA_BLURRED, ODOM, TELEOP_LEASE
from patrol_core.types.motion import Odometry, PoseEstimate
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.sensors import CompressedImage
from patrol_core.types.status import TeleopLease
from patrol_records.flight import shelf
from patrol_records.flight.head import Head
from patrol_records.flight.occasions import Occasion
from patrol_records.flight.ring import Message
from patrol_records.flight.shelf import Kept
from patrol_records.flight.writing import RecordingFile
from patrol_records.store import RecordStore

ROOT = "/robots/ronda/recordings"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


def record(folder: Path) -> None:
    """Four seconds: the robot drives east, by hand from the second one on."""
    folder.mkdir(parents=True)
    head = Head(replace(SETTING, epoch_s=0.0), 10.0, "mission", "")
    path = shelf.recording_file(folder, "000000000010000")
    file = RecordingFile(path, head, lambda name: WIRE.schema(TOPICS[name]))
    for tick in range(40):
        at_s = 10.0 + 0.1 * tick
        said: list[tuple[Any, Any]] = [
            (AMCL_POSE, PoseEstimate(at_s, Pose2(0.1 * tick, 2.0))),
            (ODOM, Odometry(at_s, Pose2(0.0, 0.0), 1.0, 0.0)),
        ]  # fmt: skip
        if tick >= 20:
            said.append((TELEOP_LEASE, TeleopLease(at_s, "bo", True)))
        if tick % 10 == 5:
            said.append((CAMERA_BLURRED, CompressedImage(at_s, "camera", "jpeg", JPEG)))
        file.write([Message(row.name, at_s, WIRE.encode(row, value)) for row, value in said])
    occasion = Occasion(12.0, "incident", "object", 1)
    file.note(occasion)
    size = file.finish()
    shelf.put(folder, Kept("000000000010000", 10.0, 13.9, size, (occasion,), "mission"))


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ServedConsole]:
    with served(tmp_path) as made:
        run = made.robot.link.run_folder
        record(run / shelf.FLIGHT)
        finding = Finding("f1", 1, 12.0, FindingKind.OBJECT, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0, "x", ())
        with closing(RecordStore(run)) as store:
            store.add([finding])
        yield made


@pytest.fixture
def ada(console: ServedConsole) -> Client:
    return first_administrator(console)


def test_a_recording_is_listed_with_what_it_is_made_for(ada: Client) -> None:
    status, answer = ada.ask("GET", ROOT)
    (one,) = answer["recordings"]
    assert status == 200 and (one["from_s"], one["to_s"]) == (10.0, 13.9)
    assert one["occasions"] == [{"s": 12.0, "kind": "incident", "words": "object", "incident": 1}]


def test_a_replay_tells_what_changed_at_each_moment(ada: Client) -> None:
    status, answer = ada.ask("GET", f"{ROOT}/000000000010000")
    assert status == 200 and answer["step_s"] == 0.2
    frames = answer["frames"]
    assert len(frames) == 20
    state: dict[str, object] = {}
    poses, holders = [], []
    for frame in frames:
        state |= frame
        poses.append(state["pose"][0])  # type: ignore[index]
        holders.append(state["drive"])
    assert poses == sorted(poses) and poses[-1] == pytest.approx(3.9)
    assert state["speed"] == [1.0, 0.0]
    assert (holders[0], holders[-1]) == (None, {"holder": "bo"})
    assert sum("speed" in frame for frame in frames) == 1, "what stays the same is told once"
    assert answer["pictures"] == pytest.approx([0.5, 1.5, 2.5, 3.5])


def test_pictures_come_by_time(console: ServedConsole, ada: Client) -> None:
    status, data = ada.ask("GET", f"{ROOT}/000000000010000/picture?ms=1600")
    assert (status, data) == (200, JPEG)
    assert ada.ask("GET", f"{ROOT}/000000000010000/picture?ms=100")[0] == 404
    assert ada.ask("GET", f"{ROOT}/000000000010000/picture?ms=x")[0] == 400


def test_what_is_not_there_or_broken_is_said(console: ServedConsole, ada: Client) -> None:
    for name in ("nope", "..%2f..%2frecords", "000000000010000.mcap"):
        assert ada.ask("GET", f"{ROOT}/{name}")[0] == 404
    folder = console.robot.link.run_folder / shelf.FLIGHT
    shelf.recording_file(folder, "000000000010000").write_bytes(b"no recording")
    assert ada.ask("GET", f"{ROOT}/000000000010000")[0] == 404
    assert ada.ask("GET", f"{ROOT}/000000000010000/picture?ms=1600")[0] == 404


def test_a_package_is_for_supervisors_and_is_noted(console: ServedConsole, ada: Client) -> None:
    status, data = ada.ask("POST", "/robots/ronda/incidents/1/package", {"coordinates": False})
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        manifest = json.loads(package.read("manifest.json"))
        assert {"recording.mcap", "incident.json", "manifest.sig"} <= set(package.namelist())
    assert manifest["incident"] == 1 and not manifest["coordinates"]
    assert ada.ask("POST", "/robots/ronda/incidents/9/package", {})[0] == 404
    operator = another(console, ada, "bo", "operator")
    assert operator.ask("POST", "/robots/ronda/incidents/1/package", {})[0] == 403
    assert operator.ask("GET", ROOT)[0] == 200
