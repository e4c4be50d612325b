"""Messages as they travel: for a component that keeps them rather than understands them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol, TypeVar

from patrol_core.component import Component
from patrol_core.topics import Topic

T = TypeVar("T")


class Wire(Protocol):
    """How values of rows become bytes (CDR, with its four bytes of header) and back."""

    def schema(self, topic: Topic[Any]) -> str:
        """The definition of the row's message with all that it is made of (ros2msg)."""
        ...

    def encode(self, topic: Topic[T], value: T) -> bytes: ...

    def decode(self, topic: Topic[T], message: bytes) -> T:
        """Raises ValueError for bytes that are no such message."""
        ...


class WireComponent(Component):
    """A component that also takes the messages of some rows as bytes.

    A harness whose messages are bytes calls `connect` once, before `setup`, and then `hear` for
    every message of the rows in `hears`, which may be others after a step. A harness without bytes
    calls neither.
    """

    hears: tuple[Topic[Any], ...]

    @abstractmethod
    def connect(self, wire: Wire) -> None:
        """Know how bytes and values go together."""

    @abstractmethod
    def hear(self, topic: Topic[Any], message: bytes, received_s: float) -> None:
        """Take one message."""
