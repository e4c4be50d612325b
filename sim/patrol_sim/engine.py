"""The one place that imports MuJoCo: without its own choice of an OpenGL library.

MuJoCo loads OpenGL when it is imported unless MUJOCO_GL says otherwise. A headless simulation must
not need it, so the choice is "disable" here and patrol_sim.camera opens EGL itself.
"""

from __future__ import annotations

import os

os.environ["MUJOCO_GL"] = "disable"

import mujoco

__all__ = ["mujoco"]
