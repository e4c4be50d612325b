"""What is said to Gazebo and understood of it, with a stand-in at the other end."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_core.geometry import Transform3
from patrol_gazebo.channel import ROBOT_VALUES, Channel
from patrol_gazebo.errors import GazeboError

HELLO = b"".join(
    struct.pack("=I", len(text)) + text
    for text in (b"ground\nrobot\n", b"ground::link::plane\nrobot::base_link::deck\n")
)


@contextmanager
def meet(said: bytes) -> Iterator[tuple[Channel, socket.socket]]:
    """A channel to somebody who has said this, and their end of it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(said)
        yield Channel(ours, robots=1), theirs


def test_names_state_and_contacts_arrive() -> None:
    values = np.arange(ROBOT_VALUES, dtype=float)
    state = struct.pack("=d", 0.02) + values.tobytes() + struct.pack("=I", 1)
    touch = struct.pack("=III2d", 3, 1, 0, 1.0, 0.5)
    with meet(HELLO + state + touch) as (channel, theirs):
        assert channel.models == ("ground", "robot")
        assert channel.collisions[1] == "robot::base_link::deck"
        told = channel.step(10, [(1.0, -1.0)])
        assert theirs.recv(100) == struct.pack("=cIdd", b"S", 10, 1.0, -1.0)
        assert told.stamp_s == 0.02 and np.array_equal(told.robots[0], values)
        (met,) = told.touches
        assert (met.step, met.mine, met.other, met.normal_z, met.speed_mps) == (3, 1, 0, 1.0, 0.5)


def test_a_fan_is_told_once_and_cast_by_its_number() -> None:
    ranges, hits = np.array([1.5, 30.0]), np.array([0, -1], dtype=np.int32)
    with meet(HELLO + ranges.tobytes() + hits.tobytes()) as (channel, theirs):
        fan = channel.add_fan(0, (0.1, 0.0, 0.2), (0.0, 30.0), np.eye(3)[:2])
        assert len(theirs.recv(1000)) == struct.calcsize("=cI5dI") + 2 * 3 * 8
        told, met = channel.cast(fan)
        assert theirs.recv(100) == struct.pack("=cI", b"C", fan)
        assert np.array_equal(told, ranges) and np.array_equal(met, hits)


def test_a_model_is_moved_by_its_number() -> None:
    with meet(HELLO) as (channel, theirs):
        channel.move(1, Transform3((1.0, 2.0, 0.0)))
        assert theirs.recv(100) == struct.pack("=cI7d", b"M", 1, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0)


def test_the_end_of_gazebo_is_said_in_words() -> None:
    with meet(HELLO) as (channel, theirs):
        theirs.close()
        with pytest.raises(GazeboError, match="Gazebo has ended"):
            channel.read()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_nonsense_is_refused(said: bytes) -> None:
    """No greeting that could be meant: never anything but names or a GazeboError."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        try:
            channel = Channel(ours, robots=1)
        except GazeboError:
            return
        assert sum(map(len, channel.models + channel.collisions)) <= len(said)
