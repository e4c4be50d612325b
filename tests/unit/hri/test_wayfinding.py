"""Ways on a drawn field: what they avoid, where they end, and how they are told."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tests.visitor_sites import drawn, place

from patrol_core.site.model import Hours, Zone, ZoneKind
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.wayfinding import WayFinder
from patrol_hri.wayfinding.telling import rounded_m, start_key, turn_key

ENGLISH = load_languages()["en"]
WEST = math.pi
DAYTIME = (Hours(tuple(range(7)), 8 * 3600, 18 * 3600),)
NOON, NIGHT = (2, 12 * 3600), (2, 23 * 3600)


def keep_out(west: float, south: float, east: float, north: float, hours: bool = False) -> Zone:
    ring = ((west, south), (east, south), (east, north), (west, north))
    return Zone("closed", ZoneKind.KEEP_OUT, ring, hours=DAYTIME if hours else ())


def test_round_a_corner_in_words_of_who_faces_the_robot(tmp_path: Path) -> None:
    site = drawn(
        tmp_path, place("office", (50.0, 35.0)), place("kiosk", (25.0, 8.0)),
        boxes=((0.0, 12.0, 45.0, 30.0), (46.0, 36.5, 54.0, 39.0)),
    )  # fmt: skip
    way = WayFinder(site).way((5.0, 5.0), "office", ENGLISH, robot_yaw_rad=WEST)
    assert way is not None
    assert way.length_m == pytest.approx(64.3, abs=1.0)
    assert way.duration_s == pytest.approx(way.length_m / 1.2)
    assert way.steps == (
        "Walk straight ahead, past me, for about 40 metres.",
        "You will pass this place on your right: KIOSK.",
        "Then turn left and walk about 25 metres.",
        "Then you see it straight ahead: OFFICE.",
        "It is about 60 metres in all, about one minute on foot.",
    )


def test_nobody_is_led_through_a_zone_that_is_closed_at_the_hour(tmp_path: Path) -> None:
    zones = (keep_out(20.0, 0.0, 30.0, 30.0, hours=True),)
    finder = WayFinder(drawn(tmp_path, place("office", (50.0, 10.0)), zones=zones))
    round_it, through = (
        finder.way((5.0, 10.0), "office", ENGLISH, local_time=hour) for hour in (NOON, NIGHT)
    )
    at_any_hour = finder.way((5.0, 10.0), "office", ENGLISH)
    assert round_it is not None and through is not None and at_any_hour is not None
    assert through.length_m == pytest.approx(45.0)
    assert round_it.length_m == at_any_hour.length_m > 55.0


def test_a_way_to_a_closed_place_ends_before_it(tmp_path: Path) -> None:
    zones = (keep_out(40.0, 0.0, 60.0, 40.0, hours=True),)
    finder = WayFinder(drawn(tmp_path, place("ramp", (50.0, 20.0)), zones=zones))
    closed = finder.way((5.0, 20.0), "ramp", ENGLISH, local_time=NOON)
    assert closed is not None
    assert closed.points_m[:, 0].max() == pytest.approx(39.6, abs=0.3)
    assert "The rest of the way, 10 metres, lies in an area that is closed" in closed.steps[1]
    opened = finder.way((5.0, 20.0), "ramp", ENGLISH, local_time=NIGHT)
    assert opened is not None and tuple(opened.points_m[-1]) == (50.0, 20.0)


def test_docks_are_given_a_wide_berth(tmp_path: Path) -> None:
    finder = WayFinder(drawn(tmp_path, place("office", (50.0, 20.0)), docks=((30.0, 20.0),)))
    way = finder.way((10.0, 20.0), "office", ENGLISH)
    assert way is not None
    assert np.abs(np.interp(np.linspace(28, 30, 9), *way.points_m.T) - 20.0).min() > 0.7


def test_there_is_no_way_to_what_is_unknown_walled_in_or_from_within_a_wall(
    tmp_path: Path,
) -> None:
    walls = ((39.0, 9.0, 51.0, 10.0), (39.0, 20.0, 51.0, 21.0), (39.0, 9.0, 40.0, 21.0),
             (50.0, 9.0, 51.0, 21.0), (0.0, 30.0, 8.0, 38.0))  # fmt: skip
    finder = WayFinder(drawn(tmp_path, place("vault", (45.0, 15.0)), boxes=walls))
    assert finder.way((5.0, 5.0), "nowhere", ENGLISH) is None
    assert finder.way((4.0, 34.0), "vault", ENGLISH) is None
    beside = finder.way((5.0, 5.0), "vault", ENGLISH)
    assert beside is not None
    assert math.dist(beside.points_m[-1], (45.0, 15.0)) > 6.0
    assert any("closed" in step for step in beside.steps)


def test_who_stands_there_already_is_told_so(tmp_path: Path) -> None:
    site = drawn(tmp_path, place("office", (50.25, 35.25)))
    way = WayFinder(site).way((50.25, 35.25), "office", ENGLISH)
    assert way is not None and way.length_m == 0.0 and way.points_m.shape == (2, 2)
    assert way.steps == ("You are already there: OFFICE.",)


def test_steps_are_said_and_their_absence_on_request(tmp_path: Path) -> None:
    site = drawn(tmp_path, place("hall", (40.0, 20.0), step_free=False), place("shop", (9.0, 9.0)))
    finder = WayFinder(site)
    hall, shop = (finder.way((5.0, 20.0), name, ENGLISH, True) for name in ("hall", "shop"))
    assert hall is not None and shop is not None
    assert not hall.step_free and hall.steps[-1].startswith("There are steps at this place: HALL.")
    assert shop.step_free and shop.steps[-1] == "There are no steps on this way."
    here = finder.way((9.5, 9.0), "shop", ENGLISH)
    assert here is not None and here.steps == ("You are already there: SHOP.",)


@pytest.mark.parametrize(
    ("heading_deg", "said"),
    [
        (0, "ahead"), (45, "half_left"), (-45, "half_right"), (90, "left"), (-100, "right"),
        (180, "back"), (-170, "back"),
    ],
)  # fmt: skip
def test_left_and_right_are_those_of_who_faces_the_robot(heading_deg: int, said: str) -> None:
    for yaw in (0.0, 1.0, -2.5):
        heading = yaw + math.pi + math.radians(heading_deg)
        assert start_key(heading, yaw) == f"way_start_{said}"
    assert start_key(1.0, None) == "way_start_map"


def test_numbers_and_turns_as_people_say_them() -> None:
    metres = (0.2, 4.4, 9.6, 12.4, 13.0, 34.0, 96.0, 120.0, 380.0)
    assert [rounded_m(m) for m in metres] == [1, 4, 10, 10, 15, 30, 100, 100, 400]
    turns = (30, -30, 90, -90, 150, -150)
    assert [turn_key(math.radians(turn)) for turn in turns] == [
        "way_bear_left", "way_bear_right", "way_turn_left", "way_turn_right", "way_sharp_left",
        "way_sharp_right",
    ]  # fmt: skip
