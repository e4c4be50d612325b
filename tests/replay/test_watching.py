"""Things left and taken in drawn pictures of a still camera: people are tall boxes that sway."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from patrol_core.errors import ConfigError
from patrol_core.params import make_params
from patrol_perception.watching.left_objects import LeftKind, LeftObject, LeftObjectWatch
from patrol_perception.watching.params import WatchParams

RATE_HZ = 10.0
ROWS, COLUMNS = 120, 160
FLOOR, TALL, WIDE = 100, 60, 16
BAG = (90, 90, 12, 10)
"""x, y, width, height."""
Picture = npt.NDArray[np.uint8]


class Room:
    """Draws what is there: plain things as boxes, people whose clothes are never quite still."""

    def __init__(self, seed: int = 4) -> None:
        self.rng = np.random.default_rng(seed)
        rough = self.rng.integers(90, 150, (ROWS // 8, COLUMNS // 8, 3))
        self.background = np.kron(rough, np.ones((8, 8, 1))).astype(np.float64)
        self.light = 1.0
        self.clothes = np.kron(self.rng.integers(20, 90, (15, 4, 3)), np.ones((4, 4, 1)))
        self.drawn = 0

    def picture(
        self, people: tuple[float, ...] = (), boxes: tuple[tuple[int, ...], ...] = ()
    ) -> Picture:
        """People by the x of their middle; they sway."""
        shown = self.background.copy()
        self.drawn += 1
        sway = round(1.5 * np.sin(self.drawn / 4.0))
        for x, y, width, height in boxes:
            shown[y : y + height, x : x + width] = (30, 40, 160)
        for middle in people:
            left = round(middle) - WIDE // 2 + sway
            low, high = max(left, 0), min(left + WIDE, COLUMNS)
            shown[FLOOR - TALL : FLOOR, low:high] = self.clothes[:, low - left : high - left]
        noisy = self.light * shown + self.rng.normal(0.0, 2.0, shown.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)


Scene = Callable[[float, Room], Picture]


def walker(now_s: float, start_s: float, from_x: float, to_x: float) -> tuple[float, ...]:
    """Somebody who crosses part of the picture at 20 pixels a second; nobody before and after."""
    way = (now_s - start_s) * 20.0
    if way < 0.0 or way > abs(to_x - from_x):
        return ()
    return (from_x + np.sign(to_x - from_x) * way,)


def watch(scene: Scene, duration_s: float, **params: float) -> list[LeftObject]:
    room = Room()
    values = {name.replace("__", "."): value for name, value in params.items()}
    watching = LeftObjectWatch(make_params(WatchParams, values), RATE_HZ)
    found = []
    for number in range(round(duration_s * RATE_HZ)):
        now_s = number / RATE_HZ
        found += watching.update(scene(now_s, room), now_s)
    return found


def overlap(found: LeftObject, box: tuple[int, ...]) -> float:
    """Intersection over union."""
    ax, ay, aw, ah = found.box
    bx, by, bw, bh = box
    width = max(min(ax + aw, bx + bw) - max(ax, bx), 0)
    height = max(min(ay + ah, by + bh) - max(ay, by), 0)
    return width * height / (aw * ah + bw * bh - width * height)


def brings(now_s: float, room: Room) -> Picture:
    """Comes at 3 s, sets the bag down at about 7.5 s, and is gone at 11 s."""
    people = walker(now_s, 3.0, 0.0, 96.0) + walker(now_s, 7.8, 96.0, 160.0)
    return room.picture(people, (BAG,) if now_s > 7.6 else ())


def test_a_bag_that_somebody_leaves_is_told_once_with_place_and_reason() -> None:
    (found,) = watch(brings, 30.0)
    assert found.kind is LeftKind.LEFT
    assert overlap(found, BAG) > 0.6
    assert found.since_s == pytest.approx(7.7, abs=0.8)
    assert 10.6 < found.stamp_s < 14.0
    for words in ("it came", "as tall (at least 2.2)", "nobody has been at it for 1 s", "moves"):
        assert words in found.reason


def test_it_is_told_later_where_it_must_lie_longer() -> None:
    (found,) = watch(brings, 30.0, judge__static_s=12.0)
    assert found.stamp_s - found.since_s >= 12.0


@pytest.mark.parametrize("beside", [96.0, 78.0])
def test_a_bag_whose_owner_stays_is_nobodys_business_until_he_goes(beside: float) -> None:
    """He stands before it, or beside it. What he hid for long is known again after a while."""

    def scene(now_s: float, room: Room) -> Picture:
        people = walker(now_s, 3.0, 0.0, 96.0) or ((beside,) if 7.8 < now_s < 20.0 else ())
        people += walker(now_s, 20.0, beside, 160.0 if beside > 90.0 else 0.0)
        return room.picture(people, (BAG,) if now_s > 7.6 else ())

    assert watch(scene, 20.0) == []
    (found,) = watch(scene, 40.0)
    assert found.stamp_s > 21.0 and overlap(found, BAG) > 0.6


def test_a_bag_is_told_however_long_its_owner_has_stayed() -> None:
    """Who brought it is known by then from long ago."""

    def scene(now_s: float, room: Room) -> Picture:
        people = walker(now_s, 3.0, 0.0, 96.0) or ((74.0,) if 7.8 < now_s < 90.0 else ())
        people += walker(now_s, 90.0, 74.0, 0.0)
        return room.picture(people, (BAG,) if now_s > 7.6 else ())

    (found,) = watch(scene, 100.0)
    assert found.stamp_s > 90.0 and found.since_s == pytest.approx(7.7, abs=0.8)


def test_a_flash_of_light_does_not_hide_what_was_left_before_it() -> None:
    def scene(now_s: float, room: Room) -> Picture:
        picture = brings(now_s, room)
        if 9.0 < now_s < 9.5:
            picture[:, : COLUMNS // 3] = 255
            picture[:, COLUMNS // 3 :] //= 4
        return picture

    (found,) = watch(scene, 30.0)
    assert overlap(found, BAG) > 0.6


def test_what_would_be_background_before_it_can_be_told_is_refused() -> None:
    with pytest.raises(ConfigError, match="absorb_s"):
        watch(brings, 1.0, layers__absorb_s=60.0, judge__static_s=60.0)


def test_who_stands_still_is_no_thing() -> None:
    """And where he stood from the first picture on, nothing was taken away."""

    def scene(now_s: float, room: Room) -> Picture:
        arrived = walker(now_s, 3.0, 0.0, 60.0) or ((60.0,) if now_s > 6.0 else ())
        stood = (120.0,) if now_s < 8.0 else walker(now_s, 8.0, 120.0, 160.0)
        return room.picture(arrived + stood)

    assert watch(scene, 25.0) == []


@pytest.mark.parametrize(("lay_s", "kinds"), [(14.0, [LeftKind.REMOVED]), (5.0, [])])
def test_what_has_lain_long_and_is_taken_is_told(lay_s: float, kinds: list[LeftKind]) -> None:
    """What was there for a few seconds only may have been anything."""

    def scene(now_s: float, room: Room) -> Picture:
        people = walker(now_s, lay_s, 160.0, 96.0) + walker(now_s, lay_s + 3.4, 96.0, 160.0)
        return room.picture(people, (BAG,) if now_s < lay_s + 3.3 else ())

    found = watch(scene, lay_s + 14.0)
    assert [thing.kind for thing in found] == kinds
    assert all(overlap(thing, BAG) > 0.5 for thing in found)


def test_light_is_nothing_left_nor_taken() -> None:
    def scene(now_s: float, room: Room) -> Picture:
        room.light = 1.0 + 0.15 * np.sin(now_s / 3.0)
        if now_s > 12.0:
            room.background[:, : COLUMNS // 2] = 60.0
            room.background[:, COLUMNS // 2 :] = 200.0
        return room.picture(walker(now_s, 3.0, 0.0, 160.0))

    assert watch(scene, 30.0) == []


def test_nobody_brought_it_so_it_is_told_by_others() -> None:
    """What appears from nowhere is a patch of light as likely as a thing."""
    assert watch(lambda now_s, room: room.picture((), (BAG,) if now_s > 8.0 else ()), 20.0) == []


def test_larger_pictures_answer_in_their_own_pixels() -> None:
    def scene(now_s: float, room: Room) -> Picture:
        return np.ascontiguousarray(np.kron(brings(now_s, room), np.ones((4, 4, 1), np.uint8)))

    (found,) = watch(scene, 14.0, layers__work_width_px=160)
    assert overlap(found, tuple(4 * value for value in BAG)) > 0.6
