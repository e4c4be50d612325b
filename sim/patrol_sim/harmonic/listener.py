"""What a running Gazebo tells outside of ROS: its clock, true poses, contacts and batteries.

Names are those of gz-sim 8 (SimulationRunner.cc, LinearBatteryPlugin.cc) and of
urdf/urdf/macros/gazebo_harmonic.xacro. Callbacks come on threads of Gazebo's: they only store.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from patrol_core.geometry import Transform3
from patrol_core.types.sensors import BatteryState
from patrol_sim.harmonic.gazebo_types import message, transform, transport_node

PARTS = ("front", "rear", "hull")
"""Where a robot feels contacts; the first two are the contact strips."""
_BATTERY = "pack"
_MOST_TOUCHES = 1000


@dataclass(frozen=True, slots=True)
class Touch:
    """A part of a robot touches a model of the world at `stamp_s`."""

    stamp_s: float
    part: str
    model: str


class Listener:
    """Listens to one world. Raises GazeboMissingError where Gazebo's modules are missing."""

    def __init__(self, world: str) -> None:
        self._node = transport_node()
        self._boolean = message("boolean", "Boolean")
        self._now_s: float | None = None
        self._poses: dict[str, tuple[float, Transform3]] = {}
        self._batteries: dict[str, BatteryState] = {}
        self._touches: dict[str, deque[Touch]] = {}
        self._charging: dict[str, bool] = {}
        self._chargers: dict[str, tuple[Any, Any]] = {}
        self._node.subscribe(message("clock", "Clock"), f"/world/{world}/clock", self._on_clock)

    @property
    def now_s(self) -> float | None:
        """Simulated time; None before Gazebo has told it."""
        return self._now_s

    def watch(self, key: str, namespace: str) -> None:
        """Listen to a robot: the model `key`, its topics in `namespace`."""
        prefix = f"/{namespace}/gazebo" if namespace else "/gazebo"
        self._touches[key] = deque(maxlen=_MOST_TOUCHES)

        def on_poses(poses: Any) -> None:
            for pose in poses.pose:
                if pose.name.rpartition("::")[2] == key:
                    self._poses[key] = (_seconds(pose.header.stamp), transform(pose))

        self._node.subscribe(message("pose_v", "Pose_V"), f"{prefix}/pose", on_poses)
        for part in PARTS:
            self._watch_contacts(key, part, f"{prefix}/contacts/{part}")
        self._watch_battery(key, f"/model/{key}/battery/{_BATTERY}")

    def _watch_contacts(self, key: str, part: str, topic: str) -> None:
        touches = self._touches[key]

        def on_contacts(contacts: Any) -> None:
            stamp_s = _seconds(contacts.header.stamp)
            touches.extend(Touch(stamp_s, part, name) for name in _touched(contacts, key))

        self._node.subscribe(message("contacts", "Contacts"), topic, on_contacts)

    def _watch_battery(self, key: str, topic: str) -> None:
        state = message("battery_state", "BatteryState")

        def on_battery(battery: Any) -> None:
            self._batteries[key] = _battery(battery, state.CHARGING)

        self._node.subscribe(state, f"{topic}/state", on_battery)
        start, stop = (
            self._node.advertise(f"{topic}/recharge/{word}", self._boolean)
            for word in ("start", "stop")
        )
        self._chargers[key] = (start, stop)

    def pose(self, key: str) -> tuple[float, Transform3] | None:
        """When and where a robot was last seen."""
        return self._poses.get(key)

    def battery(self, key: str) -> BatteryState | None:
        """What a robot's battery said last."""
        return self._batteries.get(key)

    def touches(self, key: str) -> list[Touch]:
        """What a robot has touched since the last call."""
        waiting, taken = self._touches[key], list[Touch]()
        while waiting:
            taken.append(waiting.popleft())
        return taken

    def charge(self, key: str, docked: bool) -> None:
        """Let the battery of a robot be charged, or not; said when it changes."""
        if self._charging.get(key, False) == docked:
            return
        self._charging[key] = docked
        start, stop = self._chargers[key]
        (start if docked else stop).publish(self._boolean(data=True))

    def _on_clock(self, clock: Any) -> None:
        self._now_s = _seconds(clock.sim)


def _seconds(stamp: Any) -> float:
    return float(stamp.sec) + float(stamp.nsec) * 1e-9


def _battery(battery: Any, charging: int) -> BatteryState:
    """Percent, as with `fix_issue_225`; Gazebo counts a current that drains as positive."""
    return BatteryState(
        _seconds(battery.header.stamp),
        battery.voltage,
        -battery.current,
        min(max(battery.percentage / 100.0, 0.0), 1.0),
        battery.power_supply_status == charging,
    )


def _touched(contacts: Any, key: str) -> list[str]:
    """The models that a robot's solids touch; a solid is called model::link::solid."""
    names = []
    for contact in contacts.contact:
        ends = [end.name.partition("::")[0] for end in (contact.collision1, contact.collision2)]
        names += [end for end in ends if end != key]
    return names
