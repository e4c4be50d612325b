"""What the parts of the web application stand on: robots, log, time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from patrol_core.component import Sample
from patrol_core.robot import RobotModel
from patrol_core.site.model import Site
from patrol_core.topics import Topic

T = TypeVar("T")


class Seen(Protocol):
    """What a robot knew at one moment: now, or in a recording."""

    @property
    def model(self) -> RobotModel: ...

    def now_s(self) -> float:
        """The robot's time at its newest tick [s]."""
        ...

    def newest(self, topic: Topic[T]) -> Sample[T] | None:
        """The newest sample of a state row, however old; None before the first."""
        ...

    def fresh(self, topic: Topic[T]) -> T | None:
        """The newest value of a state row, unless it is stale."""
        ...


class Robot(Seen, Protocol):
    """One robot as the web sees it. Nothing here blocks; all of it may be called in any thread.

    `epoch_s`: Unix time at stamp zero.
    """

    @property
    def name(self) -> str: ...
    @property
    def site(self) -> Site: ...
    @property
    def run_folder(self) -> Path: ...
    @property
    def epoch_s(self) -> float: ...

    def say(self, topic: Topic[T], value: T) -> None:
        """Publish at the next tick, 20 ms at most."""
        ...

    def listen(self, topic: Topic[T], hear: Callable[[T], None]) -> Callable[[], None]:
        """Have every event of a row told, in the web's loop; returns what ends it."""
        ...


class Audit(Protocol):
    """Acts on their way into the tamper-evident log."""

    def __call__(self, who: str, role: str, kind: str, subject: str, details: str = "") -> None:
        """Never blocks; the act is kept on the disk until the records have logged it."""
        ...


@dataclass(frozen=True, slots=True)
class Station:
    """Everything that a part of the web application may use.

    `state_folder`: the console's own durable files, for its eyes only. `clock`: Unix time [s];
    `steady`: a time that never jumps [s].
    """

    robots: Mapping[str, Robot]
    state_folder: Path
    audit: Audit
    clock: Callable[[], float]
    steady: Callable[[], float]
