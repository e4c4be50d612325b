"""Parameters of inspections."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class InspectParams:
    """Distances to the object are from the robot's outline to the circle around the object."""

    standoff_m: float = param(1.0, "The robot never comes nearer to the object [m]", 0.3, 10.0)
    margin_m: float = param(0.3, "Plans keep so much more than the stand-off [m]", 0.1, 2.0)
    preferred_m: float = param(
        1.6, "Views are taken from there where there is room [m]", 0.5, 15.0
    )
    farthest_m: float = param(4.0, "No view is taken from farther off [m]", 0.5, 20.0)
    views: int = param(3, "Sides that the object is looked at from", 3, 8)
    apart_rad: float = param(
        1.047, "Views are wanted so far apart, seen from the object [rad]", 0.2, 2.1
    )
    least_apart_rad: float = param(
        0.35, "What is nearer together is the same side [rad]", 0.1, 1.0
    )
    unknown_radius_m: float = param(
        0.3, "Radius of an object of which nobody knows the size [m]", 0.05, 3.0
    )
    room_m: float = param(
        0.1, "Room beside the robot while it turns towards the object [m]", 0.0, 2.0
    )
    way_room_m: float = param(0.15, "Room beside the robot on its way round [m]", 0.0, 2.0)
    people_room_m: float = param(
        1.2, "No view so near to people, or to where they walk [m]", 0.0, 5.0
    )
    people_ahead_s: float = param(4.0, "They are expected to walk on for so long [s]", 0.0, 20.0)
    patience_s: float = param(60.0, "It waits so long for people, in a row [s]", 1.0, 3600.0)
    speed_mps: float = param(0.7, "Pace of the way round [m/s]", 0.1, 1.5)
    steady_s: float = param(1.0, "It has stood for so long when a picture is taken [s]", 0.2, 10.0)
    picture_s: float = param(4.0, "It waits so long for the picture of a view [s]", 0.5, 30.0)
    pause_s: float = param(5.0, "Time for the patrol to pause [s]", 0.5, 60.0)
    least_battery_fraction: float = param(
        0.25, "Charge below which nothing is inspected any further", 0.05, 0.9
    )
    failed_ways: int = param(4, "Ways to views that may fail before it gives up", 1, 20)
    timeout_s: float = param(480.0, "An inspection takes no longer [s]", 30.0, 3600.0)
    announcement: str = param(
        "Please keep away. I am going to look at something here.",
        "Said to everybody before the robot goes round, in a language of the site",
    )
    announce_again_s: float = param(
        20.0, "Said again to who stands in the way after so long [s]", 2.0, 600.0
    )
