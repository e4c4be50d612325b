"""People's time. Sessions, certificates and pages are theirs, whatever time a simulation makes.

Nothing that the robot does depends on these: its time comes with its ticks.
"""

from __future__ import annotations

import time


def unix_s() -> float:
    """Unix time [s]."""
    return time.time()  # noqa: TID251


def steady_s() -> float:
    """A time that never jumps [s]."""
    return time.monotonic()  # noqa: TID251
