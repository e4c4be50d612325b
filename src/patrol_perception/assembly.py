"""The perception process: its parameters and its one component."""

from __future__ import annotations

import cv2

from patrol_core.component import Component, ProcessContext
from patrol_perception.params import PerceptionParams
from patrol_perception.perception import Perception

PARAMS = PerceptionParams


def build(context: ProcessContext, params: PerceptionParams) -> list[Component]:
    """The components of the process. OpenCV keeps to one thread: others need the cores."""
    cv2.setNumThreads(1)
    return [Perception(context, params)]
