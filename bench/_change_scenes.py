"""Rendered pairs for `./ronda bench change`: a place as it was, and the same place later.

The embedded simulator's renderer draws them, with shadows; what a renderer lacks is added to each
picture: grain on every surface (fixed in the world), exposure, noise of the sensor, JPEG.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

from patrol_core.geometry import Pose2, Transform3
from patrol_core.types.sensors import DepthImage
from patrol_mission.route import lap_poses
from patrol_perception.view import View, camera_mount
from patrol_sim.camera import Renderer
from patrol_sim.cast import HIDDEN_Z_M
from patrol_sim.engine import mujoco
from patrol_sim.model_builder import ObjectLook, build_model
from patrol_sim.params import CameraParams
from patrol_sim.pinhole import camera_info, depth_image
from patrol_sim.shapes import object_parts
from ronda_cli.setting import Setting

Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

LEARNT, JUDGED = ("morning", "afternoon"), ("day", "dusk", "shadows")

_SLOTS = 18
_MOST_THINGS = 3
_UNCHANGED_SHARE = 0.25
"""Share of pictures in which nothing has changed."""
_APART_M = 0.02
_NEAR_M, _FAR_M = 1.8, 6.5
_SHADOW_PX, _SHADOW_REACH = 2048, 0.25
_SUN_AWAY_M = 40.0
_GRAIN = ((1.1, 0.07), (0.33, 0.06), (0.09, 0.05))
"""Size [m] and strength of the octaves of grain."""
_GRAIN_CELLS = 48
_FOG_M = 100.0
_EXPOSED = 105.0
_POSITION_STD_M, _YAW_STD_RAD, _NOD_STD_RAD = 0.03, 0.006, 0.004
"""How far a believed pose is off, and how far the camera nods."""
_BESIDE_M, _ALONG_M, _TURN_RAD = 0.25, 0.45, 0.08
"""How far from a reference view the same place is passed again."""
_OPEN = 0.02
"""Colour difference, of 1, from which a pixel counts as changed."""


@dataclass(frozen=True, slots=True)
class Light:
    """Sun (azimuth to which it shines and elevation [rad], colour), sky, and sensor noise."""

    azimuth_rad: float
    elevation_rad: float
    sun: tuple[float, float, float]
    sky: tuple[float, float, float]
    noise: float


def light_of(name: str, rng: np.random.Generator) -> Light:
    """By name: in "morning" and "afternoon" is learnt, in "day", "dusk" and "shadows" judged."""
    turn = float(rng.uniform(0.0, math.tau))
    if name in LEARNT:
        azimuth = (0.6 if name == "morning" else 3.4) + float(rng.normal(0.0, 0.1))
        return Light(azimuth, math.radians(38.0), (0.85, 0.8, 0.7), (0.42, 0.45, 0.52), 2.0)
    if name == "day":
        elevation = math.radians(float(rng.uniform(50.0, 70.0)))
        return Light(turn, elevation, (0.85, 0.82, 0.76), (0.42, 0.44, 0.48), 2.0)
    if name == "shadows":
        elevation = math.radians(float(rng.uniform(14.0, 25.0)))
        return Light(turn, elevation, (1.0, 0.85, 0.62), (0.26, 0.3, 0.38), 2.5)
    return Light(turn, math.radians(60.0), (0.03, 0.03, 0.04), (0.26, 0.29, 0.4), 6.0)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something in the world: which of the shapes, where, and in which colour."""

    slot: int
    place: Pose2
    rgb: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture (BGR) and its depth, with the view as the robot believes it to be."""

    picture: Picture
    depth: DepthImage
    view: View


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Reference shots, a later one, and which of its pixels show a change (H, W)."""

    references: tuple[Shot, ...]
    shot: Shot
    truth: Mask


class Stage:
    """A site that can be photographed from its route, with things put down and taken away."""

    def __init__(self, setting: Setting, seed: int) -> None:
        """Raises CameraUnavailableError where EGL is missing."""
        self._robot = setting.robot
        rng = np.random.default_rng((seed, 77))
        looks = [ObjectLook(f"t{k}", object_parts(*_shape(k, rng), (1, 1, 1, 1)))
                 for k in range(_SLOTS)]  # fmt: skip
        self._built = build_model(setting.world, [setting.setup()], [], looks)
        model = self._built.model
        model.vis.quality.shadowsize, model.vis.map.shadowclip = _SHADOW_PX, _SHADOW_REACH
        self._data = mujoco.MjData(model)
        camera = self._robot.camera
        self._renderer = Renderer(model, camera.width_px, camera.height_px, shadows=True)
        self._camera = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA, "robot/camera")
        joint = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, "robot/free")
        self._at = int(model.jnt_qposadr[joint])
        self._route = lap_poses(setting.site, setting.site.routes[0])
        self._table = np.random.default_rng((seed, 78)).normal(
            0.0, 1.0, (_GRAIN_CELLS,) * 3
        ).astype(np.float32)  # fmt: skip
        self.info = camera_info(camera, 0.0)

    def close(self) -> None:
        self._renderer.close()

    def case(self, light: str, seed: int) -> Case:
        """A place on the route by that seed, learnt on two laps and passed again in `light`."""
        rng = np.random.default_rng((seed, *light.encode()))
        place = self.place(int(rng.integers(len(self._route))))
        passed = _beside(place, rng)
        before, after = self._things(passed, rng)
        references = tuple(
            self.shot(before, light_of(learnt, rng), _beside(place, rng), rng) for learnt in LEARNT
        )
        lit = light_of(light, rng)
        plain = replace(lit, sun=(0.3, 0.3, 0.3), sky=(0.5, 0.5, 0.5))
        nod_rad = float(rng.normal(0.0, _NOD_STD_RAD))
        truth = self._truth(before, after, passed, plain, nod_rad)
        self._set(after, lit)
        return Case(references, self._shot(passed, lit.noise, rng, nod_rad), truth)

    def place(self, number: int) -> Pose2:
        """A pose on the route, by its number."""
        return Pose2(*self._route[number].tolist())

    def shot(
        self, things: Sequence[Thing], light: Light, base: Pose2, rng: np.random.Generator
    ) -> Shot:
        """A picture of these things, and no others, from `base`."""
        self._set(things, light)
        return self._shot(base, light.noise, rng)

    def _things(
        self, passed: Pose2, rng: np.random.Generator
    ) -> tuple[tuple[Thing, ...], tuple[Thing, ...]]:
        """What stands in view before and after, on open ground; now and then nothing changes."""
        self._set((), light_of("day", rng))
        _, depth = self._render(passed, 0.0)
        points = self._view(passed).points_of_depth(np.minimum(depth, _FOG_M), 8).reshape(-1, 3)
        away = np.hypot(points[:, 0] - passed.x_m, points[:, 1] - passed.y_m)
        ground = (np.abs(points[:, 2]) < 0.06) & (away > _NEAR_M) & (away < _FAR_M)
        spots = points[ground, :2]
        before: list[Thing] = []
        after: list[Thing] = []
        if not len(spots):
            return (), ()
        same = rng.random() < _UNCHANGED_SHARE
        for slot in rng.permutation(_SLOTS)[: 2 * rng.integers(1, _MOST_THINGS + 1)].reshape(
            -1, 2
        ):
            x, y = spots[rng.integers(len(spots))]
            at = Pose2(float(x), float(y), float(rng.uniform(0.0, math.tau)))
            one, other = (Thing(int(k), at, _colour(rng)) for k in slot)
            what = "same" if same else rng.choice(["placed", "removed", "swapped", "same"])
            if what != "placed":
                before.append(one)
            if what != "removed":
                after.append(one if what == "same" else other)
        return tuple(before), tuple(after)

    def _set(self, things: Sequence[Thing], light: Light) -> None:
        """Put the things, and nothing else, into the world, and light it."""
        model, data = self._built.model, self._data
        data.mocap_pos[:, 2] = HIDDEN_Z_M
        for thing in things:
            mocap = self._built.mocaps[f"object/t{thing.slot}"]
            x, y, z, w = Transform3.from_pose2(thing.place).rotation_xyzw
            data.mocap_pos[mocap] = [thing.place.x_m, thing.place.y_m, 0.0]
            data.mocap_quat[mocap] = [w, x, y, z]
            body = self._built.body_id(f"object/t{thing.slot}")
            first = int(model.body_geomadr[body])
            model.geom_rgba[first, :3] = thing.rgb
        model.vis.headlight.ambient[:] = light.sky
        model.light_castshadow[:] = [True] + [False] * (model.nlight - 1)
        model.light_diffuse[0], model.light_diffuse[1:] = light.sun, 0.25 * np.array(light.sky)
        flat = math.cos(light.elevation_rad)
        model.light_dir[0] = [
            flat * math.cos(light.azimuth_rad), flat * math.sin(light.azimuth_rad),
            -math.sin(light.elevation_rad),
        ]  # fmt: skip

    def _render(
        self, base: Pose2, nod_rad: float
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
        model, data = self._built.model, self._data
        turn = Transform3.from_rpy((base.x_m, base.y_m, 0.0), (0.0, nod_rad, base.yaw_rad))
        x, y, z, w = turn.rotation_xyzw
        data.qpos[self._at : self._at + 7] = [base.x_m, base.y_m, 0.0, w, x, y, z]
        middle = base.transform_points([(4.0, 0.0)])[0]
        model.light_pos[0] = np.append(middle, 0.0) - _SUN_AWAY_M * model.light_dir[0]
        mujoco.mj_forward(model, data)
        return self._renderer.render(data, self._camera, self._robot.camera)

    def _view(self, base: Pose2) -> View:
        return View(0.0, self.info, camera_mount(self._robot.camera), base)

    def _shot(
        self, base: Pose2, noise: float, rng: np.random.Generator, nod_rad: float | None = None
    ) -> Shot:
        nod_rad = float(rng.normal(0.0, _NOD_STD_RAD)) if nod_rad is None else nod_rad
        colour, depth = self._render(base, nod_rad)
        grain = cv2.resize(self._grain(base, depth), colour.shape[1::-1])
        light = colour[..., ::-1].astype(np.float32) * grain[..., None]
        light = light * (_EXPOSED / max(float(light.mean()), 1.0))
        light = light + rng.normal(0.0, noise, light.shape)
        raw = np.clip(np.rint(light), 0, 255).astype(np.uint8)
        _, jpeg = cv2.imencode(".jpg", raw, [cv2.IMWRITE_JPEG_QUALITY, 80])
        picture = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
        believed = Pose2(
            base.x_m + float(rng.normal(0.0, _POSITION_STD_M)),
            base.y_m + float(rng.normal(0.0, _POSITION_STD_M)),
            base.yaw_rad + float(rng.normal(0.0, _YAW_STD_RAD)),
        )
        seen = depth_image(0.0, depth, self._robot.camera, CameraParams(), rng)
        return Shot(picture, seen, self._view(believed))

    def _grain(self, base: Pose2, depth_m: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """How bright surfaces are by themselves, of every second pixel; finer than that: even."""
        points = self._view(base).points_of_depth(np.minimum(depth_m, _FOG_M), 2)
        away = np.minimum(depth_m[1::2, 1::2], _FOG_M)
        grain = np.ones(away.shape, np.float32)
        for size_m, strength in _GRAIN:
            places = np.moveaxis(points, -1, 0) / size_m
            value = map_coordinates(self._table, places, order=1, mode="grid-wrap")
            resolved = np.minimum(1.0, 0.25 * size_m * self.info.fx_px / away)
            grain += strength * value * resolved
        return np.asarray(np.maximum(grain, 0.3), np.float32)

    def _truth(
        self, before: Sequence[Thing], after: Sequence[Thing], base: Pose2, light: Light,
        nod_rad: float,
    ) -> Mask:  # fmt: skip
        """Which pixels look different by the things alone, in even light without shadows."""
        renders = []
        self._renderer.shadows(on=False)
        for things in (before, after):
            self._set(things, light)
            colour, depth = self._render(base, nod_rad)
            renders.append((colour.astype(np.float32) / 255.0, np.minimum(depth, _FOG_M)))
        self._renderer.shadows(on=True)
        (first, near), (second, far) = renders
        apart = np.abs(first - second).max(axis=2) > _OPEN
        return np.asarray(apart | (np.abs(near - far) > _APART_M))


def _beside(place: Pose2, rng: np.random.Generator) -> Pose2:
    return place.compose(
        Pose2(
            float(rng.uniform(-_ALONG_M, _ALONG_M)), float(rng.uniform(-_BESIDE_M, _BESIDE_M)),
            float(rng.uniform(-_TURN_RAD, _TURN_RAD)),
        )
    )  # fmt: skip


def _shape(number: int, rng: np.random.Generator) -> tuple[str, tuple[float, float, float]]:
    """Boxes, cylinders, balls, bags, and sheets that lie flat."""
    kind = ("box", "cylinder", "ball", "bag", "sheet", "box")[number % 6]
    length, width, height = rng.uniform((0.15, 0.12, 0.1), (0.6, 0.5, 0.7)).tolist()
    if kind == "sheet":
        return "box", (1.3 * length + 0.1, width + 0.1, 0.012)
    return kind, (length, width, height)


def _colour(rng: np.random.Generator) -> tuple[float, float, float]:
    """Any colour; every third is nearly grey."""
    grey = float(rng.uniform(0.1, 0.9))
    spread = 0.04 if rng.random() < 0.33 else 0.35
    red, green, blue = np.clip(grey + rng.uniform(-spread, spread, 3), 0.03, 0.97).tolist()
    return red, green, blue
