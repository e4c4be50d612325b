"""A lesson on a running robot: its rows and the driver's keys in, the journal and a view out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live

from patrol_core.topics import AMCL_POSE, LOCALIZATION_STATUS, SCAN
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.sensors import LaserScan
from patrol_core.types.status import LocalizationStatus
from ronda_cli.live.map_sketch import MapSketch
from ronda_cli.teaching.journal import Journal
from ronda_cli.teaching.lesson import Act, Entry, Lesson
from ronda_cli.teaching.scans import ScanLog
from ronda_cli.teaching.view import panel
from ronda_cli.teleop.keys import Key
from ronda_cli.teleop.operator import Operator

if TYPE_CHECKING:
    from ronda_cli.live.watcher import RobotWatcher

REDRAW_S = 0.4
_ACTS = {
    Key.CHECKPOINT: Act.CHECKPOINT,
    Key.CHECK: Act.CHECK,
    Key.AROUND: Act.AROUND,
    Key.BEGIN: Act.BEGIN,
    Key.UNDO: Act.UNDO,
}


class Teacher:
    """Takes down what comes, as it comes. `scans`: where a map is to be made."""

    def __init__(self, lesson: Lesson, journal: Journal, scans: ScanLog | None = None) -> None:
        self.lesson = lesson
        self._journal = journal
        self._scans = scans

    def hear_quality(self, status: LocalizationStatus) -> None:
        self.lesson.hear_quality(status)

    def hear_pose(self, estimate: PoseEstimate, now_s: float) -> None:
        """`now_s`: of the clock that acts are told by."""
        self._keep(self.lesson.hear_pose(estimate.pose, now_s))
        if self._scans is not None and not self.lesson.problem(now_s):
            self._scans.hear_pose(estimate, self.lesson.driven)

    def hear_scan(self, scan: LaserScan) -> None:
        if self._scans is not None:
            self._scans.hear_scan(scan)

    def act(self, act: Act, now_s: float) -> str:
        """What to tell the driver."""
        entry, words = self.lesson.act(act, now_s)
        self._keep(entry)
        return words

    def _keep(self, entry: Entry | None) -> None:
        if entry is not None:
            self._journal.add(entry)


class LiveLesson:
    """The teacher at a terminal, for `TeleopRun`. `finished`: the driver pressed f."""

    def __init__(self, teacher: Teacher, title: str, sketch: MapSketch, console: Console) -> None:
        self._teacher = teacher
        self._title = title
        self._sketch = sketch
        self._news: list[str] = []
        self._shown_s = 0.0
        self.finished = False
        self.live = Live(console=console, auto_refresh=False)

    def listen(self, watcher: RobotWatcher) -> None:
        """Hear the robot from now on."""
        teacher = self._teacher
        watcher.on(LOCALIZATION_STATUS, teacher.hear_quality)
        watcher.on(AMCL_POSE, lambda pose: teacher.hear_pose(pose, time.monotonic()))
        watcher.on(SCAN, teacher.hear_scan)

    def press(self, key: Key, now_s: float) -> bool:
        if key is Key.FINISH:
            self.finished = True
        else:
            self._news.append(self._teacher.act(_ACTS[key], now_s))
        return self.finished

    def show(self, operator: Operator, now_s: float) -> None:
        if now_s - self._shown_s < REDRAW_S:
            return
        self._shown_s = now_s
        lesson = self._teacher.lesson
        view = panel(self._title, lesson, operator, self._sketch, self._news, now_s)
        self.live.update(view, refresh=True)
