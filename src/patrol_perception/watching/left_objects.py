"""Things left behind, and things taken away, in the picture of a camera that stands still.

A pixel that is neither background nor moving has come to stay. Such pixels side by side are a
thing left behind if they lie still, if somebody much taller was at them when they came, and if
nobody is any more. What somebody took away is told from what was left by the edges round it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from patrol_core.errors import ConfigError
from patrol_perception.watching.kernels import BACKGROUND, FIRST, SINCE, STATIC
from patrol_perception.watching.layers import FloatPicture, Layers, Mask, Picture
from patrol_perception.watching.movers import Boxes, Movers
from patrol_perception.watching.params import WatchParams

_LOOKS_HZ = 6.0
_SAME = 0.3
"""Overlap, by the smaller of two boxes, that makes them the same thing."""
_MARGIN_PX = 3
_BEFORE_S = 0.3
"""Who takes a thing is there that much sooner than it goes. Not so who had stood there himself."""
_GROWN = 1.5
"""What has grown by this is looked at anew."""
_ARM = 0.3
"""Length of an arm, by the height of a person."""
_MEMORY_S = 20.0
"""Who moves is remembered for so long, and for as long as a thing may be hidden."""
_MISSED_LOOKS = 6
_LEAST_SIDE_PX = 4
_RING_PX = 5
"""What is round a thing is compared with it so far from its edge."""
_BAND = np.ones((3, 3), np.uint8)


class LeftKind(Enum):
    LEFT = "left"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class LeftObject:
    """Something left behind or taken away. `box`: x, y, width, height [pixels of the picture].

    `unattended_s`: for how long nobody had been at it when it was told.
    """

    stamp_s: float
    since_s: float
    kind: LeftKind
    box: tuple[int, int, int, int]
    reason: str
    unattended_s: float


@dataclass(slots=True)
class _Thing:
    """Something that has come to stay, as of the last look; all in pixels of the work picture."""

    box: Boxes
    mask: Mask
    came: int
    seen: int
    attended: int
    taller_before: int = 0
    taller_around: int = 0
    """Height of the tallest who was at it before it came, and then or soon after."""
    snapshot: Picture | None = None
    samples: int = 0
    restless: float = 0.0
    is_told: bool = False


class LeftObjectWatch:
    """Pictures (H, W, 3) in, things out. One for each camera and standpoint.

    Raises ConfigError when things would be taken for background before they can be told.
    """

    def __init__(self, params: WatchParams, rate_hz: float) -> None:
        self._params = params
        self._rate_hz = rate_hz
        self._layers = Layers(params.layers, rate_hz)
        judge = params.judge
        needed_s = judge.static_s + judge.unattended_s
        if params.layers.absorb_s <= needed_s:
            raise ConfigError(
                f"parameter 'layers.absorb_s' is {params.layers.absorb_s:g}",
                expected=f"more than static_s and unattended_s together, {needed_s:g}",
                remedy="raise it: what is background by then is never told",
            )
        memory_s = 2.0 * judge.carried_within_s + params.layers.occluded_s + _MEMORY_S
        self._movers = Movers(round(memory_s * rate_hz))
        self._every = max(1, round(rate_hz / _LOOKS_HZ))
        self._things: list[_Thing] = []
        self._light = -(10**9)
        self._bright_looks = 0

    def update(self, picture: Picture, now_s: float) -> list[LeftObject]:
        """The next picture; what has been left or taken as of now, each told once."""
        scale = min(1.0, self._params.layers.work_width_px / picture.shape[1])
        if scale < 1.0:
            picture = np.asarray(
                cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            )
        state = self._layers.update(picture)
        number = self._layers.number
        if number % self._every:
            return []
        if self._is_light(state):
            return []
        self._movers.look(state, number)
        self._match(state, number)
        found = []
        for thing in self._things:
            told = None if thing.is_told else self._judge(thing, number)
            if told is not None:
                thing.is_told = True
                kind, reason = told
                x, y, width, height = (round(float(v) / scale) for v in thing.box)
                since_s = now_s - (number - thing.came) / self._rate_hz
                alone_s = (number - thing.attended) / self._rate_hz
                box = (x, y, width, height)
                found.append(LeftObject(now_s, since_s, kind, box, reason, alone_s))
        return found

    def _is_light(self, state: Mask) -> bool:
        """Whether so much changed at once that it is the light; the background is learnt anew."""
        changed = float(np.count_nonzero(state > BACKGROUND)) / state.size
        if changed < self._params.judge.light_share:
            self._bright_looks = 0
            return False
        self._bright_looks += 1
        self._light = self._layers.number
        if self._bright_looks > _LOOKS_HZ:
            self._layers.forget()
            self._things.clear()
        return True

    def _match(self, state: Mask, number: int) -> None:
        """Find what has come to stay, and know it again."""
        static = (state == STATIC).astype(np.uint8)
        static = np.asarray(cv2.morphologyEx(static, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(static, connectivity=8)
        least = self._params.judge.least_area * state.size
        for label in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= least):
            if label == 0:
                continue
            box = stats[label, :4].astype(np.int64)
            part = _part(box)
            mask = (labels[part] == label).astype(np.uint8)
            known = next((t for t in self._things if _overlap(t.box, box) > _SAME), None)
            came = self._layers.counts[part][..., FIRST][(mask == 1) & (state[part] == STATIC)]
            if not len(came):
                continue
            first = int(np.median(came))
            if known is None:
                known = _Thing(box, mask, first, number, number)
                self._things.append(known)
                self._note_carriers(known)
                continue
            if mask.sum() > _GROWN * known.mask.sum():
                known.snapshot = None
            known.box, known.mask, known.came, known.seen = box, mask, first, number
            if number - first <= 2.0 * self._params.judge.carried_within_s * self._rate_hz:
                self._note_carriers(known)
        patience = _MISSED_LOOKS * self._every + round(
            self._params.layers.occluded_s * self._rate_hz
        )
        self._things = [thing for thing in self._things if number - thing.seen < patience]

    def _note_carriers(self, thing: _Thing) -> None:
        """Who may have brought or taken it; noted early, for its owner may stay for hours."""
        within = round(self._params.judge.carried_within_s * self._rate_hz)
        before = thing.came - round(_BEFORE_S * self._rate_hz)
        seen = self._movers.touching(
            thing.box, thing.came - within, thing.came + within, _margin(thing)
        )
        thing.taller_around = max((tall for _, tall in seen), default=0)
        thing.taller_before = max((tall for number, tall in seen if number <= before), default=0)

    def _judge(self, thing: _Thing, number: int) -> tuple[LeftKind, str] | None:
        """Left, taken away, or neither (yet); with the numbers that speak for it."""
        judge, rate = self._params.judge, self._rate_hz
        beside = self._movers.touching(thing.box, number, number, _margin(thing))
        if beside or self._company(thing) > judge.company:
            thing.attended = number
        if thing.seen != number or number - thing.attended < judge.unattended_s * rate:
            return None
        self._sample(thing)
        still_s = (number - thing.came) / rate
        with_light = abs(thing.came - self._light) < rate
        if still_s < judge.static_s or with_light or not self._fits(thing):
            return None
        gain = self._contrast_gain(thing)
        if 1.0 / judge.contrast_gain < gain < judge.contrast_gain:
            return None
        kind = LeftKind.LEFT if gain > 1.0 else LeftKind.REMOVED
        if kind is LeftKind.REMOVED and self._was_passing(thing):
            return None
        height = int(thing.box[3])
        tallest = thing.taller_around if kind is LeftKind.LEFT else thing.taller_before
        if height > judge.height_by_owner * tallest:
            return None
        what = "came" if kind is LeftKind.LEFT else "went"
        reason = (
            f"it {what} {still_s:.1f} s ago (at least {judge.static_s:g}), beside somebody "
            f"{tallest / height:.1f} times as tall (at least {1.0 / judge.height_by_owner:.1f}); "
            f"nobody has been at it for {judge.unattended_s:g} s; "
            f"{100.0 * thing.restless:.0f} % of it moves (at most {100.0 * judge.restless:.0f}); "
            f"it stands out {gain:.2f} times as much as what was there (at least "
            f"{judge.contrast_gain:g} for what came, at most {1.0 / judge.contrast_gain:.2f} for "
            "what went)"
        )
        return kind, reason

    def _company(self, thing: _Thing) -> float:
        """Share of what is beside it that is no background, on the side where that is more.

        Beside it is within arm's reach, measured by the height of who brought it: who stands there
        has not left it.
        """
        x, y, width, height = (int(v) for v in thing.box)
        reach = max(_RING_PX + max(width, height) // 3, round(_ARM * thing.taller_around))
        rows = slice(max(y - reach, 0), y + height)
        left = self._layers.state[rows, max(x - reach, 0) : max(x - 2, 0)]
        right = self._layers.state[rows, x + width + 2 : x + width + reach]
        sides = [float((side > BACKGROUND).mean()) for side in (left, right) if side.size]
        return max(sides, default=0.0)

    def _fits(self, thing: _Thing) -> bool:
        """Whether it is whole, of the size of a thing, of one piece, and at rest."""
        judge = self._params.judge
        x, y, width, height = thing.box
        rows, columns = self._layers.state.shape
        cut_off = min(x, y) < 2 or x + width > columns - 2 or y + height > rows - 2
        area = float(thing.mask.sum())
        return (
            not cut_off
            and min(width, height) >= _LEAST_SIDE_PX
            and judge.fill * width * height <= area <= judge.largest_area * rows * columns
            and thing.restless <= judge.restless
        )

    def _was_passing(self, thing: _Thing) -> bool:
        """Whether what was taken for background had been there for a short time only.

        Then it was somebody who stood there; what is seen now is the background.
        """
        part, mask = _part(thing.box), thing.mask == 1
        known = float(np.median(self._layers.counts[part][mask, SINCE]))
        passing = thing.came - known < self._params.judge.removed_after_s * self._rate_hz
        if passing:
            self._layers.absorb(part, mask)
        return passing

    def _sample(self, thing: _Thing) -> None:
        """How much of the thing looks other than when nobody was at it for the first time."""
        if thing.snapshot is None:
            thing.snapshot, thing.samples, thing.restless = self._layers.picture.copy(), 0, 0.0
        part = _part(thing.box)
        change = np.abs(
            self._layers.picture[part].astype(np.int16) - thing.snapshot[part].astype(np.int16)
        ).max(axis=2)
        mask = np.asarray(cv2.dilate(thing.mask, _BAND)) == 1
        share = float((change[mask] > self._layers.threshold).mean())
        thing.samples += 1
        thing.restless += (share - thing.restless) / thing.samples

    def _contrast_gain(self, thing: _Thing) -> float:
        """How much it stands out from what is round it, by how much what was there did."""
        x, y, width, height = (int(v) for v in thing.box)
        shape = self._layers.state.shape
        low_x, low_y = max(x - _RING_PX, 0), max(y - _RING_PX, 0)
        part = np.s_[low_y : min(y + height + _RING_PX, shape[0]),
                     low_x : min(x + width + _RING_PX, shape[1])]  # fmt: skip
        mask = np.zeros(self._layers.state[part].shape, np.float32)
        mask[y - low_y : y - low_y + height, x - low_x : x - low_x + width] = thing.mask
        now = _contrast(self._layers.picture[part].astype(np.float32), mask)
        before = _contrast(self._layers.background[part], mask)
        return (now + 1.0) / (before + 1.0)


def _margin(thing: _Thing) -> int:
    """Who comes so near [pixels] is at it."""
    return _MARGIN_PX + int(0.1 * thing.box[2:].max())


def _part(box: Boxes) -> tuple[slice, slice]:
    x, y, width, height = (int(v) for v in box)
    return np.s_[y : y + height, x : x + width]


def _overlap(first: Boxes, second: Boxes) -> float:
    """Common area by that of the smaller box."""
    low = np.maximum(first[:2], second[:2])
    high = np.minimum(first[:2] + first[2:], second[:2] + second[2:])
    common = float(np.prod(np.maximum(high - low, 0)))
    return common / float(min(np.prod(first[2:]), np.prod(second[2:])))


def _contrast(picture: FloatPicture, mask: FloatPicture) -> float:
    """Mean difference of colour across the edge of a mask, inside against outside near by."""
    size = (2 * _RING_PX + 1, 2 * _RING_PX + 1)
    inside = cv2.boxFilter(mask, -1, size)
    outside = cv2.boxFilter(1.0 - mask, -1, size)
    edge = (inside > 0.2) & (outside > 0.2)
    if not edge.any():
        return 0.0
    mean_in = cv2.boxFilter(picture * mask[..., None], -1, size)[edge] / inside[edge][:, None]
    mean_out = (
        cv2.boxFilter(picture * (1.0 - mask)[..., None], -1, size)[edge] / outside[edge][:, None]
    )
    return float(np.abs(mean_in - mean_out).max(axis=1).mean())
