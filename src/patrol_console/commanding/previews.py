"""What the robot will really do when it is asked, and why it would not."""

from __future__ import annotations

from patrol_console.commanding.wishes import Do, Wish
from patrol_console.station import Robot
from patrol_core.geometry import points_in_polygon
from patrol_core.site.model import ZoneKind
from patrol_core.topics import (
    AMCL_POSE,
    GATE_STATUS,
    LOCALIZATION_STATUS,
    PATROL_STATUS,
)
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.status import Authority, GateState, LocalizationLevel
from patrol_core.web.asking import RefusalError

OVER = (PatrolState.IDLE, PatrolState.FINISHED, PatrolState.FAILED)
_OF_THE_PATROL = (Do.PAUSE, Do.RESUME, Do.STOP, Do.SKIP)
_ALONE = (Do.START, Do.GO, Do.DOCK, Do.UNDOCK, Do.INSPECT)
_MOVES = (*_ALONE, Do.RESUME, Do.SKIP, Do.STOP, Do.LOOK, Do.ALARM)

_DEEDS = {
    Do.PAUSE: "The robot stops where it is and waits there until it is resumed.",
    Do.RESUME: "The patrol goes on from where it is ({now}).",
    Do.STOP: "The patrol ends here, and the robot returns to its dock.",
    Do.SKIP: "The robot leaves this stop out and goes to the next one ({now}).",
    Do.LOOK: "The robot goes to {place}, looks at it from several sides, and goes back to what "
    "it does now.",
    Do.ALARM: "The robot answers the alarm '{place}': it goes and looks, and goes back to what it "
    "does now.",
    Do.GO: "The robot drives to {place}{away} and stays there.",
    Do.INSPECT: "The robot goes round '{place}'{away}, takes pictures from several sides, and "
    "stays there.",
    Do.DOCK: "The robot drives to its dock '{place}' and charges.",
    Do.UNDOCK: "The robot backs off from its dock '{place}' and stays there.",
    Do.SET_POSE: "The robot takes {place} for where it is. It does not move.",
    Do.CANCEL: "That command is ended; the robot stays where it is.",
}


def preview(wish: Wish, robot: Robot) -> str:
    """Sentences for a person, before it is sent.

    Raises RefusalError (409) when it cannot be done.
    """
    status = robot.fresh(PATROL_STATUS)
    if status is None and wish.do not in (Do.SET_POSE, Do.CANCEL):
        raise RefusalError(409, "The mission is not heard: nobody would take this command.")
    if status is not None:
        _check(wish, status)
    if wish.do in (Do.GO, Do.LOOK) and wish.pose is not None:
        _check_place(wish, robot)
    return " ".join(
        [_deed(wish, robot, status), *(_obstacles(robot) if wish.do in _MOVES else ())]
    )


def is_under_way(status: PatrolStatus | None) -> bool:
    """Whether a patrol is."""
    return status is not None and status.state not in OVER


def _check(wish: Wish, status: PatrolStatus) -> None:
    running = is_under_way(status)
    if wish.do in _OF_THE_PATROL and not running:
        raise RefusalError(409, f"No patrol is under way: there is nothing to {wish.do.value}.")
    if wish.do in _ALONE and running:
        remedy = {
            Do.DOCK: "'stop' ends it, and the robot goes home to its dock",
            Do.GO: "stop it first, or use 'look': the robot goes there and then goes on",
            Do.INSPECT: "stop it first, or use 'look': the robot goes there and then goes on",
        }.get(wish.do, "stop it first")
        raise RefusalError(409, f"A patrol is under way ({status.message}): {remedy}.")


def _check_place(wish: Wish, robot: Robot) -> None:
    assert wish.pose is not None
    point = [(wish.pose.x_m, wish.pose.y_m)]
    if not points_in_polygon(point, robot.site.outline_m)[0]:
        raise RefusalError(409, "That place is outside the site: the robot does not leave it.")
    for zone in robot.site.zones_of(ZoneKind.KEEP_OUT):
        if points_in_polygon(point, zone.polygon_m)[0]:
            raise RefusalError(409, f"That place is in the keep-out zone '{zone.zone_id}'.")


def _deed(wish: Wish, robot: Robot, status: PatrolStatus | None) -> str:
    """One sentence, in the future: nothing has been asked yet."""
    if wish.do is Do.START:
        return _start(wish, robot)
    pose, place = wish.pose, wish.subject
    if pose is not None and not place:
        place = f"({pose.x_m:.1f}, {pose.y_m:.1f})"
    now = status.message if status is not None else ""
    return _DEEDS[wish.do].format(place=place, now=now, away=_away(wish, robot))


def _start(wish: Wish, robot: Robot) -> str:
    route = next(r for r in robot.site.routes if r.route_id == wish.subject)
    stops, laps = len(route.checkpoint_ids), wish.laps
    how_often = "one lap" if laps == 1 else f"{laps} laps"
    return (
        f"The robot leaves its dock, drives {how_often} of '{wish.subject}' past {stops} stops, "
        "and returns to its dock."
    )


def _away(wish: Wish, robot: Robot) -> str:
    estimate = robot.fresh(AMCL_POSE)
    if estimate is None or wish.pose is None:
        return ""
    distance_m = wish.pose.distance_to(estimate.pose)
    return f", {distance_m:.0f} m from here as the crow flies,"


def _obstacles(robot: Robot) -> list[str]:
    """Why it will not begin at once."""
    told = []
    gate = robot.fresh(GATE_STATUS)
    if gate is None:
        told.append("The gate is not heard: the robot stands until it is.")
    elif gate.state is GateState.LATCHED:
        told.append("A stop is latched: the robot does not move until it is cleared.")
    elif gate.authority is Authority.TELEOP:
        told.append("Somebody drives the robot by hand: it begins when it is given back.")
    localization = robot.fresh(LOCALIZATION_STATUS)
    if localization is not None and localization.level is LocalizationLevel.LOST:
        told.append("The robot does not know where it is: it stands until it does.")
    return told
