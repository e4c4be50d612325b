"""From what was seen to what is wrong, measured by the tables of topics and processes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from patrol_core import topics
from patrol_core.processes import PROCESSES
from patrol_core.topics import TOPICS, Qos, Topic
from patrol_core.types.status import GateState, Health, HealthLevel, LocalizationLevel
from ronda_cli.doctor.observation import Observation, Row

SLOW_BELOW = 0.7
"""Part of the expected rate below which a row is slow."""
APART_S = 1.0
"""Difference between stamp and clock from which on two clocks do not agree."""
SILENT_S = 1.0
"""Silence that is the row's, and not a pause of the doctor's own on a busy machine."""
YOUNG_S = 10.0
"""A process so much younger than the oldest one has been started again."""

FRAMES = (
    ("map", "odom", "nav"),
    ("odom", "base_link", "base"),
    ("base_link", "lidar_link", "base"),
    ("base_link", "imu_link", "base"),
    ("base_link", "camera_link", "base"),
    ("camera_link", "camera_optical_frame", "base"),
)
"""Parent, child and the process that says where the child is."""

_NO_PICTURES = "no pictures: the camera is off"
_NO_DEPTH = "no depth: what the lidar's plane misses is not seen"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong, or (`harmless`) worth knowing, in a sentence."""

    subject: str
    sentence: str
    harmless: bool = False


def diagnose(seen: Observation) -> list[Complaint]:
    """Everything that is wrong; what follows from a silent process is not told again."""
    return [
        *_ports(seen),
        *_time(seen),
        *_processes(seen),
        *_rows(seen),
        *_frames(seen),
        *_localization(seen),
        *_gate(seen),
    ]


def _ports(seen: Observation) -> Iterator[Complaint]:
    for path, problem in seen.ports.items():
        if problem:
            yield Complaint(path, problem)


def _time(seen: Observation) -> Iterator[Complaint]:
    if seen.time_stands_still:
        yield Complaint("clock", "simulated time stands still: is the simulator paused or frozen?")


def _processes(seen: Observation) -> Iterator[Complaint]:
    whole = {process.name for process in PROCESSES}
    ages = [_number(said[-1], "age_s") for n, said in seen.health.items() if said and n in whole]
    for name, said in seen.health.items():
        if name not in whole and said and said[-1].level is not HealthLevel.OK:
            yield Complaint(name, said[-1].message)
    for process in PROCESSES:
        said = seen.health.get(process.name, [])
        if not said:
            sentence = f"the process says nothing: it is not running, or frozen ({process.doc})"
            yield Complaint(process.name, sentence)
            continue
        newest = said[-1]
        if len({_value(health, "pid") for health in said}) > 1:
            yield Complaint(process.name, "the process was restarted just now; see its log")
        elif _number(newest, "age_s") < max(ages) - YOUNG_S:
            age_s = _number(newest, "age_s")
            yield Complaint(process.name, f"the process was restarted {age_s:.0f} s ago")
        if newest.level is not HealthLevel.OK:
            yield Complaint(process.name, newest.message)


def _silent(seen: Observation) -> set[str]:
    return {process.name for process in PROCESSES if not seen.health.get(process.name)}


def _rows(seen: Observation) -> Iterator[Complaint]:
    silent = _silent(seen) | {"cli"}
    off: list[Topic[Any]] = []
    spare = _spare(seen)
    if not seen.rows[topics.CAMERA_BLURRED.name].count:
        yield Complaint("camera", _NO_PICTURES, harmless=True)
        off.append(topics.CAMERA_BLURRED)
    if not seen.rows[topics.CAMERA_DEPTH.name].publishers:
        yield Complaint("camera", _NO_DEPTH, harmless=True)
        off.append(topics.DEPTH_OBSTACLES)
    for topic in TOPICS:
        if silent.issuperset(topic.writers) or topic in (*off, *topics.UNBLURRED):
            continue
        row = seen.rows[topic.name]
        if topic in spare and row.count == 0 and row.publishers == 0:
            yield Complaint(topic.name, "nobody publishes it, nor need anybody", harmless=True)
        elif topic.rate_hz > 0.0 or topic is topics.MAP:
            yield from _row(topic, row, seen.window_s)
    count = seen.rows[topics.CMD_VEL.name].publishers
    if count > 1:
        sentence = f"{count} publishers speak to the motors, so the base stops; only the gate may"
        yield Complaint(topics.CMD_VEL.name, sentence)


def _spare(seen: Observation) -> set[Topic[Any]]:
    """Rows of sensors that this robot may lack: a gate that runs says what it requires."""
    said = seen.health.get("gate", [])
    required = _value(said[-1], "required_inputs").split() if said else ()
    asked = (topics.IMU, topics.BUMPER) if said else ()
    return {topics.FIX, *(topic for topic in asked if topic.name not in required)}


def _row(topic: Topic[Any], row: Row, window_s: float) -> Iterator[Complaint]:
    writers = " or ".join(name for name in topic.writers if name != "cli")
    if row.count == 0:
        state = f"{writers} is silent" if row.publishers else f"nobody publishes it ({writers})"
        yield Complaint(topic.name, f"missing: {state}")
        return
    rate_hz = row.count / window_s if window_s > 0.0 else 0.0
    if topic.rate_hz and rate_hz < SLOW_BELOW * topic.rate_hz:
        yield Complaint(topic.name, f"slow: {rate_hz:.1f} Hz instead of {topic.rate_hz:g} Hz")
    if row.silent_s > max(topic.stale_s, SILENT_S):
        sentence = f"stale: nothing for {row.silent_s:.1f} s, {topic.stale_s:g} s is allowed"
        yield Complaint(topic.name, sentence)
    if row.age_s is not None and topic.qos is not Qos.LATCHED and abs(row.age_s) > APART_S:
        when = f"{row.age_s:.1f} s old" if row.age_s > 0.0 else f"{-row.age_s:.1f} s in the future"
        yield Complaint(topic.name, f"clocks apart: stamps are {when} when they arrive")


def _frames(seen: Observation) -> Iterator[Complaint]:
    for parent, child, writer in FRAMES:
        if (parent, child) not in seen.frames and writer not in _silent(seen):
            yield Complaint(child, f"frame missing: {writer} does not say where it is in {parent}")


def _localization(seen: Observation) -> Iterator[Complaint]:
    status = seen.localization
    if status is not None and status.level is not LocalizationLevel.GOOD:
        yield Complaint("localization", f"{status.level.value}: {status.reason}")


def _gate(seen: Observation) -> Iterator[Complaint]:
    if seen.gate is None:
        return
    reasons = "; ".join(seen.gate.reasons)
    if seen.gate.state is GateState.LATCHED:
        yield Complaint("gate", f"stopped until ./ronda gate reset: {reasons}")
    elif seen.gate.state is GateState.HOLD:
        yield Complaint("gate", f"holds the robot: {reasons}", harmless=True)


def _value(health: Health, key: str) -> str:
    return dict(health.values).get(key, "")


def _number(health: Health, key: str) -> float:
    return float(_value(health, key) or "nan")
