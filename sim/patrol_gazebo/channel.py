"""What is said between us and the plugin inside Gazebo (bridge.cc), as bytes.

The plugin begins with the names of all models and of all collisions (each text: length as uint32,
then UTF-8, one name a line); their places in these lists are their numbers. Then it obeys::

    F  uint32 robot, origin[3], near, far, uint32 n, directions[n][3]   one more fan of rays
    M  uint32 model, place[3], quaternion xyzw[4]                       put a model somewhere
    C  uint32 fan                        answered by ranges[n], int32 collision[n] (-1: nothing)
    R                                    answered by the state
    S  uint32 steps, (left, right)[robots]  wheel rates; answered by the state after these steps

The state is the time, for each robot `ROBOT_VALUES` numbers, a uint32 count of contacts and these
(`_TOUCH`). Numbers are doubles where nothing else is said, in the machine's byte order, in SI
units and the world's axes; origins and directions are in base_link.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patrol_core.geometry import Transform3
from patrol_gazebo.errors import GazeboError

ROBOT_VALUES = 19
_LENGTH = struct.Struct("=I")
_FAN = struct.Struct("=cI5dI")
_MOVE = struct.Struct("=cI7d")
_CAST = struct.Struct("=cI")
_STEP = struct.Struct("=cI")
_TIME = struct.Struct("=d")
_TOUCH = struct.Struct("=III2d")
_LONGEST_TEXT = 1 << 26


@dataclass(frozen=True, slots=True)
class RawTouch:
    """One contact: in which physics step (from 0), between which collisions.

    `normal_z`: how far up its steepest normal looks; `speed_mps`: the robot's, before the step.
    """

    step: int
    mine: int
    other: int
    normal_z: float
    speed_mps: float


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The world after a batch of steps. `robots` (R, 19): base_link's place (3), quaternion xyzw
    (4), velocity (3) and rate (3) in the world; wheels' angles (2), rates (2), torques (2).
    """

    stamp_s: float
    robots: NDArray[np.float64]
    touches: tuple[RawTouch, ...]


class Channel:
    """Our end of the socket. Raises GazeboError when the other end is gone or talks nonsense."""

    def __init__(self, link: socket.socket, robots: int) -> None:
        self._link, self._robots = link, robots
        self._fans: list[int] = []
        self.models = self._names()
        self.collisions = self._names()

    def add_fan(
        self,
        robot: int,
        origin_m: tuple[float, float, float],
        reach_m: tuple[float, float],
        directions: NDArray[np.float64],
    ) -> int:
        """A fan of rays from `origin_m` along unit vectors (N, 3) in base_link; its number."""
        rays = np.ascontiguousarray(directions, dtype=np.float64)
        self._send(_FAN.pack(b"F", robot, *origin_m, *reach_m, len(rays)) + rays.tobytes())
        self._fans.append(len(rays))
        return len(self._fans) - 1

    def move(self, model: int, pose: Transform3) -> None:
        """Put a model somewhere; a robot stands still there."""
        self._send(_MOVE.pack(b"M", model, *pose.translation_m, *pose.rotation_xyzw))

    def cast(self, fan: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Ranges (N,) from the origin [m], and the collisions (N,) that were met; -1: none."""
        self._send(_CAST.pack(b"C", fan))
        count = self._fans[fan]
        ranges = np.frombuffer(self._receive(8 * count), dtype=np.float64)
        return ranges, np.frombuffer(self._receive(4 * count), dtype=np.int32)

    def read(self) -> State:
        """The world as it is, without a step."""
        self._send(b"R")
        return self._state()

    def step(self, steps: int, rates_radps: list[tuple[float, float]]) -> State:
        """Physics steps with these rates for each robot's left and right wheel."""
        rates = np.array(rates_radps, dtype=np.float64)
        self._send(_STEP.pack(b"S", steps) + rates.tobytes())
        return self._state()

    def _state(self) -> State:
        (stamp_s,) = _TIME.unpack(self._receive(_TIME.size))
        values = np.frombuffer(self._receive(8 * ROBOT_VALUES * self._robots), dtype=np.float64)
        touches = self._receive(_TOUCH.size * self._length())
        return State(
            stamp_s,
            values.reshape(self._robots, ROBOT_VALUES),
            tuple(RawTouch(*fields) for fields in _TOUCH.iter_unpack(touches)),
        )

    def _names(self) -> tuple[str, ...]:
        length = self._length()
        if length > _LONGEST_TEXT:
            raise GazeboError(f"the bridge in Gazebo announces a text of {length} bytes")
        try:
            return tuple(self._receive(length).decode().splitlines())
        except UnicodeDecodeError as error:
            raise GazeboError(f"the bridge in Gazebo sends no text: {error}") from error

    def _length(self) -> int:
        (length,) = _LENGTH.unpack(self._receive(_LENGTH.size))
        return int(length)

    def _send(self, data: bytes) -> None:
        try:
            self._link.sendall(data)
        except OSError as error:
            raise _gone() from error

    def _receive(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            try:
                part = self._link.recv(count - len(parts))
            except TimeoutError as error:
                raise GazeboError("Gazebo does not answer") from error
            except OSError as error:
                raise _gone() from error
            if not part:
                raise _gone()
            parts += part
        return bytes(parts)


def _gone() -> GazeboError:
    return GazeboError("Gazebo has ended")
