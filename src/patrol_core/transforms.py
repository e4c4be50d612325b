"""A transform buffer with interpolation, after the tf tree of REP-105."""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Iterable

from patrol_core.errors import TransformError
from patrol_core.geometry import Pose2, Transform3
from patrol_core.types.motion import StampedTransform, Transforms


class TransformBuffer:
    """Keeps `history_s` of every moving edge; static edges hold for ever.

    Look-ups interpolate between samples and use a newest sample for `extrapolate_s` at most.
    """

    def __init__(self, history_s: float = 10.0, extrapolate_s: float = 0.2) -> None:
        self._history_s = history_s
        self._extrapolate_s = extrapolate_s
        self._moving: dict[str, deque[StampedTransform]] = {}
        self._static: dict[str, StampedTransform] = {}

    def update(self, messages: Iterable[Transforms]) -> None:
        """Take in messages of `tf`; a sample older than the newest of its edge is ignored."""
        for message in messages:
            for sample in message.transforms:
                history = self._moving.setdefault(sample.child, deque())
                if history and sample.stamp_s <= history[-1].stamp_s:
                    continue
                history.append(sample)
                while history[0].stamp_s < sample.stamp_s - self._history_s:
                    history.popleft()

    def update_static(self, message: Transforms) -> None:
        """Take in a message of `tf_static`."""
        self._static.update({sample.child: sample for sample in message.transforms})

    def lookup(self, target: str, source: str, stamp_s: float) -> Transform3:
        """`source` in `target` at `stamp_s`. Raises TransformError when it is not known."""
        to_source = self._chain(source, stamp_s)
        to_target = self._chain(target, stamp_s)
        for frame in to_source:
            if frame in to_target:
                return to_target[frame].inverse().compose(to_source[frame])
        raise TransformError(
            f"no transform from '{source}' to '{target}'",
            remedy="check that every frame between them is published",
        )

    def pose(self, target: str, source: str, stamp_s: float) -> Pose2:
        """The planar part of `lookup`."""
        return self.lookup(target, source, stamp_s).pose2()

    def try_pose(self, target: str, source: str, stamp_s: float) -> Pose2 | None:
        """`pose`, or None where it is not known."""
        try:
            return self.pose(target, source, stamp_s)
        except TransformError:
            return None

    def _chain(self, frame: str, stamp_s: float) -> dict[str, Transform3]:
        """`frame` expressed in itself and in every ancestor, nearest first."""
        transform = Transform3((0.0, 0.0, 0.0))
        chain = {frame: transform}
        while frame in self._static or frame in self._moving:
            edge = self._static.get(frame) or self._at(frame, stamp_s)
            transform = edge.transform.compose(transform)
            frame = edge.parent
            chain[frame] = transform
        return chain

    def _at(self, child: str, stamp_s: float) -> StampedTransform:
        history = self._moving[child]
        index = bisect.bisect_left(history, stamp_s, key=lambda sample: sample.stamp_s)
        newest = history[-1]
        if index == len(history):
            if stamp_s - newest.stamp_s > self._extrapolate_s:
                raise TransformError(
                    f"'{child}' is {stamp_s - newest.stamp_s:.2f} s old",
                    expected=f"at most {self._extrapolate_s} s",
                    remedy="its publisher is silent or late",
                )
            return newest
        after = history[index]
        if after.stamp_s == stamp_s:
            return after
        if index == 0:
            raise TransformError(f"'{child}' is not known so far back")
        before = history[index - 1]
        fraction = (stamp_s - before.stamp_s) / (after.stamp_s - before.stamp_s)
        mixed = before.transform.interpolate(after.transform, fraction)
        return StampedTransform(stamp_s, after.parent, child, mixed)
