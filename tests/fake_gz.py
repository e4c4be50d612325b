"""Gazebo's Python modules, as far as Ronda uses them, without Gazebo.

Messages are bags of fields that come into being when they are read, as those of protobuf do;
`add` and iteration make one a list.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

MESSAGES = {
    "clock": "Clock", "pose_v": "Pose_V", "contacts": "Contacts", "battery_state": "BatteryState",
    "boolean": "Boolean", "entity": "Entity", "entity_factory": "EntityFactory",
}  # fmt: skip


class Message:
    """Any message."""

    CHARGING, MODEL = 1, 2

    def __init__(self, **fields: Any) -> None:
        self._items: list[Message] = []
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = Message()
        setattr(self, name, made)
        return made

    def add(self, **fields: Any) -> Message:
        self._items.append(Message(**fields))
        return self._items[-1]

    def __iter__(self) -> Any:
        return iter(self._items)


class Publisher:
    def __init__(self, bus: Bus, topic: str) -> None:
        self._bus, self._topic = bus, topic

    def publish(self, message: Message) -> bool:
        self._bus.published.append((self._topic, message))
        return True


class Bus:
    """What is behind every node. `answers`: what a service says; absent: it does not answer."""

    def __init__(self) -> None:
        self.heard: dict[str, Callable[[Any], None]] = {}
        self.asked: list[tuple[str, Any]] = []
        self.published: list[tuple[str, Message]] = []
        self.answers: dict[str, bool] = {}

    def Node(self) -> Bus:  # noqa: N802 - as Gazebo calls it
        return self

    def subscribe(self, kind: Any, topic: str, callback: Callable[[Any], None]) -> bool:
        self.heard[topic] = callback
        return True

    def advertise(self, topic: str, kind: Any) -> Publisher:
        return Publisher(self, topic)

    def request(self, service: str, request: Any, kind: Any, reply: Any, timeout_ms: int) -> Any:
        self.asked.append((service, request))
        return service in self.answers, Message(data=self.answers.get(service, False))


def installed(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """Put the modules where `import` finds them."""
    bus = Bus()
    modules = {"gz": ModuleType("gz"), "gz.msgs10": ModuleType("gz.msgs10")}
    transport: Any = ModuleType("gz.transport13")
    transport.Node = bus.Node
    modules["gz.transport13"] = transport
    for name, kind in MESSAGES.items():
        module = ModuleType(f"gz.msgs10.{name}_pb2")
        setattr(module, kind, Message)
        modules[module.__name__] = module
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return bus
