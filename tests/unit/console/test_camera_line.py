"""The camera on links that carry much, little or nothing."""

from __future__ import annotations

import cv2
import numpy as np

from patrol_console.live.camera import smaller
from patrol_console.live.pace import FIRST_PATIENCE, QUICK_S, SLOW_S, Pace


def draw_one(pace: Pace, now_s: float, delay_s: float) -> float:
    number = pace.send(now_s)
    assert pace.draw(number, now_s + delay_s)
    return now_s + delay_s


def test_two_pictures_are_on_the_way_at_most() -> None:
    pace = Pace()
    assert [pace.send(0.0), pace.send(0.1)] == [1, 2] and not pace.may_send()
    assert pace.draw(1, 0.2) and pace.may_send()


def test_a_newer_picture_that_was_drawn_stands_for_those_before() -> None:
    pace = Pace()
    pace.send(0.0), pace.send(0.1)
    assert pace.draw(2, 0.15) and pace.may_send()
    assert pace.delay_s == 0.15 - 0.1


def test_what_was_never_sent_was_not_drawn() -> None:
    pace = Pace()
    pace.send(0.0)
    assert not pace.draw(2, 0.1)
    assert pace.draw(1, 0.1) and not pace.draw(0, 0.2)


def test_a_slow_link_gets_small_pictures_one_at_a_time() -> None:
    pace = Pace()
    draw_one(pace, 0.0, SLOW_S + 0.1)
    assert pace.takes_small
    pace.send(1.0)
    assert not pace.may_send()


def test_a_link_that_is_quick_again_gets_large_pictures() -> None:
    pace = Pace()
    now_s = draw_one(pace, 0.0, SLOW_S + 0.1)
    for _ in range(FIRST_PATIENCE):
        assert pace.takes_small
        now_s = draw_one(pace, now_s, QUICK_S / 2.0)
    assert not pace.takes_small and pace.may_send()


def test_a_link_on_which_large_ones_fail_again_is_given_more_time() -> None:
    pace = Pace()
    now_s, spells = draw_one(pace, 0.0, SLOW_S + 0.1), []
    for _ in range(3):
        spells.append(0)
        while pace.takes_small:
            now_s = draw_one(pace, now_s, QUICK_S / 2.0)
            spells[-1] += 1
        now_s = draw_one(pace, now_s, SLOW_S + 0.1)
    assert spells == [FIRST_PATIENCE, 2 * FIRST_PATIENCE, 4 * FIRST_PATIENCE]


def test_a_small_picture_is_half_as_wide_and_much_less() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    image = cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)
    large = bytes(cv2.imencode(".jpg", image)[1])
    small = smaller(large)
    seen = cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None and seen.shape == (240, 320, 3) and len(small) < len(large) / 3


def test_what_is_no_picture_goes_as_it_is() -> None:
    assert smaller(b"no picture") == b"no picture"
    assert smaller(b"") == b""
