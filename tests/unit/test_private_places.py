"""Privacy zones as places: by the hour, and what is near them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.gate_world import make_site

from patrol_core.geometry import Points, points_in_polygon
from patrol_core.site.model import Hours, Zone, ZoneKind
from patrol_core.site.private_places import PrivatePlaces, grown

SQUARE: Points = ((2.0, 2.0), (6.0, 2.0), (6.0, 5.0), (2.0, 5.0))
HOUR_S = 3600.0


def test_places_are_private_in_the_hours_of_their_zones() -> None:
    by_day = Zone("a", ZoneKind.PRIVACY, SQUARE, hours=(Hours(tuple(range(7)), 0, 43200),))
    far = replace(by_day, zone_id="b", hours=(), polygon_m=((8, 8), (9, 8), (9, 9), (8, 9)))
    other = Zone("c", ZoneKind.KEEP_OUT, ((0, 0), (1, 0), (1, 1), (0, 1)))
    private = PrivatePlaces(make_site(zones=(by_day, far, other)), 0.0)
    assert not private.hold(3.0, 3.0), "nothing is known before the first look"
    assert private.refresh(11.0 * HOUR_S) and not private.refresh(11.0 * HOUR_S)
    places = np.array([[3.0, 3.0], [8.5, 8.5], [0.5, 0.5], [7.0, 3.0]])
    assert private.contain(places).tolist() == [True, True, False, False]
    assert private.refresh(13.0 * HOUR_S)
    assert private.contain(places).tolist() == [False, True, False, False]
    assert private.polygons_m == (far.polygon_m,)


@pytest.mark.parametrize("margin_m", [0.0, 0.3, 2.0])
def test_a_grown_polygon_holds_what_is_within_the_margin(margin_m: float) -> None:
    wide = grown(SQUARE, margin_m)
    off = margin_m - 0.01
    near = [(2.0 - off, 3.0), (6.0 + off, 2.0 - off), (4.0, 5.0 + off)]
    assert points_in_polygon(near, wide).all()
    assert not points_in_polygon([(2.0 - margin_m - 0.01, 3.0)], wide).any()
