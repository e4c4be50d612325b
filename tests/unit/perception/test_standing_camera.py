"""By the picture of a standing camera alone: who moved stays hidden, also after stopping."""

from __future__ import annotations

import numpy as np
import pytest

from patrol_perception.privacy.params import PrivacyParams
from patrol_perception.privacy.standing import StandingCamera
from patrol_perception.view import Box, Image

SIZE = (108, 128)
RATE_HZ = 5.0
PERSON = Box(60, 40, 76, 100)
HEAD = Box(63, 34, 73, 46)


class Stage:
    """A noisy room into which a person comes, of whose head the picture shows no difference."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(1000)
        self.room = self.rng.integers(60, 200, (*SIZE, 3)).astype(np.float64)
        self.camera = StandingCamera(PrivacyParams(), RATE_HZ)
        self.light = 1.0

    def picture(self, left_px: int | None) -> Image:
        picture = self.room * self.light
        if left_px is not None:
            picture[PERSON.top : PERSON.bottom, left_px : left_px + 16] = (30, 40, 220)
        noisy = picture + self.rng.normal(0.0, 1.5, picture.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)

    def watch(self, left_px: int | None, seconds: float) -> list[Box] | None:
        hidden: list[Box] | None = None
        for _ in range(round(seconds * RATE_HZ)):
            hidden = self.camera.hide(self.picture(left_px))
        return hidden


def covers(boxes: list[Box] | None, part: Box) -> bool:
    assert boxes is not None
    return any(box.overlap(part) == part.area() for box in boxes)


def test_nothing_is_known_at_first_and_an_empty_room_is_shown_then() -> None:
    stage = Stage()
    assert stage.watch(None, 1.0) is None
    assert stage.watch(None, 4.0) == []


def test_who_comes_in_is_hidden_and_stays_hidden_after_stopping() -> None:
    stage = Stage()
    stage.watch(None, 4.0)
    for left in range(0, 64, 4):
        hidden = stage.watch(left, 0.2)
        assert covers(hidden, Box(left, PERSON.top - 4, left + 16, PERSON.bottom))
    assert covers(stage.watch(60, 12.0), PERSON)
    assert covers(stage.watch(60, 0.2), HEAD)
    assert stage.watch(None, 4.0) == []


def test_a_part_of_the_picture_is_not_hidden() -> None:
    stage = Stage()
    stage.watch(None, 4.0)
    hidden = stage.watch(60, 1.0)
    assert hidden is not None and not covers(hidden, Box(100, 10, 120, 100))


def test_when_the_light_changes_all_is_hidden_until_it_is_learnt_anew() -> None:
    stage = Stage()
    stage.watch(None, 4.0)
    stage.room = np.flip(stage.room, axis=0).copy()
    assert stage.watch(None, 2.5) is None
    assert stage.watch(None, 4.0) == []


@pytest.mark.parametrize("light", [0.8, 1.2])
def test_exposure_hides_nothing(light: float) -> None:
    stage = Stage()
    stage.watch(None, 4.0)
    stage.light = light
    hidden = stage.watch(None, 1.0)
    assert hidden is not None
    assert sum(box.area() for box in hidden) < 0.2 * SIZE[0] * SIZE[1]
