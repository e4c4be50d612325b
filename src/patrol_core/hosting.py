"""One process of the table, whatever carries its messages: ROS host or closed loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from patrol_core.bus import Mailbox
from patrol_core.component import Component, Inputs
from patrol_core.topics import Topic
from patrol_core.wire import Wire, WireComponent

T = TypeVar("T")


class HostedProcess:
    """Components that tick in order; later ones see what earlier ones said at this tick."""

    def __init__(self, name: str, components: Sequence[Component]) -> None:
        self.name = name
        self._components = tuple(components)
        self.mailboxes = tuple(Mailbox(component.reads) for component in components)
        self._readers: dict[str, list[Mailbox]] = {}
        for mailbox in self.mailboxes:
            for topic in mailbox.reads:
                self._readers.setdefault(topic.name, []).append(mailbox)
        self._wired = [part for part in components if isinstance(part, WireComponent)]

    @property
    def reads(self) -> tuple[Topic[Any], ...]:
        """Every row that some component reads, without repetition, in a fixed order."""
        return _unique(self._components, "reads")

    @property
    def writes(self) -> tuple[Topic[Any], ...]:
        """Every row that some component writes, without repetition, in a fixed order."""
        return _unique(self._components, "writes")

    @property
    def hears(self) -> tuple[Topic[Any], ...]:
        """Every row whose messages some component takes as bytes."""
        return _unique(self._wired, "hears")

    def connect(self, wire: Wire) -> None:
        """Before `setup`, where messages are bytes."""
        for component in self._wired:
            component.connect(wire)

    def setup(self) -> None:
        """Open the components' connections, in order."""
        for component in self._components:
            component.setup()

    def store(self, topic: Topic[T], value: T, received_s: float) -> None:
        """Take in what another process published."""
        for mailbox in self._readers.get(topic.name, ()):
            mailbox.store(topic, value, received_s)

    def hear(self, topic: Topic[Any], message: bytes, received_s: float) -> None:
        """Take in a message of a row in `hears`."""
        for component in self._wired:
            if topic in component.hears:
                component.hear(topic, message, received_s)

    def tick(
        self, now_s: float, on_step: Callable[[Component, Inputs], None] | None = None
    ) -> list[tuple[Topic[Any], Any]]:
        """Step every component once; what is to be published, in order.

        `on_step` sees what each component is about to see.
        """
        published: list[tuple[Topic[Any], Any]] = []
        for component, mailbox in zip(self._components, self.mailboxes, strict=True):
            inputs = mailbox.snapshot()
            if on_step is not None:
                on_step(component, inputs)
            for topic, value in component.step(inputs, now_s):
                published.append((topic, value))
                self.store(topic, value, now_s)
        return published

    def close(self) -> None:
        """Release the components' connections, last opened first."""
        for component in reversed(self._components):
            component.close()


def by_namespace(name: str, components: Sequence[Component]) -> list[tuple[str, HostedProcess]]:
    """Components that stand in one robot's namespace tick together; the own one comes first."""
    groups: dict[str, list[Component]] = {"": []}
    for component in components:
        groups.setdefault(component.namespace, []).append(component)
    return [(namespace, HostedProcess(name, group)) for namespace, group in groups.items()]


def _unique(components: Sequence[Component], rows: str) -> tuple[Topic[Any], ...]:
    found = {row.name: row for component in components for row in getattr(component, rows)}
    return tuple(found.values())
