"""What the doctor says about systems with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from patrol_core import topics
from patrol_core.processes import PROCESSES
from patrol_core.topics import TOPICS
from patrol_core.types.status import (
    Authority,
    GateState,
    GateStatus,
    Health,
    HealthLevel,
    LocalizationLevel,
    LocalizationStatus,
)
from ronda_cli.doctor.diagnosis import FRAMES, diagnose
from ronda_cli.doctor.observation import Observation, Row

WINDOW_S = 5.0


def report(name: str, age_s: float, pid: str = "7") -> Health:
    return Health(100.0, name, HealthLevel.OK, "running", (("pid", pid), ("age_s", str(age_s))))


def healthy() -> Observation:
    seen = Observation(window_s=WINDOW_S)
    for topic in TOPICS:
        if topic.rate_hz > 0.0 or topic.latched:
            count = max(1, round(topic.rate_hz * WINDOW_S))
            seen.rows[topic.name] = Row(publishers=1, count=count, age_s=0.01, silent_s=0.01)
    seen.frames = {(parent, child) for parent, child, _ in FRAMES}
    for process in PROCESSES:
        seen.health[process.name] = [report(process.name, 60.0)]
    require(seen, "imu/data bumper")
    seen.localization = LocalizationStatus(100.0, LocalizationLevel.GOOD, "", 0.05, 0.01, 0.9)
    seen.gate = GateStatus(
        100.0, GateState.PASSING, Authority.MISSION, (), 1.0, 0.5, 0.0, 0.5, 0.0, 3.0
    )
    return seen


def require(seen: Observation, rows: str) -> None:
    said = seen.health["gate"][-1]
    seen.health["gate"] = [replace(said, values=(*said.values, ("required_inputs", rows)))]


def test_nothing_is_wrong_with_a_healthy_system() -> None:
    assert diagnose(healthy()) == []


def no_scan(seen: Observation) -> None:
    seen.rows["scan"] = Row(publishers=0)


def silent_scan(seen: Observation) -> None:
    seen.rows["scan"] = Row(publishers=1)


def slow_odom(seen: Observation) -> None:
    seen.rows["odom"].count = 100


def stale_battery(seen: Observation) -> None:
    seen.rows["battery_state"].silent_s = 6.0


def future_scan(seen: Observation) -> None:
    seen.rows["scan"].age_s = -12.0


def old_imu(seen: Observation) -> None:
    seen.rows["imu/data"].age_s = 3600.0


def no_map(seen: Observation) -> None:
    seen.rows["map"] = Row()


def two_gates(seen: Observation) -> None:
    seen.rows["cmd_vel"].publishers = 2


def no_odom_frame(seen: Observation) -> None:
    seen.frames.remove(("map", "odom"))


def lost(seen: Observation) -> None:
    assert seen.localization is not None
    seen.localization = replace(
        seen.localization, level=LocalizationLevel.LOST, reason="the map explains 20 % of the scan"
    )


def latched(seen: Observation) -> None:
    assert seen.gate is not None
    seen.gate = replace(seen.gate, state=GateState.LATCHED, reasons=("bumper pressed",))


def silent_nav(seen: Observation) -> None:
    del seen.health["nav"]
    for topic in TOPICS:
        if topic.writers == ("nav",):
            seen.rows[topic.name] = Row(publishers=1)
    seen.frames.remove(("map", "odom"))


def restarted_now(seen: Observation) -> None:
    seen.health["records"] = [report("records", 60.0, "7"), report("records", 1.0, "8")]


def restarted_before(seen: Observation) -> None:
    seen.health["records"] = [report("records", 12.0)]


def late_process(seen: Observation) -> None:
    health = seen.health["nav"][0]
    message = "9 ticks missed in the last second"
    seen.health["nav"] = [replace(health, level=HealthLevel.WARN, message=message)]


def broken_zones(seen: Observation) -> None:
    message = "zones.geojson:12: not valid JSON; the zones read before stay in force"
    seen.health["nav/zones"] = [Health(90.0, "nav/zones", HealthLevel.WARN, message)]


def frozen_time(seen: Observation) -> None:
    seen.time_stands_still = True


def no_port(seen: Observation) -> None:
    seen.ports = {"/dev/ttyUSB0": "the port is not there"}


@pytest.mark.parametrize(
    ("spoil", "subject", "words"),
    [
        (no_scan, "scan", "nobody publishes it (base)"),
        (silent_scan, "scan", "base is silent"),
        (slow_odom, "odom", "20.0 Hz instead of 50 Hz"),
        (stale_battery, "battery_state", "nothing for 6.0 s"),
        (future_scan, "scan", "12.0 s in the future"),
        (old_imu, "imu/data", "clocks apart"),
        (no_map, "map", "missing"),
        (two_gates, "cmd_vel", "2 publishers"),
        (no_odom_frame, "odom", "frame missing"),
        (lost, "localization", "20 %"),
        (latched, "gate", "bumper pressed"),
        (silent_nav, "nav", "not running, or frozen"),
        (restarted_now, "records", "restarted just now"),
        (restarted_before, "records", "restarted 12 s ago"),
        (late_process, "nav", "9 ticks missed"),
        (broken_zones, "nav/zones", "zones.geojson:12"),
        (frozen_time, "clock", "stands still"),
        (no_port, "/dev/ttyUSB0", "not there"),
    ],
)
def test_one_thing_wrong_is_the_one_thing_said(
    spoil: Callable[[Observation], None], subject: str, words: str
) -> None:
    seen = healthy()
    spoil(seen)
    (complaint,) = diagnose(seen)
    assert complaint.subject == subject
    assert words in complaint.sentence
    assert not complaint.harmless


def test_a_camera_that_is_off_and_a_hold_are_harmless() -> None:
    seen = healthy()
    for topic in (topics.CAMERA_BLURRED, topics.DEPTH_OBSTACLES):
        seen.rows[topic.name] = Row(publishers=1)
    seen.rows[topics.CAMERA_DEPTH.name] = Row()
    assert seen.gate is not None
    seen.gate = replace(seen.gate, state=GateState.HOLD, reasons=("a person 0.8 m ahead",))
    complaints = diagnose(seen)
    assert [complaint.subject for complaint in complaints] == ["camera", "camera", "gate"]
    assert all(complaint.harmless for complaint in complaints)


def test_every_row_that_is_silent_is_named() -> None:
    for topic in TOPICS:
        if topic.rate_hz > 0.0 and not topic.name.startswith("camera/"):
            seen = healthy()
            seen.rows[topic.name] = Row()
            assert topic.name in {complaint.subject for complaint in diagnose(seen)}


@pytest.mark.parametrize(
    ("row", "required", "harmless"),
    [
        ("bumper", "imu/data", True), ("bumper", "imu/data bumper", False),
        ("imu/data", "", True), ("fix", "imu/data bumper", True), ("scan", "", False),
    ],
)  # fmt: skip
def test_a_sensor_that_the_gate_does_not_require_may_be_absent(
    row: str, required: str, harmless: bool
) -> None:
    seen = healthy()
    require(seen, required)
    seen.rows[row] = Row()
    (complaint,) = diagnose(seen)
    assert (complaint.subject, complaint.harmless) == (row, harmless)
    seen.rows[row] = Row(publishers=1)
    (complaint,) = diagnose(seen)
    assert not complaint.harmless, "a driver that runs and says nothing is wrong"


def test_ports(tmp_path: Path) -> None:
    pytest.importorskip("rclpy")
    from ronda_cli.doctor.observer import port_problem

    file = tmp_path / "file"
    file.touch()
    assert "not there" in port_problem(tmp_path / "ttyUSB0")
    assert "no serial port" in port_problem(file)
    assert not port_problem(Path("/dev/null"))
