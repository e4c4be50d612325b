"""An emulator on a real pseudo-terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from patrol_emulators.emulator import Emulator
from patrol_emulators.faults import FaultBoard
from patrol_emulators.link import Link
from patrol_emulators.port import PtyPort, Server


@contextmanager
def served(
    make: Callable[[float], Emulator], name: Path, baud: int = 115200
) -> Iterator[tuple[Emulator, FaultBoard]]:
    """An emulator on a real pseudo-terminal, in real time, in a thread of its own."""
    emulator, faults, over = make(time.monotonic()), FaultBoard(), threading.Event()
    link = Link(emulator, baud, faults, np.random.default_rng(1))
    with PtyPort(name, baud) as port:
        server = Server(port, link, time.monotonic)
        thread = threading.Thread(target=server.run, args=(over.is_set,))
        thread.start()
        try:
            yield emulator, faults
        finally:
            over.set()
            thread.join()
