"""Colour and depth pictures by MuJoCo's renderer on EGL.

Imported only when a camera is wanted: a headless run never loads an OpenGL library.
"""

from __future__ import annotations

import math
import os

import cv2
import numpy as np
from numpy.typing import NDArray

from patrol_core import robot
from patrol_core.types.sensors import CompressedImage, DepthImage
from patrol_sim.engine import mujoco
from patrol_sim.errors import CameraUnavailableError
from patrol_sim.geoms import GROUP_BOTH, GROUP_SEEN
from patrol_sim.params import CameraParams
from patrol_sim.pinhole import OPTICAL_FRAME, depth_image, focal_px

_MAX_GEOMS = 5000
_HIDDEN_GROUP = 5
_SMALLEST_PX = 1.0
_FLAGS_OFF = (
    mujoco.mjtRndFlag.mjRND_SKYBOX,
    mujoco.mjtRndFlag.mjRND_REFLECTION,
    mujoco.mjtRndFlag.mjRND_FOG,
    mujoco.mjtRndFlag.mjRND_HAZE,
)


class Renderer:
    """An off-screen EGL context shared by all cameras of a simulation.

    Raises CameraUnavailableError where EGL is missing or refuses.
    """

    def __init__(
        self, model: mujoco.MjModel, width_px: int, height_px: int, *, shadows: bool = False
    ) -> None:
        """`shadows`: of the lights that cast them, where the model has room for their map; ten
        times as slow."""
        os.environ["PYOPENGL_PLATFORM"] = "egl"
        try:
            from mujoco.egl import GLContext

            self._gl = GLContext(width_px, height_px)
            self._gl.make_current()
            self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        except (ImportError, AttributeError, RuntimeError, mujoco.FatalError) as error:
            raise CameraUnavailableError(
                f"the camera needs EGL, which does not work here ({error})",
                remedy="install libegl1 and libgl1-mesa-dri, or run with the camera off",
            ) from error
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._model = model
        self._groups = model.geom_group.copy()
        self._sky = np.rint(255.0 * model.vis.rgba.fog[:3]).astype(np.uint8)
        self._scene = mujoco.MjvScene(model, _MAX_GEOMS)
        for flag in _FLAGS_OFF:
            self._scene.flags[flag] = False
        self.shadows(on=shadows)
        self._options = mujoco.MjvOption()
        self._options.geomgroup[:] = 0
        self._options.geomgroup[[GROUP_SEEN, GROUP_BOTH]] = 1
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._rectangle = mujoco.MjrRect(0, 0, width_px, height_px)
        self._colour = np.zeros((height_px, width_px, 3), dtype=np.uint8)
        self._depth = np.zeros((height_px, width_px), dtype=np.float32)

    def shadows(self, *, on: bool) -> None:
        """Draw shadows from now on, or none."""
        self._scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = on

    def render(
        self, data: mujoco.MjData, camera_id: int, camera: robot.Camera
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Colour (H, W, 3) RGB and depth (H, W) along the optical axis [m]; inf is the sky."""
        self._cull(data, camera_id, camera)
        self._view.fixedcamid = camera_id
        mujoco.mjv_updateScene(
            self._model, data, self._options, None, self._view,
            mujoco.mjtCatBit.mjCAT_ALL, self._scene,
        )  # fmt: skip
        self._gl.make_current()
        mujoco.mjr_render(self._rectangle, self._scene, self._context)
        mujoco.mjr_readPixels(self._colour, self._depth, self._rectangle, self._context)
        colour, buffer = self._colour[::-1].copy(), self._depth[::-1]
        sky = buffer >= 1.0
        colour[sky] = self._sky
        depth = self._metres(buffer)
        depth[sky] = np.inf
        return colour, depth

    def _cull(self, data: mujoco.MjData, camera_id: int, camera: robot.Camera) -> None:
        """Hide what is beside the picture or smaller than a pixel: half of the drawing time."""
        radius = self._model.geom_rbound
        orientation = data.cam_xmat[camera_id].reshape(3, 3)
        seen = (data.geom_xpos - data.cam_xpos[camera_id]) @ orientation
        ahead, half = -seen[:, 2], camera.horizontal_fov_rad / 2.0
        inside = np.abs(seen[:, 0]) * math.cos(half) - ahead * math.sin(half) < radius
        inside &= ahead > -radius
        distance = np.maximum(np.linalg.norm(seen, axis=1), 0.1)
        inside &= radius / distance * focal_px(camera) > _SMALLEST_PX
        hidden = (self._groups == GROUP_SEEN) & (radius > 0.0) & ~inside
        self._model.geom_group[:] = np.where(hidden, _HIDDEN_GROUP, self._groups)

    def _metres(self, buffer: NDArray[np.float32]) -> NDArray[np.float32]:
        near = self._model.vis.map.znear * self._model.stat.extent
        far = self._model.vis.map.zfar * self._model.stat.extent
        depth: NDArray[np.float32] = np.float32(near) / (
            1.0 - buffer * np.float32(1.0 - near / far)
        )
        return depth

    def close(self) -> None:
        """Give the context back."""
        self._context.free()
        self._gl.free()


class CameraModel:
    """One robot's camera on the shared renderer."""

    def __init__(
        self,
        camera: robot.Camera,
        params: CameraParams,
        renderer: Renderer,
        camera_id: int,
        rng: np.random.Generator,
    ) -> None:
        self._camera = camera
        self._params = params
        self._renderer = renderer
        self._camera_id = camera_id
        self._rng = rng

    def measure(self, stamp_s: float, data: mujoco.MjData) -> tuple[CompressedImage, DepthImage]:
        """One pair of pictures."""
        colour, depth = self._renderer.render(data, self._camera_id, self._camera)
        quality = [cv2.IMWRITE_JPEG_QUALITY, self._params.jpeg_quality]
        _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(colour, cv2.COLOR_RGB2BGR), quality)
        return (
            CompressedImage(stamp_s, OPTICAL_FRAME, "jpeg", jpeg.tobytes()),
            depth_image(stamp_s, depth, self._camera, self._params, self._rng),
        )
