"""Sites with places that visitors ask for, for tests of wayfinding and guiding."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from patrol_core.geometry import Pose2
from patrol_core.site.map_file import write_map
from patrol_core.site.model import Dock, Retention, Site, Zone
from patrol_core.site.visitors import VisitorPlace, Visitors
from patrol_core.types.maps import FREE, OCCUPIED, OccupancyGrid

Box = tuple[float, float, float, float]


def place(name: str, at_m: tuple[float, float], step_free: bool = True) -> VisitorPlace:
    """A place whose name is its id in capitals."""
    about = {"en": f"About the {name}."}
    return VisitorPlace(name, {"en": name.upper()}, at_m, about, {}, step_free, 1)


def visitors(*places: VisitorPlace) -> Visitors:
    return Visitors("en", (), (), places, (), (), (), 1)


def drawn(
    folder: Path,
    *places: VisitorPlace,
    boxes: tuple[Box, ...] = (),
    zones: tuple[Zone, ...] = (),
    docks: tuple[tuple[float, float], ...] = (),
    size_m: tuple[float, float] = (60.0, 40.0),
) -> Site:
    """An open field from (0, 0) with buildings (west, south, east, north), its map in `folder`."""
    cell_m = 0.25
    cells = np.full((round(size_m[1] / cell_m), round(size_m[0] / cell_m)), FREE, np.int8)
    for box in boxes:
        west, south, east, north = (round(edge / cell_m) for edge in box)
        cells[south:north, west:east] = OCCUPIED
    write_map(OccupancyGrid(0.0, cell_m, 0.0, 0.0, cells), folder / "map.yaml")
    width, height = size_m
    return Site(
        name="field",
        folder=folder,
        latitude_rad=0.9,
        longitude_rad=0.1,
        timezone="Europe/Berlin",
        outline_m=((0.0, 0.0), (width, 0.0), (width, height), (0.0, height)),
        zones=zones,
        checkpoints=(),
        docks=tuple(Dock(f"dock{x}", Pose2(x, y, 0.0), (), 2.0) for x, y in docks),
        routes=(),
        schedules=(),
        retention=Retention(30, 30, 30),
        map_file=folder / "map.yaml",
        visitors=visitors(*places),
    )
