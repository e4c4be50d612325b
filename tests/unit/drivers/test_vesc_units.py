"""VESC bytes and SI units, both ways; parameters; fault codes."""

from __future__ import annotations

import contextlib
import math
import struct

import pytest
from tests.controllers.vesc_fake import Unit

from patrol_core.errors import ConfigError
from patrol_core.params import make_params
from patrol_drivers.errors import DriverError
from patrol_drivers.motors import EventKind, Sides
from patrol_drivers.vesc import state
from patrol_drivers.vesc.command import drive, halt, is_controlled
from patrol_drivers.vesc.params import VescParams
from patrol_drivers.vesc.protocol import packets
from patrol_drivers.vesc.values import APPCONF_SIGNATURES, FAULTS, VALUES_MASK

PLAIN = VescParams(pole_pairs=10, gear_ratio=math.pi, min_erpm=60.0)
"""300 ERPM at 1 rad/s, and 30 steps of the tachometer a radian."""


def sets(frames: bytes) -> list[tuple[int, int]]:
    """Command and number for the first and the second VESC."""
    first, second = (found.payload for found in packets(frames))
    assert second[:2] == b"\x22\x01"
    return [
        (body[0], int.from_bytes(body[1:], "big", signed=True)) for body in (first, second[2:])
    ]


def test_speeds_in_electrical_turns_a_minute() -> None:
    assert PLAIN.erpm_per_radps == pytest.approx(300.0)
    assert PLAIN.steps_per_rad == pytest.approx(30.0)
    frames, sent = drive(Sides(2.0, -3.0), PLAIN)
    assert sets(frames) == [(8, 600), (8, -900)]
    assert sent == pytest.approx((2.0, -3.0))


@pytest.mark.parametrize(
    ("swapped", "left_reversed", "right_reversed", "first", "second"),
    [
        (False, False, False, 300, 600),
        (True, False, False, 600, 300),
        (False, True, False, -300, 600),
        (False, False, True, 300, -600),
        (True, True, False, 600, -300),
        (True, False, True, -600, 300),
    ],
)
def test_sides_and_signs(
    swapped: bool, left_reversed: bool, right_reversed: bool, first: int, second: int
) -> None:
    params = VescParams(
        pole_pairs=10,
        gear_ratio=math.pi,
        min_erpm=60.0,
        first_is_right=swapped,
        left_reversed=left_reversed,
        right_reversed=right_reversed,
    )
    frames, sent = drive(Sides(1.0, 2.0), params)
    assert sets(frames) == [(8, first), (8, second)]
    assert sent == pytest.approx((1.0, 2.0))
    assert state.wheels_from_motors(first, second, params) == (300, 600)


@pytest.mark.parametrize(
    ("brake_a", "stopped"), [(10.0, (7, 10000)), (0.5, (7, 500)), (0.0, (8, 0))]
)
def test_a_stop_is_a_brake_current_or_speed_0(brake_a: float, stopped: tuple[int, int]) -> None:
    params = VescParams(pole_pairs=10, gear_ratio=math.pi, min_erpm=60.0, stop_brake_a=brake_a)
    assert sets(halt(params)) == [stopped, stopped]
    frames, sent = drive(Sides(0.19, -0.2), params)
    assert sets(frames) == [stopped, (8, -60)]
    assert sent == pytest.approx((0.0, -0.2))
    assert not is_controlled(0.19, params) and is_controlled(-0.2, params)


@pytest.mark.parametrize(("left", "right"), [(200.0, -200.0), (-200.0, 0.0), (199.9, 1e-9)])
def test_the_fastest_wheels_of_all_fit_the_packet(left: float, right: float) -> None:
    params = VescParams(pole_pairs=100, gear_ratio=1000.0, left_reversed=True)
    frames, sent = drive(Sides(left, right), params)
    assert len(sets(frames)) == 2
    assert sent == pytest.approx((left, right), abs=1000.0 / params.erpm_per_radps)


def test_values_in_si_units() -> None:
    unit = Unit(0, temperature=-123, current=-2550, voltage=245, erpm=-1200, fault=5, killed=True)
    unit.steps, unit.steps_abs = -30.0, 90.0
    told = state.values(unit.values(VALUES_MASK))
    assert (told.temperature_c, told.current_a, told.battery_v) == (-12.3, -25.5, 24.5)
    assert (told.erpm, told.tachometer, told.tachometer_abs) == (-1200, -30, 90)
    assert told.fault is FAULTS[5] and told.killed and told.timed_out


def test_before_5_03_nobody_tells_a_trip_or_the_kill_switch() -> None:
    told = state.values(Unit(0, tells_status=False).values(VALUES_MASK))
    assert told.timed_out is None and told.killed is None
    assert told.fault is None


def as_the_firmware_packs(number: float) -> bytes:
    """buffer_append_float32_auto (util/buffer.c): a significand of 23 bits, and an exponent."""
    significand, exponent = math.frexp(number)
    bits = 0
    if abs(significand) >= 0.5:
        bits = (exponent + 126) << 23 | int((abs(significand) - 0.5) * 2.0 * 2**23)
    return struct.pack(">I", bits | (1 << 31 if significand < 0.0 else 0))


@pytest.mark.parametrize("brake_a", [0.0, 0.1, 1.0, 12.5, 60.0, -3.75])
def test_the_watchdog_of_every_named_firmware(brake_a: float) -> None:
    for signature in APPCONF_SIGNATURES:
        head = struct.pack(">IBI", signature, 7, 250) + as_the_firmware_packs(brake_a)
        guard = state.guard(b"\x11" + head + bytes(300))
        assert guard is not None
        assert guard.timeout_s == 0.25
        assert guard.brake_a == pytest.approx(brake_a)
    assert state.guard(b"\x11\x00\x00\x00\x01" + head[4:]) is None


def test_a_version_in_words() -> None:
    assert state.version(b"\x00\x06\x0560_MK6\x00" + bytes(15)) == "VESC 60_MK6, firmware 6.05"
    assert state.version(b"\x00\x05\x0275_300\x00") == "VESC 75_300, firmware 5.02"


@pytest.mark.parametrize("decoder", [state.values, state.guard, state.version])
@pytest.mark.parametrize("size", range(31))
def test_no_bytes_raise_anything_but_our_errors(decoder: object, size: int) -> None:
    assert callable(decoder)
    with contextlib.suppress(DriverError):
        decoder(bytes(0xF0 + at % 16 for at in range(size)))


def test_every_fault_has_a_name_of_its_own_and_an_unknown_one_its_number() -> None:
    assert sorted(FAULTS) == list(range(1, 34))
    assert len({fault.words for fault in FAULTS.values()}) == len(FAULTS)
    unknown = state.fault(77)
    assert unknown is not None and "77" in unknown.words and unknown.kind is EventKind.FAULT


def test_a_top_speed_below_the_least_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="min_erpm"):
        make_params(VescParams, {"pole_pairs": 7}).check()
    make_params(VescParams, {"pole_pairs": 7, "gear_ratio": 10.0}).check()


@pytest.mark.parametrize(
    "values", [{"can_id": 255}, {"pole_pairs": 0}, {"watchdog_s": 0.0}, {"watchdog_s": 1.1}]
)
def test_bounds(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        make_params(VescParams, values)
