"""RoboClaw bytes and SI units, both ways; parameters; status bits."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.params import make_params
from patrol_drivers.errors import DriverError, ReplyError
from patrol_drivers.motors import EventKind, WheelSpeeds
from patrol_drivers.roboclaw import state
from patrol_drivers.roboclaw.command import drive, set_watchdog
from patrol_drivers.roboclaw.params import RoboClawParams
from patrol_drivers.roboclaw.values import STATUS_16, STATUS_32

PLAIN = RoboClawParams(ticks_per_rev=2000.0 * math.pi)
"""1000 counts a radian."""


def test_a_drive_command_in_counts() -> None:
    request, sent = drive(WheelSpeeds(1.0, 6.0, -6.0, 12.0), PLAIN)
    assert request.frame.hex(" ") == "80 28 00 00 2e e0 00 00 17 70 ff ff e8 90 67 03"
    assert sent.left_radps == -sent.right_radps == pytest.approx(6.0)
    assert sent.acceleration_radps2 == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("swapped", "left_reversed", "right_reversed", "first", "second"),
    [
        (False, False, False, 1000, 2000),
        (True, False, False, 2000, 1000),
        (False, True, False, -1000, 2000),
        (False, False, True, 1000, -2000),
        (True, True, False, 2000, -1000),
        (True, False, True, -2000, 1000),
    ],
)
def test_sides_and_signs(
    swapped: bool, left_reversed: bool, right_reversed: bool, first: int, second: int
) -> None:
    params = RoboClawParams(
        ticks_per_rev=PLAIN.ticks_per_rev,
        motors_swapped=swapped,
        left_reversed=left_reversed,
        right_reversed=right_reversed,
    )
    request, sent = drive(WheelSpeeds(0.0, 1.0, 2.0, 1.0), params)
    assert int.from_bytes(request.data[4:8], "big", signed=True) == first
    assert int.from_bytes(request.data[8:12], "big", signed=True) == second
    assert (sent.left_radps, sent.right_radps) == pytest.approx((1.0, 2.0))
    assert state.wheels_from_motors(first, second, params) == (1000, 2000)


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30), st.floats(1e-9, 1e30), st.booleans())
def test_any_finite_command_fits_the_packet(
    left: float, right: float, acceleration: float, swapped: bool
) -> None:
    params = RoboClawParams(motors_swapped=swapped, left_reversed=True)
    request, sent = drive(WheelSpeeds(0.0, left, right, acceleration), params)
    assert len(request.frame) == 16
    assert sent.acceleration_radps2 > 0.0
    if abs(left) < 1000.0:
        assert sent.left_radps == pytest.approx(left, abs=0.5 / params.counts_per_rad)


@pytest.mark.parametrize(("watchdog_s", "steps"), [(0.1, 1), (0.2, 2), (0.3, 3), (1.0, 10)])
def test_the_watchdog_in_tenths(watchdog_s: float, steps: int) -> None:
    params = RoboClawParams(watchdog_s=watchdog_s)
    params.check()
    assert set_watchdog(params).data == bytes((steps,))


@pytest.mark.parametrize(
    ("data", "qpps"),
    [
        ("000003e800", 1000),
        ("fffffc1801", -1000),
        ("000003e801", -1000),
        ("0000000001", 0),
        ("fffffc1800", -1000),
    ],
)
def test_speeds_signed_or_with_a_direction(data: str, qpps: int) -> None:
    assert state.speed_qpps(bytes.fromhex(data)) == qpps


def test_electric_values() -> None:
    assert state.volts(bytes.fromhex("00f5")) == 24.5
    assert state.amperes(bytes.fromhex("0096ffec")) == (1.5, -0.2)
    assert state.celsius(bytes.fromhex("013b")) == 31.5
    assert state.celsius(bytes.fromhex("ffce")) == -5.0
    assert state.version(b"RoboClaw 10.2A v4.1.11\n\x00") == "RoboClaw 10.2A v4.1.11"


DECODERS = [
    state.pair_of_counts,
    state.speed_qpps,
    state.volts,
    state.amperes,
    state.celsius,
    state.watchdog_steps,
    state.version,
    state.status_bits,
]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(DECODERS), st.binary(max_size=12))
def test_no_bytes_raise_anything_but_our_errors(decoder: object, data: bytes) -> None:
    assert callable(decoder)
    with contextlib.suppress(DriverError):
        decoder(data)


def test_both_generations_of_the_status() -> None:
    for size, estop, logic_low, over_current in (
        (2, 0x0004, 0x0080, 0x0001),
        (4, 0x00000001, 0x00000020, 0x00010000),
    ):
        value = (estop | logic_low | over_current).to_bytes(size, "big")
        kinds = {bit.kind for bit in state.status_bits(value)}
        assert kinds == {EventKind.ESTOP, EventKind.BROWN_OUT, EventKind.OVER_CURRENT}
        assert state.faults(bytes(size)) == ()
    with pytest.raises(ReplyError):
        state.status_bits(b"\x00\x00\x00")


def test_every_bit_of_the_status_is_one_bit_and_named_once() -> None:
    for table, size in ((STATUS_16, 2), (STATUS_32, 4)):
        masks = [bit.mask for bit in table]
        assert len(set(masks)) == len(masks)
        assert all(mask.bit_count() == 1 and mask < 1 << 8 * size for mask in masks)
        assert len({bit.words for bit in table}) == len(table)


def test_inputs_are_no_faults_and_unknown_bits_are() -> None:
    assert state.faults(bytes.fromhex("c000")) == ()
    assert state.faults(bytes.fromhex("80000000")) == (
        "status bits 0x80000000, which the manual does not name",
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"baud": 100000}, "Motion Studio"),
        ({"watchdog_s": 0.25}, "multiple of 0.1"),
        ({"ticks_per_rev": 1e7, "max_speed_radps": 200.0}, None),
    ],
)
def test_what_bounds_cannot_say(values: dict[str, float], words: str | None) -> None:
    params = make_params(RoboClawParams, values)
    if words is None:
        params.check()
        return
    with pytest.raises(ConfigError, match=words):
        params.check()


@pytest.mark.parametrize(
    "values", [{"address": 127}, {"address": 136}, {"watchdog_s": 0.0}, {"watchdog_s": 1.1}]
)
def test_bounds(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        make_params(RoboClawParams, values)
