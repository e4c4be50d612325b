"""A robot's URDF as a part of a MuJoCo model: solids, motors, camera."""

from __future__ import annotations

import math

from patrol_core.errors import Place
from patrol_sim.body import MAX_WHEEL_TORQUE_NM, ROTOR_INERTIA_KGM2, SERVO_GAIN_NMS
from patrol_sim.engine import mujoco
from patrol_sim.errors import RobotDescriptionError
from patrol_sim.geoms import GROUP_SEEN, GROUP_SOLID, MOVING_BITS
from patrol_sim.robot_setup import RobotSetup
from patrol_sim.urdf import urdf_spec

_ABOUT_X = [0.0, 1.0, 0.0, 0.0]
"""From MuJoCo's camera axes (look along -z) to the optical frame's (look along z)."""
_WHEELS = ("left_wheel", "right_wheel")
_NEEDED_LINKS = (
    "base_link",
    *_WHEELS,
    "lidar_link",
    "camera_optical_frame",
    "imu_link",
    "gnss_link",
)


def attach_robot(spec: mujoco.MjSpec, robot: RobotSetup, *, with_visuals: bool) -> list[str]:
    """Add a robot to a world; the names of its geoms.

    Raises RobotDescriptionError when it lacks a link or a wheel joint.
    """
    own = urdf_spec(robot.urdf, robot.urdf_path)
    _check_links(own, robot)
    for geom in list(own.geoms):
        if geom.group == GROUP_SEEN and not with_visuals:
            own.delete(geom)
    for number, geom in enumerate(own.geoms):
        geom.name = f"geom{number}"
        if geom.group == GROUP_SOLID:
            _make_solid(geom)
    names = [f"{robot.key}/{geom.name}" for geom in own.geoms]
    for wheel in _WHEELS:
        _add_servo(own, wheel)
    camera = robot.model.camera
    half_height = math.tan(camera.horizontal_fov_rad / 2.0) * camera.height_px / camera.width_px
    own.body("camera_optical_frame").add_camera(
        name="camera", quat=_ABOUT_X, fovy=math.degrees(2.0 * math.atan(half_height))
    )
    spec.visual.global_.offwidth = max(spec.visual.global_.offwidth, camera.width_px)
    spec.visual.global_.offheight = max(spec.visual.global_.offheight, camera.height_px)
    spec.attach(own, prefix=f"{robot.key}/", frame=spec.worldbody.add_frame())
    spec.body(f"{robot.key}/base_link").add_freejoint(name=f"{robot.key}/free")
    return names


def _check_links(own: mujoco.MjSpec, robot: RobotSetup) -> None:
    links = {body.name for body in own.bodies}
    joints = {joint.name for joint in own.joints}
    missing = [link for link in _NEEDED_LINKS if link not in links]
    missing += [f"{wheel}_joint" for wheel in _WHEELS if f"{wheel}_joint" not in joints]
    if missing:
        raise RobotDescriptionError(
            f"the robot description lacks {', '.join(missing)}",
            place=Place(robot.urdf_path),
            remedy="add these links and joints, or correct their names",
        )


def _make_solid(geom: mujoco.MjsGeom) -> None:
    """Contact bits; tyres round across, because a cylinder's two edges scrub when it pivots."""
    geom.contype, geom.conaffinity = MOVING_BITS["contype"], MOVING_BITS["conaffinity"]
    link = geom.parent.name
    if link in _WHEELS:
        radius, half_width, _ = geom.size
        geom.type, geom.size = mujoco.mjtGeom.mjGEOM_ELLIPSOID, [radius, radius, half_width]
    elif link.endswith("_caster"):
        geom.friction, geom.condim, geom.priority = [0.0, 0.0, 0.0], 1, 1


def _add_servo(own: mujoco.MjSpec, wheel: str) -> None:
    """One wheel's motor. (Implicit integration of a stiffer servo would make the tyres slide:
    contact forces do not know of it.)
    """
    own.joint(f"{wheel}_joint").armature = ROTOR_INERTIA_KGM2
    servo = own.add_actuator(name=wheel, target=f"{wheel}_joint")
    servo.trntype = mujoco.mjtTrn.mjTRN_JOINT
    servo.gaintype = mujoco.mjtGain.mjGAIN_FIXED
    servo.biastype = mujoco.mjtBias.mjBIAS_AFFINE
    servo.gainprm[0] = SERVO_GAIN_NMS
    servo.biasprm[2] = -SERVO_GAIN_NMS
    servo.forcelimited = True
    servo.forcerange = [-MAX_WHEEL_TORQUE_NM, MAX_WHEEL_TORQUE_NM]
