"""A lesson from a track that was recorded: of a drive by hand, or of a patrol."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import Pose2
from patrol_core.site.model import Dock
from patrol_core.types.status import LocalizationLevel, LocalizationStatus
from patrol_records.entries import RunSample
from patrol_records.reader import RecordReader
from ronda_cli.teaching.lesson import Act, Entry, Lesson
from ronda_cli.teaching.track import DOCK_ROOM_M

STEP_M = 2.0
"""Samples lie half a second apart: no robot drives farther between two."""
_STILL_M, _APART_M = 0.15, 1.0


def lesson_of_run(folder: Path, stop_s: float, docks: Sequence[Dock]) -> Lesson:
    """The lesson of a run's samples; where the robot stood for `stop_s` and then went on, away
    from docks and from other checkpoints, is a checkpoint.

    Raises StoreError; ConfigError where nothing was driven.
    """
    reader = RecordReader(folder)
    try:
        samples = reader.samples(-math.inf, math.inf)
    finally:
        reader.close()
    lesson = Lesson(STEP_M)
    stood: Pose2 | None = None
    since_s = math.inf
    for sample in samples:
        lesson.hear_quality(_quality(sample))
        pose = _pose(sample)
        if pose is None:
            continue
        lesson.hear_pose(pose, sample.stamp_s)
        if stood is not None and stood.distance_to(pose) < _STILL_M:
            continue
        if stood is not None and sample.stamp_s - since_s >= stop_s and not _docked(stood, docks):
            marked = [mark.pose.distance_to(stood) < _APART_M for mark in lesson.marks]
            lesson.replay([] if any(marked) else [Entry(Act.CHECKPOINT, stood)])
        stood, since_s = pose, sample.stamp_s
    if lesson.driven < 2:
        raise ConfigError(
            "nothing was driven in this run, or the robot did not know where it was",
            place=Place(folder), expected="samples of a drive with good localisation",
            remedy="give the folder of another run",
        )  # fmt: skip
    return lesson


def _quality(sample: RunSample) -> LocalizationStatus:
    known = sample.localization == LocalizationLevel.GOOD.value
    level = LocalizationLevel.GOOD if known else LocalizationLevel.LOST
    return LocalizationStatus(sample.stamp_s, level, "", 0.0, 0.0, 1.0)


def _pose(sample: RunSample) -> Pose2 | None:
    x_m, y_m, yaw_rad = sample.x_m, sample.y_m, sample.yaw_rad
    if x_m is None or y_m is None or yaw_rad is None:
        return None
    return Pose2(x_m, y_m, yaw_rad)


def _docked(pose: Pose2, docks: Sequence[Dock]) -> bool:
    return any(pose.distance_to(dock.pose) < dock.approach_m + DOCK_ROOM_M for dock in docks)
