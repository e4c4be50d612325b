"""When to speak first: to who comes near and stays, once, and to nobody who only goes by.

People show by how they come near, slow down and stop that they want something, and take being
addressed amiss when they do not (Kato, Kanda and Ishiguro, "May I help you?", HRI 2015;
Michalowski et al., "A spatial model of engagement for a social robot", AMC 2006). Distances follow
Hall's zones ("The Hidden Dimension", 1966): social distance ends at 3.6 m. Nobody is known again:
track ids change and are not used, standing is told by somebody being at a place all the time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from patrol_core.geometry import Pose2
from patrol_core.params import param
from patrol_core.site.local_time import LocalTime
from patrol_core.site.model import Hours
from patrol_core.types.perception import Track, TrackKind, Tracks

MOST_PEOPLE = 32
"""Of a crowd, the nearest count."""


@dataclass(frozen=True, slots=True)
class GreetingParams:
    """Whom the robot greets, and when."""

    near_m: float = param(3.0, "Who is nearer is met [m]", 1.0, 5.0)
    leave_m: float = param(4.5, "Who is farther has left [m]", 1.5, 8.0)
    front_rad: float = param(1.2, "Half the angle in front in which one is addressed", 0.3, 3.15)
    dwell_s: float = param(1.5, "Who stands so long is addressed [s]", 0.5, 10.0)
    still_m: float = param(0.5, "Standing is to stay within this [m]", 0.1, 1.0)
    still_mps: float = param(0.6, "Who is faster does not stand, whatever stays there", 0.1, 1.5)
    gap_s: float = param(0.6, "Longest time for which a standing person may be missed", 0.1, 2.0)
    stale_s: float = param(0.5, "Tracks that are older tell nothing [s]", 0.1, 2.0)
    min_confidence: float = param(0.5, "Of a track that counts", 0.0, 1.0)
    gone_s: float = param(15.0, "An encounter ends when nobody was near for so long", 3.0, 120.0)
    ignored_limit: int = param(3, "So many ignored greetings in a row bring a pause", 1, 20)
    pause_s: float = param(300.0, "The first pause; each later one is twice as long", 10.0, 3600.0)
    max_pause_s: float = param(3600.0, "The longest pause [s]", 10.0, 86400.0)


@dataclass(frozen=True, slots=True)
class Situation:
    """What speaks against speaking. `driven`: an operator drives the robot. `stopped`: an
    emergency stop holds it. `in_conversation`: somebody talks with it, by whatever front end.
    """

    driven: bool = False
    stopped: bool = False
    in_conversation: bool = False


@dataclass(frozen=True, slots=True)
class Greeting:
    """Say the first words now. `x_m`, `y_m` in `map`: the nearest of those addressed."""

    stamp_s: float
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class _Sample:
    """Where the robot and the people who stand were at one time."""

    stamp_s: float
    pose: Pose2
    standing_m: tuple[tuple[float, float], ...]


class Greeter:
    """Decides when to greet. It only ever speaks, and never to who it drives past or up to.

    A group, and whoever joins it, is one encounter; an encounter is greeted once at most. Nobody
    is greeted in `quiet_hours`.
    """

    def __init__(
        self, quiet_hours: Sequence[Hours], local_time: LocalTime, params: GreetingParams
    ) -> None:
        self._quiet_hours = tuple(quiet_hours)
        self._local_time = local_time
        self._params = params
        self._samples: deque[_Sample] = deque()
        self._met = False
        self._greeted = False
        self._answered = False
        self._near_s = -math.inf
        self._ignored = 0
        self._pause_until_s = -math.inf

    def step(
        self, tracks: Tracks | None, pose: Pose2 | None, situation: Situation, now_s: float
    ) -> Greeting | None:
        """Whether to greet now. `tracks` and `pose` in `map`, None while there are none."""
        if situation.in_conversation:
            self._greeted = self._answered = True
            self._ignored, self._pause_until_s = 0, -math.inf
        if tracks is None or pose is None or not pose.is_finite():
            return None
        if not 0.0 <= now_s - tracks.stamp_s <= self._params.stale_s:
            return None
        people = self._people(tracks, pose)
        self._follow_encounter(people, pose, now_s)
        self._remember(people, pose, tracks.stamp_s)
        if not self._met or self._greeted or self._must_be_quiet(situation, now_s):
            return None
        for person in people:
            if self._is_addressed(person, pose):
                self._greeted = True
                return Greeting(now_s, person.x_m, person.y_m)
        return None

    def _people(self, tracks: Tracks, pose: Pose2) -> list[Track]:
        """Nearest first."""
        found = [
            track
            for track in tracks.tracks
            if track.kind is TrackKind.PERSON
            and track.confidence >= self._params.min_confidence
            and math.isfinite(track.x_m + track.y_m)
        ]
        return sorted(found, key=lambda track: _distance(track, pose))[:MOST_PEOPLE]

    def _follow_encounter(self, people: list[Track], pose: Pose2, now_s: float) -> None:
        reach_m = self._params.leave_m if self._met else self._params.near_m
        if people and _distance(people[0], pose) <= reach_m:
            self._met, self._near_s = True, now_s
        elif self._met and now_s - self._near_s > self._params.gone_s:
            if self._greeted and not self._answered:
                self._take_as_ignored(now_s)
            self._met = self._greeted = self._answered = False
        elif not self._met:
            self._greeted = self._answered = False

    def _take_as_ignored(self, now_s: float) -> None:
        self._ignored += 1
        times = self._ignored - self._params.ignored_limit
        if times >= 0:
            pause_s = self._params.pause_s * 2.0 ** min(times, 16)
            self._pause_until_s = now_s + min(pause_s, self._params.max_pause_s)

    def _remember(self, people: list[Track], pose: Pose2, stamp_s: float) -> None:
        if self._samples and stamp_s <= self._samples[-1].stamp_s:
            if stamp_s == self._samples[-1].stamp_s:
                return
            self._samples.clear()  # time was set back
        standing = tuple(
            (person.x_m, person.y_m)
            for person in people
            if math.hypot(person.vx_mps, person.vy_mps) <= self._params.still_mps
        )
        self._samples.append(_Sample(stamp_s, pose, standing))
        oldest_s = stamp_s - self._params.dwell_s - self._params.gap_s
        while self._samples[0].stamp_s < oldest_s:
            self._samples.popleft()

    def _must_be_quiet(self, situation: Situation, now_s: float) -> bool:
        if situation.driven or situation.stopped or situation.in_conversation:
            return True
        if now_s < self._pause_until_s:
            return True
        return any(hours.contain(*self._local_time(now_s)) for hours in self._quiet_hours)

    def _is_addressed(self, person: Track, pose: Pose2) -> bool:
        """Near, in front, and both it and the robot have stayed where they are for a while."""
        if _distance(person, pose) > self._params.near_m:
            return False
        seen = Pose2(person.x_m, person.y_m).relative_to(pose)
        if abs(math.atan2(seen.y_m, seen.x_m)) > self._params.front_rad:
            return False
        still_m, last_s = self._params.still_m, self._samples[-1].stamp_s
        since_s = math.inf
        for sample in reversed(self._samples):
            if sample.pose.distance_to(pose) > still_m:
                break
            here = any(
                math.hypot(x_m - person.x_m, y_m - person.y_m) <= still_m
                for x_m, y_m in sample.standing_m
            )
            if here:
                since_s = sample.stamp_s
            elif min(since_s, last_s) - sample.stamp_s > self._params.gap_s:
                break
        return last_s - since_s >= self._params.dwell_s - 1e-6


def _distance(track: Track, pose: Pose2) -> float:
    return math.hypot(track.x_m - pose.x_m, track.y_m - pose.y_m)
