"""The shape of every capability: constructor (configuration), `setup` (connections), `step`.

A component names the rows of the topic table that it reads and writes and the rate of its tick.
The same object runs hosted as a ROS node and in the closed loop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from patrol_core.robot import RobotModel
from patrol_core.site.model import Site
from patrol_core.topics import Topic

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sample(Generic[T]):
    """A value of a state row, with its arrival time on the reader's clock and its count from 1."""

    value: T
    received_s: float
    sequence: int


class Inputs:
    """What a component knows at one tick: newest states, and events since the last tick."""

    def __init__(
        self, states: Mapping[str, Sample[Any]], events: Mapping[str, tuple[Any, ...]]
    ) -> None:
        self._states = states
        self._events = events

    def sample(self, topic: Topic[T]) -> Sample[T] | None:
        """The newest sample of a state row, however old."""
        return self._states.get(topic.name)

    def latest(self, topic: Topic[T]) -> T | None:
        """The newest value of a state row, however old."""
        sample = self._states.get(topic.name)
        return None if sample is None else sample.value

    def fresh(self, topic: Topic[T], now_s: float) -> T | None:
        """The newest value of a state row unless it arrived more than `stale_s` ago."""
        sample = self._states.get(topic.name)
        if sample is None or now_s - sample.received_s > topic.stale_s:
            return None
        value: T = sample.value
        return value

    def events(self, topic: Topic[T]) -> tuple[T, ...]:
        """All events of a row since the last tick, oldest first."""
        return self._events.get(topic.name, ())

    def sequences(self) -> dict[str, int]:
        """Count of the newest sample of every state row: what a replay needs."""
        return {name: sample.sequence for name, sample in self._states.items()}


class Outputs:
    """What a component says at one tick, in order."""

    def __init__(self) -> None:
        self._messages: list[tuple[Topic[Any], Any]] = []

    def put(self, topic: Topic[T], value: T) -> None:
        self._messages.append((topic, value))

    def __iter__(self) -> Iterator[tuple[Topic[Any], Any]]:
        return iter(self._messages)

    def of(self, topic: Topic[T]) -> list[T]:
        """The values put on one row at this tick."""
        return [value for row, value in self._messages if row is topic]


class Component(ABC):
    """Base of every hosted capability.

    `namespace`: of the robot whose rows it reads and writes; empty: the process's own.
    """

    name: str
    namespace: str = ""
    reads: tuple[Topic[Any], ...]
    writes: tuple[Topic[Any], ...]
    rate_hz: float

    def setup(self) -> None:  # noqa: B027 - most components have no connections
        """Open connections (files, ports, databases). Called once before the first step."""

    @abstractmethod
    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """Do one tick at `now_s`."""

    def close(self) -> None:  # noqa: B027
        """Release what `setup` opened. Called once, also after an error."""


@dataclass(frozen=True, slots=True)
class ProcessContext:
    """What every process is built from, beside its own parameters.

    `run_folder` is where this run's records go; `seed` feeds every random generator.
    `epoch_s` is the Unix time at stamp zero: 0 on a robot, whose stamps are Unix time; the date
    and hour at which a simulation begins, whose stamps count from its start. `by_nav2`: Nav2 plans
    and drives in the place of our navigator, which then only docks.
    """

    site: Site
    robot: RobotModel
    run_folder: Path
    seed: int = 0
    epoch_s: float = 0.0
    by_nav2: bool = False
