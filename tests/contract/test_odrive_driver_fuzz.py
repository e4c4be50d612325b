"""The ODrive driver's lines under random bytes and numbers: nothing breaks, nothing wrong is
taken, and a line that loses its mark on the way does no harm."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.controllers.odrive_fake import signed

from patrol_drivers.motors import WheelSpeeds
from patrol_drivers.odrive.command import drive, set_ramp
from patrol_drivers.odrive.params import ODriveParams
from patrol_drivers.odrive.protocol import heard, velocity


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
@example(b"*0\r\n")
@example(b"\x00*0\n")
@example(b"8*56*56\r\n")
@example(b"8*\xb2\n")
def test_no_bytes_break_the_parser_and_no_wrong_checksum_is_taken(received: bytes) -> None:
    for answer in heard(received, ()).answers:
        assert answer.isprintable() and answer
        assert signed(answer) in received


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e4, 1e4), st.integers(0, 200), st.integers(0, 7))
def test_one_flipped_bit_is_never_taken(number: float, at: int, bit: int) -> None:
    whole = bytearray(signed(f"{number:.6f} {number:.6f}") + b"\r\n")
    whole[at % len(whole)] ^= 1 << bit
    assert heard(bytes(whole), ()).answers == ()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([0, 1]), st.floats(-1e4, 1e4))
def test_a_speed_whose_star_was_lost_is_nearly_the_same(axis: int, speed: float) -> None:
    """The firmware reads such a line without a checksum, and its digits as more decimals."""
    words = velocity(axis, speed).decode("ascii").replace("*", "").split()
    assert len(words) == 3, "no torque"
    assert float(words[2]) == pytest.approx(speed, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30), st.floats(1e-9, 1e30), st.booleans())
def test_any_finite_command_fits_the_line(
    left: float, right: float, acceleration: float, swapped: bool
) -> None:
    params = ODriveParams(motors_swapped=swapped, left_reversed=True)
    lines, ramp, sent = drive(WheelSpeeds(0.0, left, right, acceleration), params)
    assert b"-0.0000" not in lines
    assert len(lines + set_ramp(ramp)) < 160
    assert sent.acceleration_radps2 > 0.0
    if abs(left) < 1000.0:
        assert sent.left_radps == pytest.approx(left, abs=0.0005)
