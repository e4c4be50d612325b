"""Lines of the ODrive: known bytes, and nothing accepted whose checksum is wrong."""

from __future__ import annotations

import pytest
from tests.controllers.odrive_fake import signed

from patrol_drivers.odrive.protocol import (
    LEAST,
    Form,
    Question,
    checksum,
    clear_errors,
    feed,
    feedback,
    heard,
    line,
    read_any,
    read_whole,
    velocity,
    write_number,
    write_whole,
)

STATE = read_whole("axis0.current_state")
VOLTAGE = read_any("vbus_voltage")

KNOWN_LINES = [
    (velocity(0, 1.5), b"v 0 1.5000*92\n"),
    (velocity(1, -0.25), b"v 1 -0.2500*115\n"),
    (feed(1), b"u 1*100\n"),
    (clear_errors(), b"sc*16\n"),
    (feedback(0).line, b"f 0*118\n"),
    (line("r vbus_voltage "), b"r vbus_voltage *93\n"),
    (write_whole("axis0.requested_state", 8), signed("w axis0.requested_state 8 ") + b"\n"),
    (
        write_number("axis1.config.watchdog_timeout", 0.2),
        signed("w axis1.config.watchdog_timeout 0.2000 ") + b"\n",
    ),
]


@pytest.mark.parametrize(("made", "known"), KNOWN_LINES)
def test_known_lines(made: bytes, known: bytes) -> None:
    """`*93` is the example of the maker's `docs/ascii-protocol.rst`."""
    assert made == known


def test_answers_in_the_order_of_the_questions() -> None:
    received = b"".join(signed(t) + b"\r\n" for t in ("1.25 -0.5", "8", "24.087744"))
    came = heard(received, ())
    assert came.answers == ("1.25 -0.5", "8", "24.087744")
    assert came.fits((feedback(0), STATE, VOLTAGE))
    assert not came.fits((STATE, feedback(0), VOLTAGE)), "forms tell answers apart"
    assert not came.fits((feedback(0), STATE))
    assert not came.fits((feedback(0), STATE, VOLTAGE, VOLTAGE))


@pytest.mark.parametrize(
    ("form", "answer", "fits"),
    [
        (Form.WHOLE, "8", True),
        (Form.WHOLE, "0d", False),
        (Form.WHOLE, "-1", False),
        (Form.WHOLE, "8.0", False),
        (Form.WHOLE, "invalid property", False),
        (Form.FEEDBACK, "0.000000 0.000000", True),
        (Form.FEEDBACK, "-1.5 2.25", True),
        (Form.FEEDBACK, "nan 0.000000", False),
        (Form.FEEDBACK, "1.0", False),
        (Form.ANY, "nan", True),
        (Form.ANY, "", False),
    ],
)
def test_forms(form: Form, answer: str, fits: bool) -> None:
    assert form.fits(answer) == fits


@pytest.mark.parametrize(
    ("question", "shortest"),
    [(STATE, "8"), (feedback(1), "0.000000 0.000000"), (VOLTAGE, "0")],
)
def test_no_answer_is_shorter_than_what_is_waited_for(question: Question, shortest: str) -> None:
    assert question.form.fits(shortest)
    assert LEAST[question.form] <= len(signed(shortest) + b"\r\n")


def test_what_is_no_answer_is_counted() -> None:
    echo = STATE.line
    came = heard(echo + b"8*56\r\n8*57\r\nnonsense\r\n\x80*1\n12", {echo})
    assert came.answers == ("8",)
    assert (came.echoes, came.spoilt, came.stray, came.unfinished) == (1, 1, 14, 2)
    assert not came.fits((STATE,))


@pytest.mark.parametrize("extra", [b"\xff\x00\n", b"unknown command\r\n", b"9*56\r\n"])
def test_doubt_about_one_line_is_doubt_about_all(extra: bytes) -> None:
    assert heard(b"8*56\r\n", ()).fits((STATE,))
    assert not heard(extra + b"8*56\r\n", ()).fits((STATE,))


@pytest.mark.parametrize("value", [1, 2, 8])
def test_a_setting_whose_star_was_lost_is_the_same(value: int) -> None:
    text = write_whole("axis0.requested_state", value).decode("ascii").replace("*", "")
    assert text.split()[2] == str(value)


def test_the_checksum() -> None:
    assert checksum(b"") == 0
    assert checksum(b"\x0f\xf0") == 0xFF
