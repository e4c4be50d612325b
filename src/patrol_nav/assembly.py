"""The nav process: map server, localiser and navigator."""

from __future__ import annotations

import numpy as np

from patrol_core.component import Component, ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.site.local_time import site_local_time
from patrol_core.site.map_file import load_map
from patrol_nav.localization.localizer import Localizer
from patrol_nav.localization.reckoner import Reckoner
from patrol_nav.maps.blank_map import blank_map
from patrol_nav.maps.map_server import MapServer
from patrol_nav.maps.zone_masks import ZoneMasks
from patrol_nav.navigator.docker import Docker
from patrol_nav.navigator.navigator import Navigator
from patrol_nav.params import NavParams
from patrol_nav.routing.geojson import read_route_graph

PARAMS = NavParams


def build(context: ProcessContext, params: NavParams) -> list[Component]:
    """The components in the order of their ticks. Raises ConfigError for a map or lanes that
    cannot be read.

    The robot is believed to stand on the first dock until INITIALPOSE says otherwise.
    """
    docks = context.site.docks
    start = docks[0].pose if docks else Pose2(0.0, 0.0)
    localizer_seed, navigator_seed = np.random.SeedSequence(context.seed).spawn(2)
    localizer: Component
    if params.use_map:
        grid, rng = load_map(context.site.map_file), np.random.default_rng(localizer_seed)
        localizer = Localizer(
            params.localizer, context.robot, grid, context.site.frame, start, rng
        )
    else:
        grid = blank_map(context.site.outline_m, params.blank_cell_m)
        localizer = Reckoner(params.localizer.motion, context.robot, start)
    local_time = site_local_time(context.site.timezone, context.epoch_s)
    costmap = params.navigator.costmap
    return [
        MapServer(grid),
        ZoneMasks(
            grid, context.site, local_time, costmap.planning_resolution_m, costmap.zone_margin_m
        ),
        localizer,
        (Docker if context.by_nav2 else Navigator)(
            params.navigator,
            context.site,
            context.robot,
            np.random.default_rng(navigator_seed),
            params.controller,
            local_time,
            None if context.site.lanes_file is None else read_route_graph(context.site.lanes_file),
        ),
    ]
