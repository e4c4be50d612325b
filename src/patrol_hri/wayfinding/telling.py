"""A way in sentences. Numbers are rounded as people say them; names are those of the site."""

from __future__ import annotations

import math
from dataclasses import dataclass

from patrol_core.geometry import wrap_angle
from patrol_core.site.visitors import VisitorPlace
from patrol_hri.languages.catalogue import Language
from patrol_hri.wayfinding.legs import Leg, Passed

HERE_M = 3.0
AHEAD_RAD, HALF_RAD, BACK_RAD = math.radians(25.0), math.radians(65.0), math.radians(135.0)
BEAR_RAD, SHARP_RAD = math.radians(60.0), math.radians(120.0)
SIDE_RAD, BEHIND_RAD = math.radians(45.0), math.radians(135.0)
UNDER_A_MINUTE_S, ONE_MINUTE_S = 45.0, 90.0


@dataclass(frozen=True, slots=True)
class Told:
    """What the sentences are made from.

    `building_rad`: where, seen from the goal, the building stands that it belongs to.
    `missing_m`: how far before the goal the way ends. `step_free`: was asked for.
    """

    place: VisitorPlace
    legs: tuple[Leg, ...]
    passed: tuple[Passed, ...]
    robot_yaw_rad: float | None
    building_rad: float | None
    missing_m: float
    step_free: bool
    walking_mps: float

    @property
    def length_m(self) -> float:
        return sum(leg.length_m for leg in self.legs)


def name_of(place: VisitorPlace, code: str, site_code: str) -> str:
    """The name of a place in a language, or else in that of the site."""
    return place.names.get(code) or place.names[site_code]


def rounded_m(length_m: float) -> int:
    """A distance as people say it: to the metre below 10, then to 5, 10, and 50."""
    for below_m, step in ((10.0, 1), (30.0, 5), (100.0, 10)):
        if length_m < below_m:
            return max(round(length_m / step) * step, 1)
    return round(length_m / 50.0) * 50


def sentences(told: Told, language: Language, site_code: str) -> tuple[str, ...]:
    """The whole way, one sentence an item, in order."""
    name = name_of(told.place, language.code, site_code)
    said: list[str] = []
    if told.length_m < HERE_M and not told.missing_m:
        said.append(language.say("way_here", place=name))
    else:
        said += _on_the_way(told, language, site_code)
        said += [_arrival(told, name, language), _total(told, language)]
    if not told.place.step_free:
        said.append(language.say("way_has_steps", place=name))
    elif told.step_free:
        said.append(language.say("way_step_free"))
    return tuple(said)


def _on_the_way(told: Told, language: Language, site_code: str) -> list[str]:
    said: list[str] = []
    for index, leg in enumerate(told.legs):
        key = turn_key(leg.turn_rad) if index else start_key(leg.heading_rad, told.robot_yaw_rad)
        said.append(language.say(key, metres=rounded_m(leg.length_m)))
        for one in told.passed:
            if leg.start_m <= one.along_m < leg.start_m + leg.length_m:
                side = "way_pass_left" if one.on_left else "way_pass_right"
                name = name_of(one.place, language.code, site_code)
                said.append(language.say(side, place=name))
    return said


def start_key(heading_rad: float, robot_yaw_rad: float | None) -> str:
    """Which sentence says the first direction, as seen by somebody who faces the robot."""
    if robot_yaw_rad is None:
        return "way_start_map"
    left_rad = wrap_angle(heading_rad - robot_yaw_rad - math.pi)
    side = "left" if left_rad > 0.0 else "right"
    if abs(left_rad) < AHEAD_RAD:
        return "way_start_ahead"
    if abs(left_rad) < HALF_RAD:
        return f"way_start_half_{side}"
    return f"way_start_{side}" if abs(left_rad) < BACK_RAD else "way_start_back"


def turn_key(turn_rad: float) -> str:
    """Which sentence says a turn on the way."""
    side = "left" if turn_rad > 0.0 else "right"
    if abs(turn_rad) < BEAR_RAD:
        return f"way_bear_{side}"
    return f"way_turn_{side}" if abs(turn_rad) < SHARP_RAD else f"way_sharp_{side}"


def _arrival(told: Told, name: str, language: Language) -> str:
    if told.missing_m:
        metres = rounded_m(told.missing_m)
        return language.say("way_ends_before", place=name, metres=metres)
    if told.building_rad is None:
        return language.say("way_arrive", place=name)
    left_rad = wrap_angle(told.building_rad - told.legs[-1].heading_rad)
    if abs(left_rad) < SIDE_RAD:
        return language.say("way_arrive_ahead", place=name)
    if abs(left_rad) > BEHIND_RAD:
        return language.say("way_arrive", place=name)
    key = "way_arrive_left" if left_rad > 0.0 else "way_arrive_right"
    return language.say(key, place=name)


def _total(told: Told, language: Language) -> str:
    metres = rounded_m(told.length_m)
    duration_s = told.length_m / told.walking_mps
    if duration_s < UNDER_A_MINUTE_S:
        return language.say("way_total_under_a_minute", metres=metres)
    if duration_s < ONE_MINUTE_S:
        return language.say("way_total_one_minute", metres=metres)
    return language.say("way_total_minutes", metres=metres, minutes=round(duration_s / 60.0))
