"""Serves an emulator on a pseudo-terminal, in real time."""

from __future__ import annotations

import math
import os
import select
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from patrol_emulators.emulator import Snapshot
from patrol_emulators.errors import FaultTextError, PortError
from patrol_emulators.faults import Fault, FaultKind, parse_fault
from patrol_emulators.link import Link

BUSY_WAIT_S = 0.0005
IDLE_WAIT_S = 0.005
OVERSLEPT_S = 0.002
RECENT_S = 0.010
REPORT_EVERY_S = 1.0

_NAMED_SPEEDS = frozenset(
    value for name, value in vars(termios).items() if name[0] == "B" and name[1:].isdecimal()
)
_GARBAGE = bytes((byte * 167 + 13) & 0xFF for byte in range(256))
"""What a byte looks like at another rate: some other byte."""


class PtyPort:
    """A pseudo-terminal with a name of our choice: a symbolic link that is gone when it closes.

    The far end is kept open here too, so that a driver that closes the port and opens it again
    finds it as it was, as with a serial port. A driver that sets another rate than `baud` sends
    and receives garbage.
    """

    def __init__(self, name: Path, baud: int) -> None:
        self._name = name
        self._speed = getattr(termios, f"B{baud}", None)
        self._ends: tuple[int, int] | None = None

    def open(self) -> None:
        """Make the terminal and its name. Raises PortError when the name exists already."""
        near, far = os.openpty()
        tty.setraw(far)
        if self._speed is not None:
            mode = termios.tcgetattr(far)
            mode[4] = mode[5] = self._speed
            termios.tcsetattr(far, termios.TCSANOW, mode)
        os.set_blocking(near, False)
        try:
            self._name.symlink_to(os.ttyname(far))
        except OSError as error:
            os.close(near)
            os.close(far)
            taken = isinstance(error, FileExistsError)
            raise PortError(
                f"{self._name} exists already" if taken else f"{self._name}: {error.strerror}",
                expected="a name that is free, in a folder that can be written to",
                remedy="take another name, or delete what is left of a broken run",
            ) from error
        self._ends = (near, far)

    def close(self) -> None:
        if self._ends is not None:
            self._name.unlink(missing_ok=True)
            for end in self._ends:
                os.close(end)
            self._ends = None

    def __enter__(self) -> PtyPort:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        return self._ends is not None

    def fileno(self) -> int:
        """For `select`; only while open."""
        assert self._ends is not None
        return self._ends[0]

    @property
    def is_at_rate(self) -> bool:
        """Whether the driver has set our rate; a rate that has no name of its own is believed."""
        speed = termios.tcgetattr(self.fileno())[5]
        return self._speed is None or speed == self._speed or speed not in _NAMED_SPEEDS

    def read(self) -> bytes:
        """What the driver has written since the last time; never waits."""
        try:
            data = os.read(self.fileno(), 4096)
        except BlockingIOError:
            return b""
        return data if self.is_at_rate else data.translate(_GARBAGE)

    def write(self, data: bytes) -> None:
        """Hand `data` to the driver; what does not fit into the terminal's buffer is lost."""
        try:
            os.write(self.fileno(), data if self.is_at_rate else data.translate(_GARBAGE))
        except BlockingIOError:
            return


class Orders:
    """Faults typed by a person, a line each, on a file descriptor such as standard input's."""

    def __init__(self, descriptor: int, complain: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._complain = complain
        self._rest = b""
        self.is_open = True

    def fileno(self) -> int:
        return self._descriptor

    def read(self, now_s: float) -> list[Fault]:
        """The faults on the lines that are complete; a line that is none is complained of."""
        data = os.read(self._descriptor, 4096)
        self.is_open = bool(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        faults = []
        for line in lines:
            try:
                if line.strip():
                    faults.append(parse_fault(line.decode("utf-8", "replace"), now_s))
            except FaultTextError as error:
                self._complain(str(error))
        return faults


class Server:
    """The loop between a port and a link. `clock` is the only time there is."""

    def __init__(
        self,
        port: PtyPort,
        link: Link,
        clock: Callable[[], float],
        report: Callable[[Snapshot], None] = lambda _: None,
    ) -> None:
        self._port = port
        self._link = link
        self._clock = clock
        self._report = report
        self._looked_s = clock()
        self._heard_s = -math.inf
        self._reported_s = self._looked_s

    def run(self, is_over: Callable[[], bool], orders: Orders | None = None) -> None:
        """Serve until `is_over`; `orders` are read for faults meanwhile."""
        while not is_over():
            self._turn(orders)

    def _turn(self, orders: Orders | None) -> None:
        wait_s = BUSY_WAIT_S if self._link.busy else IDLE_WAIT_S
        sources = [source for source in (self._port, orders) if source and source.is_open]
        ready, _, _ = select.select(sources, [], [], wait_s)
        now_s = self._clock()
        if orders in ready and orders is not None:
            for fault in orders.read(now_s):
                self._link.faults.add(fault)
        data = self._port.read() if self._port in ready else b""
        received = self._link.exchange(data, self._sent_s(bool(data), wait_s, now_s), now_s)
        self._looked_s = now_s
        self._plug()
        if received and self._port.is_open:
            self._port.write(received)
        if now_s - self._reported_s >= REPORT_EVERY_S:
            self._reported_s = now_s
            self._report(self._link.emulator.snapshot())

    def _sent_s(self, has_data: bool, wait_s: float, now_s: float) -> float:
        """When bytes that are found now were sent.

        When this loop itself comes late in the middle of a packet, its sleep is no pause on the
        line, or a busy machine would look like a slow driver.
        """
        overslept = now_s - self._looked_s > wait_s + OVERSLEPT_S
        is_middle = self._looked_s - self._heard_s < RECENT_S
        if has_data:
            self._heard_s = now_s
        return self._looked_s if overslept and is_middle else now_s

    def _plug(self) -> None:
        """Pull the cable, or put it back, as the fault says."""
        pulled = self._link.faults.on(FaultKind.UNPLUG) is not None
        if pulled and self._port.is_open:
            self._port.close()
        elif not pulled and not self._port.is_open:
            self._port.open()
