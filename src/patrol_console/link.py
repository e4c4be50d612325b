"""The robot's end of the console: rows in, rows out, for whoever is in the web's thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from patrol_console.rows import READS
from patrol_core.component import Inputs, Outputs, ProcessContext, Sample
from patrol_core.robot import RobotModel
from patrol_core.site.model import Site
from patrol_core.site.site_watch import SiteWatch
from patrol_core.topics import Topic, TopicKind

T = TypeVar("T")
_MAX_WAITING = 1000
"""Events that the web may say between two ticks."""


class RobotLink:
    """One robot as the web sees it (`patrol_console.station.Robot`)."""

    def __init__(self, name: str, context: ProcessContext) -> None:
        self.name = name
        self._context = context
        self._watch = SiteWatch(context.site)
        self._inputs = Inputs({}, {})
        self._now_s = 0.0
        self._waiting: deque[tuple[Topic[Any], Any]] = deque()
        self._newest: dict[str, tuple[Topic[Any], Any]] = {}
        self._listeners: dict[str, list[Callable[[Any], None]]] = {}
        self._lock = threading.Lock()
        self._in_loop: Callable[[Callable[[], None]], None] | None = None

    # What the web sees

    @property
    def model(self) -> RobotModel:
        return self._context.robot

    @property
    def site(self) -> Site:
        """With what its files say by now."""
        return self._watch.site

    @property
    def run_folder(self) -> Path:
        return self._context.run_folder

    @property
    def epoch_s(self) -> float:
        return self._context.epoch_s

    def now_s(self) -> float:
        """The robot's time at its newest tick [s]."""
        return self._now_s

    def newest(self, topic: Topic[T]) -> Sample[T] | None:
        """The newest sample of a state row, however old."""
        return self._inputs.sample(topic)

    def fresh(self, topic: Topic[T]) -> T | None:
        """The newest value of a state row, unless it is stale."""
        return self._inputs.fresh(topic, self._now_s)

    def say(self, topic: Topic[T], value: T) -> None:
        """Publish at the next tick: every event, and of a state row the newest alone. While the
        robot's time stands still, the oldest events are dropped.
        """
        with self._lock:
            if topic.kind is TopicKind.STATE:
                self._newest[topic.name] = (topic, value)
                return
            if len(self._waiting) >= _MAX_WAITING:
                self._waiting.popleft()
            self._waiting.append((topic, value))

    def listen(self, topic: Topic[T], hear: Callable[[T], None]) -> Callable[[], None]:
        """Have every event of a row told, in the web's loop; returns what ends it."""
        with self._lock:
            heard = self._listeners.setdefault(topic.name, [])
            heard.append(hear)
        return lambda: heard.remove(hear) if hear in heard else None

    def serve(self, in_loop: Callable[[Callable[[], None]], None]) -> None:
        """Tell events from now on: `in_loop` has something called in the web's loop."""
        self._in_loop = in_loop

    # What the host does

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """Take in a tick, and hand out what was said since the last one."""
        self._inputs, self._now_s = inputs, now_s
        self._watch.refresh(now_s)
        outputs = Outputs()
        with self._lock:
            told = [(self._listeners.get(topic.name, ()), topic) for topic in READS]
            for topic, value in (*self._waiting, *self._newest.values()):
                outputs.put(topic, value)
            self._waiting.clear()
            self._newest.clear()
        for listeners, topic in told:
            for value in inputs.events(topic) if listeners else ():
                self._tell(tuple(listeners), value)
        return outputs

    def _tell(self, listeners: tuple[Callable[[Any], None], ...], value: Any) -> None:
        if self._in_loop is not None:
            self._in_loop(lambda: _call_all(listeners, value))


def _call_all(listeners: tuple[Callable[[Any], None], ...], value: Any) -> None:
    for hear in listeners:
        hear(value)
