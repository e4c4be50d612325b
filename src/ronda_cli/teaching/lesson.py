"""What is learnt from one drive: the track, and what the driver marked on the way.

Poses and acts come in, in order; what was accepted is an `Entry`, and the same entries make the
same lesson again (`replay`), so that a journal of them resumes an interrupted drive.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from ronda_cli.teaching.track import went_round

APART_M = 0.05
"""Poses nearer to the last one say nothing new: the belief is no better than a few centimetres."""
JUMP_M = 0.5
"""A pose farther from the track's end has not been driven to."""
SPREAD_M = 0.25
"""A belief spread wider than this is no place to mark."""
STALE_S = 1.0
ROUND_WITHIN_M = 1.5
ROUND_LENGTH_M = 4.0


class Act(Enum):
    """What the driver does. DRIVE: be somewhere. AROUND: begin to drive round a keep-out, and end
    it. BEGIN: the route begins here, not before. UNDO takes the last of the others back."""

    DRIVE = "drive"
    CHECKPOINT = "checkpoint"
    CHECK = "check"
    AROUND = "around"
    BEGIN = "begin"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted act, at a pose in `map`."""

    act: Act
    pose: Pose2


@dataclass(frozen=True, slots=True)
class Mark:
    """An act that stands, and how many poses the track had then."""

    act: Act
    pose: Pose2
    count: int


class Lesson:
    """The state of one drive. `problem`: why poses are not taken now; empty: they are.

    `max_step_m`: a pose farther from the track's end is not taken, until the robot is back there;
    `max_spread_m`: nor one whose place is known less well than that.
    """

    def __init__(self, max_step_m: float = JUMP_M, max_spread_m: float = SPREAD_M) -> None:
        self._max_step_m = max_step_m
        self._max_spread_m = max_spread_m
        self._poses: list[Pose2] = []
        self._stamp_s = -math.inf
        self._here: Pose2 | None = None
        self._quality = "no word of the localisation yet"
        self._away_m = 0.0
        self.marks: list[Mark] = []

    # What comes in

    def hear_quality(self, status: LocalizationStatus) -> None:
        """How far the pose can be trusted."""
        self._quality = ""
        if status.level is not LocalizationLevel.GOOD:
            self._quality = f"the pose is {status.level.value}: {status.reason}"
        elif status.position_std_m > self._max_spread_m:
            self._quality = f"the place is known to {status.position_std_m:.2f} m only"

    def hear_pose(self, pose: Pose2, stamp_s: float) -> Entry | None:
        """Where the robot is; the entry if the track goes on to it."""
        self._here, self._stamp_s = None, stamp_s
        if self._quality or not pose.is_finite():
            return None
        self._here = pose
        self._away_m = pose.distance_to(self._poses[-1]) if self._poses else 0.0
        if self._away_m > self._max_step_m or (self._poses and self._away_m < APART_M):
            return None
        return self._take(Entry(Act.DRIVE, pose))

    def act(self, act: Act, now_s: float) -> tuple[Entry | None, str]:
        """A key of the driver: the entry, if it counts, and what to tell him."""
        if act is Act.UNDO:
            if not self.marks:
                return None, "nothing is marked: nothing to undo"
            last = self.marks[-1]
            return self._take(Entry(act, last.pose)), f"taken back: {_words(last.act)}"
        problem = self.problem(now_s)
        if problem or self._here is None:
            return None, f"not marked: {problem}"
        if act is Act.AROUND and self._around is not None:
            refusal = self._refusal_of_round(self._around)
            if refusal:
                return None, refusal
        entry = self._take(Entry(act, self._here))
        if act is Act.AROUND and self._around is not None:
            return entry, "drive round it, and press k again where you began"
        return entry, f"marked: {_words(act)} {self._number(act)}".rstrip()

    def replay(self, entries: Iterable[Entry]) -> None:
        """Take entries as they were accepted."""
        for entry in entries:
            self._take(entry)

    def _take(self, entry: Entry) -> Entry:
        if entry.act is Act.DRIVE:
            self._poses.append(entry.pose)
        elif entry.act is Act.UNDO:
            if self.marks:
                self.marks.pop()
        else:
            self.marks.append(Mark(entry.act, entry.pose, len(self._poses)))
        return entry

    # What is so

    def problem(self, now_s: float) -> str:
        """Why the robot's place is not taken down now; empty: it is."""
        if self._quality:
            return self._quality
        if now_s - self._stamp_s > STALE_S:
            return "no pose comes: is the robot's system running?"
        if self._away_m > self._max_step_m:
            end = self._poses[-1]
            return (
                f"{self._away_m:.1f} m from the end of the track: "
                f"drive back to {end.x_m:.1f}, {end.y_m:.1f}, and on from there"
            )
        return ""

    @property
    def pose(self) -> Pose2 | None:
        """Where the robot is, if that is known well."""
        return self._here

    @property
    def driven(self) -> int:
        """How many poses were taken."""
        return len(self._poses)

    @property
    def everything(self) -> FloatArray:
        """All ground that was driven (N, 2)."""
        return _points(self._poses)

    @property
    def track(self) -> FloatArray:
        """The driven points (N, 2) that the route is made of: from where it begins, without the
        ways round keep-outs."""
        begin = max((m.count for m in self.marks if m.act is Act.BEGIN), default=0)
        left_out = [False] * len(self._poses)
        for first, last in self._rounds():
            left_out[first:last] = [True] * (last - first)
        return _points([p for i, p in enumerate(self._poses) if i >= begin and not left_out[i]])

    @property
    def length_m(self) -> float:
        """Of the track."""
        points = self.track
        if len(points) < 2:
            return 0.0
        return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())

    @property
    def checkpoints(self) -> list[Mark]:
        """Those marked, with or without a check, in order."""
        return [mark for mark in self.marks if mark.act in (Act.CHECKPOINT, Act.CHECK)]

    @property
    def keep_outs(self) -> list[FloatArray]:
        """The ways (N, 2) that were driven round something."""
        return [_points(self._poses[first:last]) for first, last in self._rounds()]

    @property
    def goes_round(self) -> bool:
        """Whether something is being driven round just now."""
        return self._around is not None

    @property
    def _around(self) -> Mark | None:
        arounds = [mark for mark in self.marks if mark.act is Act.AROUND]
        return arounds[-1] if len(arounds) % 2 else None

    def _rounds(self) -> list[tuple[int, int]]:
        counts = [mark.count for mark in self.marks if mark.act is Act.AROUND]
        return list(zip(counts[::2], counts[1::2], strict=False))

    def _refusal_of_round(self, begun: Mark) -> str:
        here = self._here
        assert here is not None
        way = _points(self._poses[begun.count :])
        apart_m = here.distance_to(begun.pose)
        driven_m = float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum()) if len(way) else 0.0
        if driven_m < ROUND_LENGTH_M or apart_m > ROUND_WITHIN_M:
            return f"not round yet: {apart_m:.1f} m from where you began; u takes the begin back"
        if not went_round(way):
            return "nothing lies inside this way round; u takes the begin back"
        return ""

    def _number(self, act: Act) -> str:
        if act is Act.BEGIN:
            return ""
        count = sum(mark.act is act for mark in self.marks)
        return str(count // 2 if act is Act.AROUND else count)


def _points(poses: list[Pose2]) -> FloatArray:
    return np.array([(pose.x_m, pose.y_m) for pose in poses], dtype=np.float64).reshape(-1, 2)


def _words(act: Act) -> str:
    return {
        Act.CHECKPOINT: "checkpoint",
        Act.CHECK: "checkpoint with a check",
        Act.AROUND: "keep-out",
        Act.BEGIN: "the route begins here",
    }[act]
