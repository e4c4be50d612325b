"""What each command does and answers ("ASCII Protocol", Command Reference; ascii_protocol.cpp).

The first letter is the command; spaces after it may be missing, numbers may be followed by
anything, and those at the end that are missing are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patrol_emulators.odrive.axis import Axis
from patrol_emulators.odrive.board import Board
from patrol_emulators.odrive.flags import ControlMode, InputMode
from patrol_emulators.odrive.numbers import scan, single
from patrol_emulators.odrive.properties import (
    FIRMWARE,
    HARDWARE,
    read_property,
    write_property,
)

_BAD_FORMAT = "invalid command format"
_WORD = re.compile(r"\S+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reply:
    """The lines of an answer; `refused`: nothing was done."""

    lines: tuple[str, ...] = ()
    refused: bool = False


_DONE = Reply()


def obey(board: Board, text: str, now_s: float) -> Reply:
    """Do what a line says."""
    letter, rest = text[:1], text[1:]
    if letter in _AXIS_COMMANDS:
        return _for_axis(board, rest, *_AXIS_COMMANDS[letter])
    if letter == "e":
        if rest[:2] != "sl":
            return _refused(_BAD_FORMAT)
        return _for_axis(board, rest[2:], "ui", 2, _set_count)
    if letter == "s":
        return _system(board, rest[:1], now_s)
    if letter == "r":
        return _read(board, rest)
    if letter == "w":
        return _write(board, rest)
    if letter == "i":
        return _identify(board)
    return _refused("unknown command")


def _refused(why: str) -> Reply:
    return Reply((why,), refused=True)


def _for_axis(
    board: Board,
    text: str,
    layout: str,
    needed: int,
    act: Callable[[Axis, Sequence[float]], Reply],
) -> Reply:
    """Commands whose first number is the axis; `needed` numbers must be there."""
    numbers = scan(text, layout)
    if len(numbers) < needed:
        return _refused(_BAD_FORMAT)
    index = int(numbers[0])
    if index >= len(board.axes):
        return _refused(f"invalid motor {index}")
    return act(board.axes[index], numbers[1:])


def _velocity(axis: Axis, numbers: Sequence[float]) -> Reply:
    """v axis velocity [torque feed-forward]."""
    axis.settings.control_mode = ControlMode.VELOCITY_CONTROL
    axis.loop.input_vel = numbers[0]
    if len(numbers) > 1:
        axis.loop.input_torque = numbers[1]
    axis.feed_watchdog()
    return _DONE


def _position(axis: Axis, numbers: Sequence[float]) -> Reply:
    """p axis position [velocity feed-forward] [torque feed-forward]."""
    axis.settings.control_mode = ControlMode.POSITION_CONTROL
    axis.loop.input_pos = numbers[0]
    if len(numbers) > 1:
        axis.loop.input_vel = numbers[1]
    if len(numbers) > 2:
        axis.loop.input_torque = numbers[2]
    axis.feed_watchdog()
    return _DONE


def _position_within(axis: Axis, numbers: Sequence[float]) -> Reply:
    """q axis position [velocity limit] [torque limit]; the limits are settings from then on."""
    axis.settings.control_mode = ControlMode.POSITION_CONTROL
    axis.loop.input_pos = numbers[0]
    if len(numbers) > 1:
        axis.settings.vel_limit = numbers[1]
    if len(numbers) > 2:
        axis.settings.torque_lim = numbers[2]
    axis.feed_watchdog()
    return _DONE


def _torque(axis: Axis, numbers: Sequence[float]) -> Reply:
    """c axis torque."""
    axis.settings.control_mode = ControlMode.TORQUE_CONTROL
    axis.loop.input_torque = numbers[0]
    axis.feed_watchdog()
    return _DONE


def _trajectory(axis: Axis, numbers: Sequence[float]) -> Reply:
    """t axis destination."""
    axis.settings.input_mode = InputMode.TRAP_TRAJ
    axis.settings.control_mode = ControlMode.POSITION_CONTROL
    axis.loop.input_pos = numbers[0]
    axis.feed_watchdog()
    return _DONE


def _feedback(axis: Axis, _: Sequence[float]) -> Reply:
    """f axis: position and velocity. It does not feed the watchdog."""
    encoder = axis.encoder
    return Reply((f"{single(encoder.pos_estimate):f} {single(encoder.vel_estimate):f}",))


def _feed(axis: Axis, _: Sequence[float]) -> Reply:
    """u axis."""
    axis.feed_watchdog()
    return _DONE


def _set_count(axis: Axis, numbers: Sequence[float]) -> Reply:
    """esl axis count."""
    count = int(numbers[0])
    axis.encoder.set_count(count)
    axis.feed_watchdog()
    return Reply((f"encoder set to {count & 0xFFFFFFFF}",))


_AXIS_COMMANDS = {
    "v": ("uff", 2, _velocity),
    "p": ("ufff", 2, _position),
    "q": ("ufff", 2, _position_within),
    "c": ("uf", 2, _torque),
    "t": ("uf", 2, _trajectory),
    "f": ("u", 1, _feedback),
    "u": ("u", 1, _feed),
}
"""What numbers there can be, how many there must be, and what is done with them."""


def _system(board: Board, letter: str, now_s: float) -> Reply:
    """ss, se, sr and sc; none is answered, nor is any other letter."""
    if letter == "s":
        board.save(now_s)
    elif letter == "e":
        board.erase(now_s)
    elif letter == "r":
        board.reset(now_s)
    elif letter == "c":
        board.clear_errors()
    else:
        return Reply(refused=True)
    return _DONE


def _read(board: Board, text: str) -> Reply:
    words = _WORD.findall(text)
    if not words:
        return _refused(_BAD_FORMAT)
    told = read_property(board, words[0])
    return Reply((told,), refused=told == "invalid property")


def _write(board: Board, text: str) -> Reply:
    """w property value. The firmware takes a missing value from where its memory holds another."""
    words = _WORD.findall(text)
    if not words:
        return _refused(_BAD_FORMAT)
    wrong = write_property(board, words[0], words[1] if len(words) > 1 else "")
    return _refused(wrong) if wrong else _DONE


def _identify(board: Board) -> Reply:
    return Reply(
        (
            "Hardware version: {}.{}-{}V".format(*HARDWARE),
            "Firmware version: {}.{}.{}".format(*FIRMWARE),
            f"Serial number: {board.params.serial_number:012X}",
        )
    )
