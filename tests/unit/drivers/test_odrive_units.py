"""ODrive lines and SI units, both ways; parameters; errors."""

from __future__ import annotations

import math

import pytest

from patrol_core.errors import ConfigError
from patrol_core.params import make_params
from patrol_drivers.errors import ReplyError
from patrol_drivers.motors import EventKind, WheelSpeeds
from patrol_drivers.odrive import state
from patrol_drivers.odrive.command import drive, set_watchdog
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.odrive.values import (
    AXIS_ERRORS,
    CONTROLLER_ERRORS,
    ENCODER_ERRORS,
    MOTOR_ERRORS,
    SYSTEM_ERRORS,
)

PLAIN = ODriveParams(motor_turns_per_wheel_turn=2.0 * math.pi)
"""One turn a radian."""


def texts(lines: bytes) -> list[str]:
    return [line.partition(b"*")[0].decode("ascii") for line in lines.splitlines()]


def test_a_drive_command_in_turns() -> None:
    lines, ramp, sent = drive(WheelSpeeds(1.0, 6.00004, -6.0, 12.0), PLAIN)
    assert texts(lines) == ["v 0 6.0000", "v 1 -6.0000"]
    assert ramp == 12.0
    assert (sent.left_radps, sent.right_radps) == pytest.approx((6.0, -6.0))
    assert sent.acceleration_radps2 == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("swapped", "left_reversed", "right_reversed", "first", "second"),
    [
        (False, False, False, 1.0, 2.0),
        (True, False, False, 2.0, 1.0),
        (False, True, False, -1.0, 2.0),
        (False, False, True, 1.0, -2.0),
        (True, True, False, 2.0, -1.0),
        (True, False, True, -2.0, 1.0),
    ],
)
def test_sides_and_signs(
    swapped: bool, left_reversed: bool, right_reversed: bool, first: float, second: float
) -> None:
    params = ODriveParams(
        motor_turns_per_wheel_turn=PLAIN.motor_turns_per_wheel_turn,
        motors_swapped=swapped,
        left_reversed=left_reversed,
        right_reversed=right_reversed,
    )
    lines, _, sent = drive(WheelSpeeds(0.0, 1.0, 2.0, 1.0), params)
    assert texts(lines) == [f"v 0 {first:.4f}", f"v 1 {second:.4f}"]
    assert (sent.left_radps, sent.right_radps) == pytest.approx((1.0, 2.0))
    assert state.wheels_from_motors(first, second, params) == (1.0, 2.0)


def test_a_watchdog_is_fed_before_it_is_switched_on() -> None:
    assert texts(set_watchdog(ODriveParams(watchdog_s=0.3)))[:3] == [
        "w axis0.config.watchdog_timeout 0.3000 ",
        "u 0",
        "w axis0.config.enable_watchdog 1 ",
    ]


def test_feedback() -> None:
    assert state.feedback_turns("-1.500001 0.250000") == (-1_500_001, 0.25)
    with pytest.raises(ReplyError):
        state.feedback_turns("340282346638528859811704183484516925440.000000 0.000000")


@pytest.mark.parametrize(
    ("answer", "number"),
    [("24.087744", 24.087744), ("nan", None), ("inf", None), ("invalid property", None)],
)
def test_numbers(answer: str, number: float | None) -> None:
    assert state.number(answer) == number


@pytest.mark.parametrize("firmware", [(0, 5, 4), (0, 5, 6), (0, 5, 9)])
def test_a_version_that_is_supported(firmware: tuple[int, ...]) -> None:
    told = ".".join(map(str, firmware))
    assert state.version(firmware, (3, 6, 56)) == f"ODrive v3.6-56V firmware {told}"


@pytest.mark.parametrize("firmware", [(0, 4, 12), (0, 5, 1), (0, 5, 3), (0, 6, 0), (1, 0, 0)])
def test_a_version_that_is_not(firmware: tuple[int, ...]) -> None:
    with pytest.raises(ReplyError, match="odrivetool dfu"):
        state.version(firmware, (3, 6, 24))


def test_errors_in_words() -> None:
    assert state.system_faults("0") == ()
    (low,) = state.system_faults("2")
    assert (low.words, low.kind) == ("supply voltage too low", EventKind.BROWN_OUT)
    found = state.axis_faults(1, "2112", "4096", "0", "1")
    assert [fault.words for fault in found] == [
        "axis 1: motor failed",
        "axis 1: watchdog expired",
        "axis 1: motor current over its limit",
        "axis 1: faster than its speed limit",
    ]


def test_bits_that_nobody_names_are_told_and_wait_for_a_person() -> None:
    (unknown,) = state.system_faults("65536")
    assert "0x10000" in unknown.words and not unknown.passes


def test_a_motor_error_that_may_be_cut_off_is_told_as_it_is() -> None:
    """1 << 33 has ten digits, of which the firmware tells nine."""
    (fault,) = state.motor_faults(str(1 << 33)[:9], "axis 0: ")
    assert "858993459" in fault.words and not fault.passes
    assert state.motor_faults(str(1 << 26), "")[0].words.startswith("phase unknown")


def test_every_error_bit_is_one_bit_and_named_once() -> None:
    for table in (AXIS_ERRORS, MOTOR_ERRORS, ENCODER_ERRORS, CONTROLLER_ERRORS, SYSTEM_ERRORS):
        masks = [bit.mask for bit in table]
        assert len(set(masks)) == len(masks)
        assert all(mask.bit_count() == 1 for mask in masks)
        assert len({bit.words for bit in table}) == len(table)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"baud": 115201}, "uart_a_baudrate"),
        ({"motor_turns_per_wheel_turn": 1000.0, "max_speed_radps": 200.0}, "turns_per_wheel"),
        ({"motor_turns_per_wheel_turn": 100.0, "max_speed_radps": 200.0}, None),
    ],
)
def test_what_bounds_cannot_say(values: dict[str, float], words: str | None) -> None:
    params = make_params(ODriveParams, values)
    if words is None:
        params.check()
        return
    with pytest.raises(ConfigError, match=words):
        params.check()


@pytest.mark.parametrize("values", [{"baud": 9600}, {"watchdog_s": 0.0}, {"watchdog_s": 1.1}])
def test_bounds(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        make_params(ODriveParams, values)
