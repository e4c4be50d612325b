"""What a lap takes, by the map."""

from __future__ import annotations

from patrol_core.errors import ConfigError
from patrol_core.site.model import PerimeterRoute, Site
from patrol_mission.route import lap_legs

_SLOWER = 1.15
"""Turns, checkpoints and people cost about so much beside the speed of the route."""


def lap_times_s(site: Site) -> dict[str, float]:
    """A guess at the time of a lap of each route [s]: its way at its speed, and its dwells.

    0 for a route that cannot be driven, which the executive refuses with the reason.
    """
    return {route.route_id: _lap_s(site, route) for route in site.routes}


def _lap_s(site: Site, route: PerimeterRoute) -> float:
    try:
        legs = lap_legs(site, route)
    except ConfigError:
        return 0.0
    way_s = sum(leg.length_m for leg in legs) / route.speed_mps
    dwell_s = sum(leg.checkpoint.dwell_s for leg in legs if leg.checkpoint is not None)
    return _SLOWER * way_s + dwell_s
