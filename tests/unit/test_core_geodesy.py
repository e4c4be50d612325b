"""Latitude and longitude, and metres about a datum."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol_core.geodesy import LocalFrame

METRES = st.floats(-2000.0, 2000.0)


@given(METRES, METRES, st.floats(-1.4, 1.4), st.floats(-math.pi, math.pi))
def test_there_and_back(x_m: float, y_m: float, latitude: float, heading: float) -> None:
    frame = LocalFrame(latitude, math.pi - 1e-5, 38.0, heading)
    back = frame.to_local(*frame.to_geodetic(x_m, y_m))
    assert back == pytest.approx((x_m, y_m), abs=1e-5)


def test_a_minute_of_latitude_is_a_nautical_mile() -> None:
    frame = LocalFrame(math.radians(45.0), 0.1)
    east, north = frame.to_local(math.radians(45.0 + 1.0 / 60.0), 0.1)
    assert north == pytest.approx(1852.0, abs=1.0) and east == 0.0
    east, north = frame.to_local(math.radians(45.0), 0.1 + math.radians(1.0 / 60.0))
    assert east == pytest.approx(1313.6, abs=1.0) and north == pytest.approx(0.0)
