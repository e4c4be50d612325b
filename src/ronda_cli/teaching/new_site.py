"""A site from nothing: an empty place to drive in first, then what the drive has shown."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patrol_core.geometry import Points, Pose2
from patrol_core.site.feature_text import checkpoint_feature, path_feature, polygon_feature
from patrol_core.site.loader import SITE_FILE
from patrol_core.site.map_file import write_map
from patrol_core.site.site_format import FORMAT
from patrol_core.site.visitors_file import VISITORS_FILE
from patrol_core.site.zone_watch import ZONES_FILE
from patrol_core.types.maps import FREE, OccupancyGrid
from ronda_cli.teaching.taught import TaughtRoute

MAP_FILE = "map.yaml"
HALF_WIDTH_M = 40.0
"""Of the empty square to drive in, the robot in its middle."""
BESIDE_M = 1.5
"""So far beside the driven way does the outline of a new site lie."""
_EMPTY_CELL_M = 0.25
STARTER_ROUTE_ID = "stand_in"
_STARTER_ROUTE = f"""
  # Until one is driven: './ronda site teach'.
  - {{id: {STARTER_ROUTE_ID}, offset_m: 2.0, corner_radius_m: 2.0, direction: counterclockwise,
     speed_mps: 0.5, checkpoints: []}}"""
_DOCK_M = (
    (0.75, 0.35), (0.53, 0.35), (0.53, 0.25), (0.63, 0.25), (0.63, 0.08), (0.47, 0.08),
    (0.47, -0.08), (0.63, -0.08), (0.63, -0.25), (0.53, -0.25), (0.53, -0.35), (0.75, -0.35),
)  # fmt: skip
"""The rover's dock, ahead and left of the docked base_link: back, cheeks and nose."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What no drive can tell. `facing_rad`: where the robot looks at the start, from east."""

    name: str
    latitude_deg: float
    longitude_deg: float
    facing_rad: float = 0.0

    @property
    def start(self) -> Pose2:
        """The robot's place at the start is the origin."""
        return Pose2(0.0, 0.0, self.facing_rad)


def starter(identity: Identity) -> dict[str, bytes]:
    """The files of an empty square, to be driven in without a map."""
    half_m = HALF_WIDTH_M
    outline = ((-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m))
    side = round(2.0 * (half_m + 1.0) / _EMPTY_CELL_M)
    cells = np.full((side, side), FREE, dtype=np.int8)
    grid = OccupancyGrid(0.0, _EMPTY_CELL_M, -half_m - 1.0, -half_m - 1.0, cells)
    features = [polygon_feature("site", "outline", outline)]
    return _files(identity, _STARTER_ROUTE, features, grid)


def finished(
    identity: Identity, taught: TaughtRoute, outline_m: Points, grid: OccupancyGrid
) -> dict[str, bytes]:
    """The files of a site that was driven."""
    names = ", ".join(checkpoint.checkpoint_id for checkpoint in taught.checkpoints)
    route = (
        f"\n  - id: {taught.route_id}\n    path: {taught.path_id}\n"
        f"    speed_mps: {taught.speed_mps:g}\n    checkpoints: [{names}]"
    )
    features = [polygon_feature("site", "outline", outline_m)]
    features += [polygon_feature(name, "keep_out", at) for name, at in taught.keep_outs]
    features += [
        path_feature(taught.path_id, taught.line_m),
        *map(checkpoint_feature, taught.checkpoints),
    ]
    return _files(identity, route, features, grid)


def _files(
    identity: Identity, route: str, features: list[str], grid: OccupancyGrid
) -> dict[str, bytes]:
    zones = '{\n  "type": "FeatureCollection",\n  "features": [\n'
    texts = {
        SITE_FILE: _site(identity, route),
        ZONES_FILE: f"{zones}{(',' + chr(10)).join(features)}\n  ]\n}}\n",
        VISITORS_FILE: "# What visitors may be told: docs/SITES.md has an example.\n"
        "language: en\nopening_hours: []\nplaces: []\ncontacts: []\n",
    }
    with tempfile.TemporaryDirectory(prefix="ronda-") as folder:
        file = Path(folder) / MAP_FILE
        write_map(grid, file)
        images = {path.name: path.read_bytes() for path in (file, file.with_suffix(".pgm"))}
    return {name: text.encode() for name, text in texts.items()} | images


def _site(identity: Identity, route: str) -> str:
    start = identity.start
    corners = (start.compose(Pose2(*corner)) for corner in _DOCK_M)
    pairs = [f"[{c.x_m:.2f}, {c.y_m:.2f}]" for c in corners]
    rows = (", ".join(pairs[at : at + 4]) for at in range(0, len(pairs), 4))
    outline = ",\n                ".join(rows)
    return f"""# Lengths in metres, angles in degrees counter-clockwise from east; origin: where
# the robot stood at the start of the first drive.
format: {FORMAT}
name: {json.dumps(identity.name, ensure_ascii=False)}
datum:
  latitude_deg: {identity.latitude_deg:.9g}
  longitude_deg: {identity.longitude_deg:.9g}
timezone: UTC  # correct it: a name such as Europe/Berlin
map: {MAP_FILE}

routes:{route}

docks:
  # Taken to stand ahead of where the robot stood at the start: correct it (docs/SITES.md, Docks).
  - id: dock
    pose: {{x_m: 0, y_m: 0, yaw_deg: {math.degrees(identity.facing_rad):g}}}
    outline_m: [{outline}]
    approach_m: 1.2

retention:
  incidents_days: 30
  photos_days: 14
  tracks_days: 2
"""
