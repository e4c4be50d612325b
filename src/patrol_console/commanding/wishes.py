"""What an operator may ask of a robot, read from a request and checked against its site."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from patrol_core.geometry import Pose2
from patrol_core.site.model import Site
from patrol_core.web.asking import RefusalError

MAX_LAPS = 100
MAX_METRES = 1e5
MAX_TEXT = 80


class Do(Enum):
    """START to SKIP are about the patrol; LOOK calls the robot to a place and it returns to what
    it did; GO drives there and stays; INSPECT goes round a thing.
    """

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    SKIP = "skip"
    LOOK = "look"
    ALARM = "alarm"
    GO = "go"
    INSPECT = "inspect"
    DOCK = "dock"
    UNDOCK = "undock"
    SET_POSE = "set_pose"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Wish:
    """One command. `subject`: route, alarm, finding, dock, or the command that is to be ended."""

    do: Do
    subject: str = ""
    pose: Pose2 | None = None
    laps: int = 1


def read_wish(body: Mapping[str, Any], site: Site) -> Wish:
    """The wish in a request's body. Raises RefusalError (400, 404) in words."""
    names = [do.value for do in Do]
    if body.get("do") not in names:
        raise RefusalError(400, f"'do' is one of: {', '.join(names)}.")
    do = Do(body["do"])
    if do is Do.START:
        route = _known(body, "route", [route.route_id for route in site.routes])
        return Wish(do, route, laps=_whole(body.get("laps", 1), 1, MAX_LAPS, "laps"))
    if do in (Do.DOCK, Do.UNDOCK):
        return Wish(do, _known(body, "dock", [dock.dock_id for dock in site.docks]))
    if do is Do.ALARM:
        return Wish(do, _known(body, "alarm", [alarm.alarm_id for alarm in site.alarms]))
    if do is Do.CANCEL:
        return Wish(do, _text(body, "command"))
    if do is Do.INSPECT:
        return Wish(do, _text(body, "subject"), _pose(body))
    if do in (Do.GO, Do.LOOK) and "checkpoint" in body:
        ids = [point.checkpoint_id for point in site.checkpoints]
        checkpoint = site.checkpoint(_known(body, "checkpoint", ids))
        return Wish(do, checkpoint.name, checkpoint.pose)
    if do in (Do.GO, Do.LOOK, Do.SET_POSE):
        return Wish(do, "", _pose(body))
    return Wish(do)


def _known(body: Mapping[str, Any], key: str, ids: list[str]) -> str:
    """A name of the site; the only one there is, where none is given."""
    if key not in body and len(ids) == 1:
        return ids[0]
    if body.get(key) not in ids:
        known = ", ".join(ids) if ids else "none here"
        raise RefusalError(404, f"'{key}' is one of the site's: {known}.")
    return str(body[key])


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise RefusalError(400, f"'{key}' is a text of 1 to {MAX_TEXT} characters.")
    return value


def _pose(body: Mapping[str, Any]) -> Pose2:
    x_m, y_m = _number(body.get("x"), "x"), _number(body.get("y"), "y")
    return Pose2(x_m, y_m, _number(body.get("yaw", 0.0), "yaw"))


def _number(value: Any, key: str) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or abs(value) > MAX_METRES:
        raise RefusalError(400, f"'{key}' is a number: metres of the map, or radians.")
    return float(value)


def _whole(value: Any, low: int, high: int, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise RefusalError(400, f"'{key}' is a whole number from {low} to {high}.")
    return value
