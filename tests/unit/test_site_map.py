"""Maps are made from worlds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from patrol_core.errors import ConfigError
from patrol_core.site import load_map, load_site, write_map
from patrol_core.types.maps import FREE, OCCUPIED, UNKNOWN
from patrol_sim.map_maker import make_map
from patrol_sim.sdf import cross_sections, load_world

ROOT = Path(__file__).parents[2]
SITE = load_site(ROOT / "sites" / "yard")
YARD = load_world(ROOT / "sim" / "worlds" / "yard.sdf")


def test_a_map_file_reads_back_what_was_written(tmp_path: Path) -> None:
    grid = load_map(SITE.map_file)
    write_map(grid, tmp_path / "copy.yaml")
    copy = load_map(tmp_path / "copy.yaml")
    assert (copy.cells == grid.cells).all()
    assert (copy.origin_x_m, copy.origin_y_m) == (grid.origin_x_m, grid.origin_y_m)
    assert {FREE, OCCUPIED, UNKNOWN} == set(np.unique(grid.cells))


def test_the_map_shows_the_walls_where_the_world_has_them() -> None:
    grid, _ = make_map(YARD, SITE, 0.0, np.random.default_rng(0))
    solid = shapely.union_all([s.polygon for s in cross_sections(YARD, 0.2)])
    cells = np.argwhere(grid.cells == OCCUPIED)
    reach_m = grid.resolution_m / np.sqrt(2.0)
    assert shapely.dwithin(solid, shapely.points(grid.centers_of(cells)), reach_m).all()
    free = grid.centers_of(np.argwhere(grid.cells == FREE))
    assert not shapely.contains_xy(solid, free).any()
    outside = grid.centers_of(np.argwhere(grid.cells == UNKNOWN))
    assert not shapely.contains_xy(Polygon(SITE.outline_m), outside).any()


def test_a_fence_with_a_gap_makes_no_map(tmp_path: Path) -> None:
    text = (ROOT / "sim/worlds/yard.sdf").read_text()
    before, _, rest = text.partition('<model name="gate">')
    open_world = tmp_path / "open.sdf"
    open_world.write_text(before + rest.partition("</model>")[2])
    with pytest.raises(ConfigError, match="gap"):
        make_map(load_world(open_world), SITE, 0.0, np.random.default_rng(0))
