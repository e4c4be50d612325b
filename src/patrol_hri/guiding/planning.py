"""Plans guided walks: along the way that would be told, as far as visitors may be led."""

from __future__ import annotations

import math

from patrol_core.geometry import Pose2
from patrol_core.result import ErrorCode, Result
from patrol_core.site.model import Site
from patrol_core.types.dialogue import GuideGoal
from patrol_hri.guiding.companion import Companion
from patrol_hri.guiding.line import Line
from patrol_hri.guiding.params import GuideParams
from patrol_hri.guiding.walk import Walk
from patrol_hri.languages.catalogue import Language
from patrol_hri.wayfinding import WayFinder
from patrol_hri.wayfinding.telling import name_of

SHORTEST_M = 1.5
"""Nobody is led less far than that to a border."""
AT_PLACE_M = 1.0


def plan_walk(
    goal: GuideGoal,
    language: Language,
    robot: Pose2,
    site: Site,
    finder: WayFinder,
    params: GuideParams,
    local_time: tuple[int, int],
) -> Walk | Result:
    """The walk of a goal from where the robot is, at a local time; or why there is none."""
    place = finder.places.get(goal.place_id)
    if place is None:
        known = ", ".join(finder.places) or "none"
        message = f"no place '{goal.place_id}': the site has {known}"
        return Result.failure(ErrorCode.PLACE_UNKNOWN, message)
    start_m = robot.x_m, robot.y_m
    way = finder.way(start_m, goal.place_id, language, goal.step_free, local_time=local_time)
    if way is None:
        return Result.failure(ErrorCode.NO_PATH, f"there is no way to {goal.place_id}")
    line = Line(way.points_m)
    open_m = line.open_m(site, local_time, params.border_m)
    gets_there = math.dist(way.points_m[-1], place.at_m) < AT_PLACE_M
    to_place = open_m >= line.length_m and gets_there
    if not to_place and open_m < SHORTEST_M:
        message = f"visitors may not be led to {goal.place_id} from here now"
        return Result.failure(ErrorCode.NOT_OPEN_TO_VISITORS, message)
    return Walk(
        goal=goal,
        language=language,
        name=name_of(place, language.code, finder.site_language),
        line=line,
        end_m=max(line.length_m - params.short_of_m, 0.0) if to_place else open_m,
        to_place=to_place,
        companion=Companion(params),
        start=robot,
        to_tell=list(finder.passed(way.points_m, goal.place_id)),
    )
