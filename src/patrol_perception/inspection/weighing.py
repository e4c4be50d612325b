"""How sure a reading is: every piece of evidence is held against its limit, the worst decides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_core.types.perception import Measure

Numbers = npt.NDArray[np.floating[Any]]
"""Floating point of any width: pictures are worked on in float32."""
SURE = 0.5
"""A reading of that confidence or more is offered; with less it "could not be read"."""


@dataclass(frozen=True, slots=True)
class Test:
    """One number against its limit. `share`: 0 at best, 1 at the limit; `fault` when beyond."""

    measure: Measure
    share: float
    fault: str


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one look gave. `words` say the value to a person; `fault` is empty where it is sure.

    `value` is NaN where there is no number. `marks`: lines (N, 2) in the picture that show what
    was read.
    """

    value: float
    words: str
    confidence: float
    fault: str = ""
    evidence: tuple[Measure, ...] = ()
    marks: tuple[FloatArray, ...] = field(default=())

    @property
    def sure(self) -> bool:
        return not self.fault


def at_most(name: str, value: float, limit: float, unit: str, fault: str) -> Test:
    """Evidence that is the better the smaller it is."""
    share = abs(value) / limit if math.isfinite(value) else math.inf
    return Test(Measure(name, value, limit, unit), share, fault)


def at_least(name: str, value: float, limit: float, unit: str, fault: str) -> Test:
    """Evidence that is the better the larger it is."""
    share = limit / value if math.isfinite(value) and value > 0.0 else math.inf
    return Test(Measure(name, value, limit, unit), share, fault)


def weighed(
    value: float, words: str, tests: Sequence[Test], marks: Sequence[FloatArray] = ()
) -> Reading:
    """A reading with its confidence: 1 where all is at its best, 0.5 where one is at its limit."""
    worst = max(tests, key=lambda test: test.share)
    confidence = max(0.0, 1.0 - (1.0 - SURE) * worst.share)
    fault = worst.fault if worst.share > 1.0 else ""
    evidence = tuple(test.measure for test in tests)
    return Reading(value, words, confidence, fault, evidence, tuple(marks))


def unread(fault: str, evidence: tuple[Measure, ...] = ()) -> Reading:
    """Nothing could be read."""
    return Reading(math.nan, "", 0.0, fault, evidence)
