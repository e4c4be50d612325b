"""Sabertooth bytes and SI units; parameters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.params import make_params
from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.sabertooth.command import burst
from patrol_drivers.sabertooth.params import SabertoothParams
from patrol_drivers.sabertooth.protocol import packet
from patrol_drivers.sabertooth.values import ADDRESSES, Command

PLAIN = SabertoothParams(full_speed_radps=12.7)
"""A step is 0.1 rad/s."""


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (packet(130, Command.M1_FORWARD, 64), "82 00 40 42"),
        (packet(128, Command.SET_SERIAL_TIMEOUT, 10), "80 0e 0a 18"),
        (packet(128, Command.M1_BACKWARD, 20), "80 01 14 15"),
        (packet(128, Command.M2_FORWARD, 127), "80 04 7f 03"),
        (packet(135, Command.M2_BACKWARD, 127), "87 05 7f 0b"),
    ],
)
def test_known_packets(data: bytes, known: str) -> None:
    """The first is the guide's example (p. 15), the others are what the library would send."""
    assert data.hex(" ") == known


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(ADDRESSES), st.sampled_from(Command), st.integers(0, 127), st.integers(0, 31)
)
def test_the_check_sum_sees_any_wrong_bit(
    address: int, command: Command, value: int, bit: int
) -> None:
    damaged = bytearray(packet(address, command, value))
    damaged[bit // 8] ^= 1 << bit % 8
    framed = damaged[0] > 127 and max(damaged[1:]) <= 127
    assert not framed or sum(damaged[:3]) % 128 != damaged[3]


def test_a_cycle_in_bytes() -> None:
    data, sent = burst(WheelSpeeds(1.0, 6.0, -3.14, 5.0), PLAIN)
    assert data.hex(" ") == "80 0e 01 0f 80 00 3c 3c 80 05 1f 24"
    assert sent.left_radps == pytest.approx(6.0)
    assert sent.right_radps == pytest.approx(-3.1)
    assert (sent.stamp_s, sent.acceleration_radps2) == (1.0, 5.0)


def test_the_bauding_character_leads_where_it_is_needed() -> None:
    speeds = WheelSpeeds(1.0, 1.0, 1.0, 5.0)
    plain, _ = burst(speeds, PLAIN)
    led, _ = burst(speeds, SabertoothParams(full_speed_radps=12.7, autobaud=True))
    assert led == b"\xaa" + plain


@pytest.mark.parametrize(
    ("swapped", "left_reversed", "right_reversed", "known"),
    [
        (False, False, False, "80 00 0a 0a 80 04 14 18"),
        (True, False, False, "80 00 14 14 80 04 0a 0e"),
        (False, True, False, "80 01 0a 0b 80 04 14 18"),
        (False, False, True, "80 00 0a 0a 80 05 14 19"),
        (True, True, False, "80 00 14 14 80 05 0a 0f"),
        (True, False, True, "80 01 14 15 80 04 0a 0e"),
    ],
)
def test_sides_and_signs(
    swapped: bool, left_reversed: bool, right_reversed: bool, known: str
) -> None:
    params = SabertoothParams(
        full_speed_radps=12.7,
        motors_swapped=swapped,
        left_reversed=left_reversed,
        right_reversed=right_reversed,
    )
    data, sent = burst(WheelSpeeds(0.0, 1.0, 2.0, 1.0), params)
    assert data[4:].hex(" ") == known
    assert (sent.left_radps, sent.right_radps) == pytest.approx((1.0, 2.0))


@settings(max_examples=40, deadline=None)
@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30), st.booleans())
def test_any_finite_command_fits_the_packets(left: float, right: float, swapped: bool) -> None:
    params = SabertoothParams(full_speed_radps=12.7, motors_swapped=swapped, left_reversed=True)
    data, sent = burst(WheelSpeeds(0.0, left, right, 1.0), params)
    assert len(data) == 12
    assert [byte for byte in data if byte > 127] == [128, 128, 128]
    assert sent.left_radps == pytest.approx(min(max(left, -12.7), 12.7), abs=0.0501)
    assert sent.right_radps == pytest.approx(min(max(right, -12.7), 12.7), abs=0.0501)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"baud": 57600}, "9600, 19200, 38400, 115200"),
        ({"baud": 115200, "autobaud": True}, "9600, 19200, 38400;"),
        ({"watchdog_s": 0.25}, "multiple of 0.1"),
        ({"full_speed_radps": 5.0}, "full_speed_radps"),
        ({"baud": 38400, "autobaud": True, "watchdog_s": 0.3}, None),
    ],
)
def test_what_bounds_cannot_say(values: dict[str, float], words: str | None) -> None:
    params = make_params(SabertoothParams, values)
    if words is None:
        params.check()
        return
    with pytest.raises(ConfigError, match=words):
        params.check()


@pytest.mark.parametrize(
    "values",
    [{"address": 127}, {"address": 136}, {"watchdog_s": 0.0}, {"watchdog_s": 1.1}, {"baud": 2400}],
)
def test_bounds(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        make_params(SabertoothParams, values)


@pytest.mark.parametrize(("watchdog_s", "steps"), [(0.1, 1), (0.3, 3), (1.0, 10)])
def test_the_watchdog_in_tenths(watchdog_s: float, steps: int) -> None:
    data, _ = burst(WheelSpeeds(0.0, 0.0, 0.0, 1.0), SabertoothParams(watchdog_s=watchdog_s))
    assert data[:3] == bytes((128, 14, steps))
