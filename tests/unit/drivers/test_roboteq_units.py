"""Roboteq numbers and SI units, both ways; parameters; settings; flags."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.params import make_params
from patrol_drivers.errors import SettingsError
from patrol_drivers.motors import EventKind, WheelSpeeds
from patrol_drivers.roboteq import state
from patrol_drivers.roboteq.command import STOPS, Ramps, drive, set_watchdog
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.settings import SETTINGS
from patrol_drivers.roboteq.values import FAULT_FLAGS, RUNTIME_FLAGS

PLAIN = RoboteqParams(gear_ratio=2.0 * math.pi, encoder_ppr=250)
"""60 RPM of the motor, and 1000 counts, are 1 rad/s and 1 rad of the wheel."""


def test_a_drive_command_in_rpm_and_its_ramp_in_tenths() -> None:
    requests, ramp, sent = drive(WheelSpeeds(1.0, 6.0, -6.0, 12.0), PLAIN)
    assert [request.frame for request in requests] == [b"!S 1 360\r", b"!S 2 -360\r"]
    assert ramp == 7200
    assert sent.left_radps == -sent.right_radps == pytest.approx(6.0)
    assert sent.acceleration_radps2 == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("swapped", "left_reversed", "right_reversed", "first", "second"),
    [
        (False, False, False, 60, 120),
        (True, False, False, 120, 60),
        (False, True, False, -60, 120),
        (False, False, True, 60, -120),
        (True, True, False, 120, -60),
        (True, False, True, -120, 60),
    ],
)
def test_sides_and_signs(
    swapped: bool, left_reversed: bool, right_reversed: bool, first: int, second: int
) -> None:
    params = RoboteqParams(
        gear_ratio=PLAIN.gear_ratio,
        encoder_ppr=PLAIN.encoder_ppr,
        motors_swapped=swapped,
        left_reversed=left_reversed,
        right_reversed=right_reversed,
    )
    requests, _, sent = drive(WheelSpeeds(0.0, 1.0, 2.0, 1.0), params)
    assert [request.text for request in requests] == [f"!S 1 {first}", f"!S 2 {second}"]
    assert (sent.left_radps, sent.right_radps) == pytest.approx((1.0, 2.0))
    assert state.velocities((first, second), params) == pytest.approx((1.0, 2.0))
    assert state.positions((first, second), params) == pytest.approx((0.06, 0.12))


@settings(max_examples=30, deadline=None)
@given(st.floats(-1e308, 1e308), st.floats(-1e308, 1e308), st.floats(1e-300, 1e308))
def test_any_finite_command_is_in_range(left: float, right: float, acceleration: float) -> None:
    requests, ramp, sent = drive(WheelSpeeds(0.0, left, right, acceleration), PLAIN)
    assert all(abs(int(request.text.split()[2])) <= 500_000 for request in requests)
    assert 1 <= ramp <= 500_000 and sent.acceleration_radps2 > 0.0
    if abs(left) < 1000.0:
        assert sent.left_radps == pytest.approx(left, abs=0.51 / 60.0)


def test_a_stop_is_the_stop_that_is_said_first() -> None:
    requests, _, sent = drive(WheelSpeeds(0.0, -0.0, 0.001, 5.0), PLAIN)
    assert requests == STOPS and (sent.left_radps, sent.right_radps) == (0.0, 0.0)


def test_the_watchdog_in_milliseconds() -> None:
    assert set_watchdog(RoboteqParams(watchdog_s=0.25)).frame == b"^RWD 250\r"


def test_ramps_are_said_when_they_change_and_again_in_turn() -> None:
    ramps = Ramps()

    def due(ramp: int, stopping: bool = False) -> list[str]:
        requests = ramps.due(ramp, stopping=stopping)
        for request in requests:
            ramps.take(request)
        return [request.text for request in requests]

    assert due(50) == ["!AC 1 50", "!AC 2 50", "!DC 1 50", "!DC 2 50"]
    assert due(50) == []
    assert due(90, stopping=True) == ["!DC 1 90", "!DC 2 90"]
    assert due(50) == ["!DC 1 50", "!DC 2 50"]
    again = []
    for _ in range(4):
        ramps.forget_one()
        again += due(50)
    assert sorted(again) == ["!AC 1 50", "!AC 2 50", "!DC 1 50", "!DC 2 50"]
    ramps.forget()
    ramps.forget_one()
    assert len(due(50)) == 4


def test_electric_values() -> None:
    assert state.volts(245) == 24.5
    assert state.amperes((15, -2), RoboteqParams()) == (1.5, -0.2)
    assert state.amperes((15, -2), RoboteqParams(motors_swapped=True)) == (-0.2, 1.5)


def test_a_speed_that_cannot_be_is_none() -> None:
    assert state.velocities((0, 99999), PLAIN) is None
    assert state.velocities((-99999, 0), PLAIN) is None


def test_every_flag_is_one_bit_and_named_once() -> None:
    for table, size in ((FAULT_FLAGS, 8), (RUNTIME_FLAGS, 7)):
        assert [flag.mask for flag in table] == [1 << bit for bit in range(size)]
        assert len({flag.words for flag in table}) == size


def test_flags_in_words_and_bits_that_the_manual_does_not_name() -> None:
    assert [flag.kind for flag in state.fault_flags(0x15)] == [
        EventKind.OVER_TEMPERATURE,
        EventKind.BROWN_OUT,
        EventKind.ESTOP,
    ]
    (unknown,) = state.fault_flags(0x300)
    assert unknown.stops and "0x300" in unknown.words
    (stalled,) = state.runtime_flags(2, 0x02)
    assert stalled.words == "motor 2: stalled" and stalled.stops
    assert state.fault_flags(0) == state.runtime_flags(1, 0) == ()


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("MMOD", (1, 1), None),
        ("MMOD", (1, 0), r"operating mode \(MMOD\) is 1:0 .*\^MMOD 1 1, \^MMOD 2 1 and %EESAV"),
        ("EPPR", (250, -250), None),
        ("EPPR", (250, 500), r"expected 250; .*\^EPPR 1 250"),
        ("MXRPM", (720, 9000), None),
        ("MXRPM", (719, 9000), r"expected at least 720;"),
        ("MXMD", (0,), None),
        ("MXMD", (1,), r"\^MXMD 0 and"),
        ("MAC", (1, 500000), None),
        ("MAC", (0, 500000), "more than 0"),
        ("MDEC", (10, 0), "more than 0"),
    ],
)
def test_settings_of_the_controller(name: str, values: tuple[int, ...], words: str | None) -> None:
    (setting,) = (setting for setting in SETTINGS if setting.query.ask == f"~{name}")
    if words is None:
        setting.check(values, PLAIN)
        return
    with pytest.raises(SettingsError, match=words):
        setting.check(values, PLAIN)


def test_what_bounds_cannot_say() -> None:
    RoboteqParams().check()
    with pytest.raises(ConfigError, match="Roborun"):
        make_params(RoboteqParams, {"baud": 100000}).check()
    with pytest.raises(ConfigError, match="reply_timeout_s"):
        make_params(RoboteqParams, {"watchdog_s": 0.2, "reply_timeout_s": 0.1}).check()
    with pytest.raises(ConfigError, match="gear_ratio"):
        make_params(RoboteqParams, {"gear_ratio": 1000.0, "max_speed_radps": 200.0}).check()


@pytest.mark.parametrize(
    "values", [{"watchdog_s": 0.0}, {"watchdog_s": 1.1}, {"encoder_ppr": 0}, {"gear_ratio": 0.0}]
)
def test_bounds(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        make_params(RoboteqParams, values)
