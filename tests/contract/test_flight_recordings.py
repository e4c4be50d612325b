"""Recordings of real messages: read back by two other readers, replayed, packed without names."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("rclpy")

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader
from tests.contract.test_conversions import assert_same, sample
from tests.flight_rig import SETTING, messages_of

from patrol_core.topics import (
    GATE_RESET,
    GATE_STATUS,
    JOINT_STATES,
    PATROL_EVENTS,
    PATROL_STATUS,
    TELEOP_LEASE,
    Topic,
)
from patrol_core.types.perception import Finding, FindingKind
from patrol_core.types.sensors import CompressedImage
from patrol_core.types.status import GateReset, TeleopLease
from patrol_host_ros.wire import RosWire
from patrol_records.flight import shelf
from patrol_records.flight.head import Head
from patrol_records.flight.occasions import Occasion
from patrol_records.flight.packing import FORMAT, Request, pack
from patrol_records.flight.reader import Recording
from patrol_records.flight.ring import Message
from patrol_records.flight.rows import KEPT
from patrol_records.flight.shelf import Kept
from patrol_records.flight.unpacking import Checked, check_package
from patrol_records.flight.values import VALUES
from patrol_records.flight.writing import RecordingFile
from patrol_records.log.notes import Signer
from patrol_records.reader import RecordReader
from patrol_records.signing import signing_key
from patrol_records.store import RecordStore
from ronda_cli.app import build

WIRE = RosWire()
TOPICS = {row.topic.name: row.topic for row in KEPT}
NAME, ROLE = "anna", "supervisor"
FINDING = Finding(
    "f1", 1, 10.0, FindingKind.OBJECT, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0, "stands where it is free",
    (), CompressedImage(9.0, "camera_optical_frame", "jpeg", b"\xff\xd8 not really"),
)  # fmt: skip


def encoded(topic: Topic[Any], value: Any) -> bytes:
    """As DDS carries it: rclpy's own serializer adds the alignment of an empty array."""
    data: bytes = WIRE.encode(topic, value)
    is_longer = topic is JOINT_STATES and len(data) % 8 == 4
    return data[:-4] if is_longer else data


def written(folder: Path, values: dict[str, list[Any]]) -> Path:
    """A recording of these values, a tenth of a second apart."""
    folder.mkdir(parents=True, exist_ok=True)
    path = shelf.recording_file(folder, "one")
    head = Head(SETTING, 1.0, "teleop", NAME, {NAME: ROLE})
    file = RecordingFile(path, head, lambda name: WIRE.schema(TOPICS[name]))
    file.note(Occasion(SETTING.epoch_s + 1.5, "incident", "object", 1))
    for name, said in values.items():
        data = [encoded(TOPICS[name], value) for value in said]
        file.write([Message(name, 1.0 + 0.1 * n, one) for n, one in enumerate(data)])
    size = file.finish()
    from_s = SETTING.epoch_s + 1.0
    occasions = (Occasion(from_s + 0.5, "incident", "object", 1),)
    shelf.put(folder, Kept("one", from_s, from_s + 1.0, size, occasions, "teleop"))
    return path


def drawn(seed: int) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    return {
        name: [sample(topic.value_type, rng) for _ in range(3)] for name, topic in TOPICS.items()
    }


@pytest.fixture(scope="module")
def values() -> dict[str, list[Any]]:
    return drawn(3)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory, values: dict[str, list[Any]]) -> Path:
    return written(tmp_path_factory.mktemp("recorded") / shelf.FLIGHT, values)


def test_two_other_readers_find_the_same_bytes_and_the_same_values(
    recording: Path, values: dict[str, list[Any]]
) -> None:
    ours = {
        (row, record.log_time): record.data
        for row, record in messages_of(recording)
        if row != "robot_description"
    }
    by_rosbags: dict[tuple[str, int], bytes] = {}
    with AnyReader([recording]) as bag:
        for connection, at, data in bag.messages():
            message: Any = bag.deserialize(data, connection.msgtype)
            if connection.topic == "/robot_description":
                assert message.data == SETTING.description
                continue
            by_rosbags[connection.topic.lstrip("/"), at] = bytes(data)
            if connection.topic == "/gate_status":
                assert message.reasons == list(values["gate_status"][0].reasons) or at > 1e9
    by_mcap = {}
    with recording.open("rb") as file:
        for _, channel, raw, decoded in make_reader(
            file, decoder_factories=[DecoderFactory()]
        ).iter_decoded_messages():
            assert decoded is not None
            if channel.topic != "/robot_description":
                by_mcap[channel.topic.lstrip("/"), raw.log_time] = raw.data
    assert ours == by_rosbags == by_mcap
    assert len(ours) == 3 * len(TOPICS)
    for (row, at), data in ours.items():
        value = values[row][round((at * 1e-9 - 1.0) / 0.1)]
        assert_same(WIRE.decode(TOPICS[row], data), value)


@pytest.mark.parametrize("row", sorted(VALUES))
def test_a_replay_sees_what_was_said(
    row: str, recording: Path, values: dict[str, list[Any]]
) -> None:
    with Recording(recording) as opened:
        assert opened.head["holder"] == NAME and opened.occasions[0].incident_id == 1
        assert (opened.start_s, opened.end_s) == pytest.approx((1.0, 1.2))
        *_, last = opened.moments()
        picture = opened.picture(1.1)
    if row == "camera/image_blurred/compressed":
        assert_same(picture, values[row][1])
    elif row == "diagnostics":
        assert values[row][-1].name in last.health
    else:
        found, said = last.states[row].value, values[row][-1]
        if hasattr(said, "covariance"):  # a replay has no use for it
            said = replace(said, covariance=found.covariance)
        assert_same(found, said)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run with one incident, its photo, and a recording that names somebody."""
    said = drawn(5)
    said[TELEOP_LEASE.name] = [TeleopLease(1.0, NAME, True)] * 3
    said[GATE_RESET.name] = [GateReset(1.0, "bob", f"as {NAME} said")] * 3
    gate = said[GATE_STATUS.name][0]
    said[GATE_STATUS.name] = [replace(gate, reasons=("reset by eve refused: bumper", "annabel"))]
    said[PATROL_STATUS.name] = [replace(said[PATROL_STATUS.name][0], message="paused by carl")]
    event = said[PATROL_EVENTS.name][0]
    said[PATROL_EVENTS.name] = [replace(event, kind="operator_command", message="by dora")]
    folder = tmp_path / "run"
    folder.mkdir()
    with closing(RecordStore(folder)) as store:
        store.add([FINDING])
    written(folder / shelf.FLIGHT, said)
    return folder


def packed(run: Path, *, with_places: bool = True) -> Path:
    target = run / "package.zip"
    with closing(RecordReader(run)) as reader:
        incident = reader.incident(1)
        assert incident is not None
        request = Request(incident, "run", 1.8e9, with_places)
        pack(reader, request, signing_key(run / "log.key"), target)
    return target


def test_a_package_names_nobody_and_still_opens(run: Path) -> None:
    package = packed(run)
    checked = check_package(package)
    assert not checked.problems
    with zipfile.ZipFile(package) as opened:
        names = opened.namelist()
        (run / "out.mcap").write_bytes(opened.read("recording.mcap"))
        record = json.loads(opened.read("incident.json"))
    assert sorted(names) == [
        "incident.json", "manifest.json", "manifest.sig", "photos/f1-1.jpg", "recording.mcap",
    ]  # fmt: skip
    assert (record["x_m"], record["reason"]) == (1.0, "stands where it is free")
    for row, message in messages_of(run / "out.mcap"):
        for name in (NAME, "bob", "carl", "dora", "eve"):
            assert not re.search(rb"\b%b\b" % name.encode(), message.data), row
    with Recording(run / "out.mcap") as recording:
        assert (recording.head["holder"], recording.head["people"]) == (ROLE, "{}")
        *_, last = recording.moments()
    assert last.states["teleop_lease"].value.holder == ROLE
    assert last.states["gate_status"].value.reasons == (
        "reset by an operator refused: bumper", "annabel",
    )  # fmt: skip
    assert last.states["patrol_status"].value.message == "paused by an operator"
    with AnyReader([run / "out.mcap"]) as bag:
        assert bag.message_count == 3 * (len(TOPICS) - 3) + 3 + 1


def test_a_package_without_coordinates_has_none(run: Path) -> None:
    package = packed(run, with_places=False)
    with zipfile.ZipFile(package) as opened:
        (run / "out.mcap").write_bytes(opened.read("recording.mcap"))
        record = json.loads(opened.read("incident.json"))
        manifest = json.loads(opened.read("manifest.json"))
    rows = {row for row, _ in messages_of(run / "out.mcap")}
    assert not rows & {"fix", "amcl_pose", "tf", "map", "odom", "plan", "tracks", "incidents"}
    assert {"scan", "gate_status", "camera/image_blurred/compressed"} <= rows
    assert record["x_m"] is None and not manifest["coordinates"]
    told = {one["what"] for one in manifest["left_out"]}
    assert {"fix", "map", "site.yaml"} <= told


Tampering = Callable[[dict[str, bytes]], object]


def _manifest_says(files: dict[str, bytes]) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["made_s"] = 1.0
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda files: files.update({"incident.json": b"{}"}), "incident.json is not as it was"),
        (lambda files: files.pop("photos/f1-1.jpg"), "photos/f1-1.jpg is missing"),
        (lambda files: files.update({"more.txt": b""}), "more.txt is not in the manifest"),
        (_manifest_says, "not signed by this key"),
        (lambda files: files.update({"manifest.sig": bytes(64)}), "not signed by this key"),
        (lambda files: files.pop("manifest.sig"), "cannot be read as a package"),
    ],
)
def test_every_change_of_a_package_is_told(change: Tampering, expected: str, run: Path) -> None:
    package = packed(run)
    with zipfile.ZipFile(package) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    change(files)
    with zipfile.ZipFile(package, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    (problem,) = check_package(package).problems
    assert expected in problem


def test_a_package_of_another_key_is_told(run: Path) -> None:
    problems = check_package(packed(run), bytes(31) + b"\1").problems
    assert problems and "key" in problems[0]


@given(st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_bytes_break_the_check(tmp_path: Path, package_bytes: bytes, data: Any) -> None:
    place = data.draw(st.integers(0, len(package_bytes) - 1))
    other = data.draw(st.binary(min_size=1, max_size=8))
    cut = data.draw(st.integers(0, len(package_bytes)))
    changed = package_bytes[:place] + other + package_bytes[place + len(other) :]
    (tmp_path / "p.zip").write_bytes(changed if cut % 2 else changed[:cut])
    assert isinstance(check_package(tmp_path / "p.zip"), Checked)


@pytest.fixture(scope="module")
def package_bytes() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        files = {"a": {"sha256": "0", "bytes": 1}}
        manifest = {"format": FORMAT, "files": files, "public_key": "AAAA"}
        package.writestr("manifest.json", json.dumps(manifest))
        package.writestr("manifest.sig", bytes(64))
        package.writestr("a", b"a")
    return made.getvalue()


def test_the_commands(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run / "p.zip"

    def told(*words: object) -> str:
        code = build(["incidents"])(["incidents", *map(str, words)], standalone_mode=False)
        return f"{code}\n{capsys.readouterr().out}"

    made = told("export", 1, "--run", run, "--out", out, "--key", run / "log.key")
    assert "names are replaced by roles" in made
    assert "every file is as it was" in told("check-export", out)
    verifier = run / "log.verifier"
    verifier.write_text(f"{Signer.of_file('ronda/r7', run / 'log.key').verifier}\n")
    assert "every file is as it was" in told("check-export", out, "--key", verifier)
    verifier.write_text(f"{Signer.of_file('ronda/r7', run / 'other.key').verifier}\n")
    said = told("check-export", out, "--key", verifier)
    assert said.startswith("1\n") and "NOT AS IT WAS SIGNED" in said
