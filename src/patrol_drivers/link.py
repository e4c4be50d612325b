"""Bytes to and from a controller: the interface, and serial ports through pyserial."""

from __future__ import annotations

import contextlib
import errno
import termios
from typing import Protocol

import serial

from patrol_drivers.errors import LinkError

WRITE_TIMEOUT_S = 0.1
"""No frame is longer than 30 bytes: a port that takes longer than this does not send at all."""


class Link(Protocol):
    """A line on which bytes come and go. Everything but `close` may raise LinkError."""

    def open(self) -> None:
        """Open the line; does nothing when it is open. May be called again after an error."""

    def write(self, data: bytes) -> None:
        """Send all of `data`, without a gap between the bytes."""

    def read(self, count: int, timeout_s: float) -> bytes:
        """Up to `count` bytes; fewer only when no more came within `timeout_s`."""

    def flush_input(self) -> None:
        """Forget what has come and was not read."""

    def close(self) -> None:
        """Free the line. Raises nothing; harmless when closed."""


class SerialLink:
    """A serial port or USB serial device, for this process alone."""

    def __init__(self, port: str, baud: int) -> None:
        self._port = port
        self._baud = baud
        self._serial: serial.Serial | None = None

    def open(self) -> None:
        """Raises LinkError when the port is not there, not permitted, in use or no serial port."""
        if self._serial is not None:
            return
        try:
            self._serial = serial.Serial(
                self._port,
                self._baud,
                timeout=0.0,
                write_timeout=WRITE_TIMEOUT_S,
                exclusive=True,
            )
        except (OSError, ValueError, termios.error) as error:
            raise _open_error(self._port, error) from error
        with contextlib.suppress(OSError, ValueError, NotImplementedError):
            # FTDI adapters keep answers back for 16 ms otherwise; not every port knows the mode.
            self._serial.set_low_latency_mode(True)

    def write(self, data: bytes) -> None:
        port = self._opened()
        try:
            port.write(data)
        except (OSError, termios.error) as error:
            raise self._gone(error) from error

    def read(self, count: int, timeout_s: float) -> bytes:
        port = self._opened()
        try:
            if port.timeout != timeout_s:
                port.timeout = timeout_s
            return bytes(port.read(count))
        except (OSError, termios.error) as error:
            raise self._gone(error) from error

    def flush_input(self) -> None:
        port = self._opened()
        try:
            port.reset_input_buffer()
        except (OSError, termios.error) as error:
            raise self._gone(error) from error

    def close(self) -> None:
        port, self._serial = self._serial, None
        if port is not None:
            with contextlib.suppress(OSError, termios.error):
                port.close()  # fails on a device that was pulled, which is as good as closed

    def _opened(self) -> serial.Serial:
        if self._serial is None:
            raise LinkError(f"{self._port} is not open", remedy="call open() first")
        return self._serial

    def _gone(self, error: Exception) -> LinkError:
        self.close()
        return LinkError(
            f"{self._port} went away while in use ({error})",
            remedy="check cable and supply of the controller; the port is opened again by itself",
        )


def _open_error(port: str, error: Exception) -> LinkError:
    number = getattr(error, "errno", None)
    if number in {errno.ENOENT, errno.ENODEV, errno.ENXIO}:
        return LinkError(
            f"{port} is not there",
            expected="a serial port",
            remedy="connect and power the controller; `ls -l /dev/serial/by-id` lists the ports",
        )
    if number in {errno.EACCES, errno.EPERM}:
        return LinkError(
            f"no permission to open {port}",
            remedy="`sudo usermod -aG dialout $USER`, then log in again",
        )
    if number in {errno.EAGAIN, errno.EBUSY}:
        return LinkError(
            f"{port} is in use by another program",
            remedy=f"end that program (`fuser -v {port}` names it; ModemManager is often it)",
        )
    return LinkError(
        f"{port} cannot be opened ({error})",
        expected="a serial port that takes the configured speed",
        remedy="check port and baud",
    )
