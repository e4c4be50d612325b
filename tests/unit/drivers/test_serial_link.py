"""The serial link on a pseudo-terminal: what is sent and read, and what it says when it fails."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from patrol_drivers.errors import LinkError
from patrol_drivers.link import SerialLink


class Pair:
    """A pseudo-terminal: `far` is the other end."""

    def __init__(self) -> None:
        self.far, self._near = os.openpty()
        self.port = os.ttyname(self._near)
        self.link = SerialLink(self.port, 115200)

    def pull(self) -> None:
        os.close(self._near)
        os.close(self.far)
        self._near = self.far = -1

    def close(self) -> None:
        self.link.close()
        for end in (self._near, self.far):
            if end >= 0:
                os.close(end)


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


def test_bytes_go_both_ways_unchanged(pair: Pair) -> None:
    data = bytes(range(256))
    pair.link.open()
    pair.link.open()
    pair.link.write(data)
    assert os.read(pair.far, 1000) == data
    os.write(pair.far, data)
    assert pair.link.read(256, 1.0) == data


def test_a_short_answer_is_returned_after_the_timeout(pair: Pair) -> None:
    pair.link.open()
    os.write(pair.far, b"\x01\x02")
    assert pair.link.read(5, 0.01) == b"\x01\x02"
    assert pair.link.read(5, 0.01) == b""


def test_an_answer_in_pieces_is_waited_for(pair: Pair) -> None:
    pair.link.open()

    def answer() -> None:
        os.write(pair.far, b"\x01")
        time.sleep(0.02)
        os.write(pair.far, b"\x02\x03")

    thread = threading.Thread(target=answer)
    thread.start()
    assert pair.link.read(3, 5.0) == b"\x01\x02\x03"
    thread.join()


def test_what_came_is_forgotten_on_demand(pair: Pair) -> None:
    pair.link.open()
    os.write(pair.far, b"old")
    time.sleep(0.01)
    pair.link.flush_input()
    assert pair.link.read(3, 0.01) == b""


def test_a_second_program_is_refused(pair: Pair) -> None:
    pair.link.open()
    with pytest.raises(LinkError, match=r"in use.*fuser"):
        SerialLink(pair.port, 115200).open()


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match=r"is not there.*by-id"):
        SerialLink(str(tmp_path / "ttyUSB7"), 115200).open()


def test_a_port_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(LinkError, match=r"no permission.*dialout"):
        SerialLink("/dev/ttyUSB0", 115200).open()


def test_a_file_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(LinkError, match="cannot be opened"):
        SerialLink(str(file), 115200).open()


def test_a_pulled_cable_is_an_error_and_the_port_opens_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    name = tmp_path / "by-id"
    first, second = Pair(), Pair()
    name.symlink_to(first.port)
    link = SerialLink(str(name), 115200)
    link.open()
    first.pull()
    with pytest.raises(LinkError, match="went away"):
        link.read(1, 0.05)
    name.unlink()
    with pytest.raises(LinkError, match="not there"):
        link.open()
    name.symlink_to(second.port)
    link.open()
    link.write(b"\x80")
    assert os.read(second.far, 10) == b"\x80"
    link.close()
    link.close()
    second.close()


def test_writing_notices_a_pulled_cable(pair: Pair) -> None:
    pair.link.open()
    pair.pull()
    with pytest.raises(LinkError, match="went away"):
        pair.link.write(b"\x01")
    with pytest.raises(LinkError, match="not open"):
        pair.link.flush_input()
    with pytest.raises(LinkError, match="not open"):
        pair.link.read(1, 0.0)
