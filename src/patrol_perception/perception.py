"""The component: rows in, tracks, findings and the blurred picture out."""

from __future__ import annotations

import math

import numpy as np

from patrol_core import topics
from patrol_core.component import Component, Inputs, Outputs, ProcessContext
from patrol_core.configuration import config_hash
from patrol_core.geometry import FloatArray, Pose2
from patrol_core.site.local_time import site_local_time
from patrol_core.site.private_places import PrivatePlaces, grown
from patrol_core.transforms import TransformBuffer
from patrol_core.types.perception import (
    DepthObstacles,
    DetectedDock,
    FindingKind,
    TrackKind,
    Tracks,
)
from patrol_core.types.sensors import CompressedImage, LaserScan
from patrol_core.types.status import Health, HealthLevel, LocalizationLevel
from patrol_perception.behaviour.file import read_behaviour
from patrol_perception.behaviour.seeing import unexplained_points
from patrol_perception.behaviour.watch import BehaviourWatch
from patrol_perception.camera import BlurredCamera, Shot, decoded
from patrol_perception.change.watch import ChangeWatch
from patrol_perception.depth_obstacles import ObstacleMemory
from patrol_perception.dock_marker import MarkerFinder
from patrol_perception.findings import FindingBook
from patrol_perception.inspection.inspector import Inspector
from patrol_perception.inspection.shot import Shot as InspectionShot
from patrol_perception.low_things import LowThings
from patrol_perception.naming.namer import Namer
from patrol_perception.params import PerceptionParams
from patrol_perception.people import make_detector
from patrol_perception.photos import PhotoChooser
from patrol_perception.scene import Scene
from patrol_perception.site_model.recall import Observer, recall_from, sighting_of
from patrol_perception.view import View, camera_mount
from patrol_perception.watching.guard import Guard
from patrol_perception.watching.places import place_of, tell

_EXTRAPOLATE_S = 0.3
_DEFAULT_STD_M = 0.1
_LOOK_AGE_S = 0.3
_OBSERVE_EVERY_S = 1.0
_NOTED = (topics.SCAN, topics.MAP, topics.CAMERA_RAW, topics.CAMERA_DEPTH)
_STILL_M, _STILL_RAD = 0.002, 0.001
_PROBLEM_PERIOD_S = 10.0
_MOVERS = (TrackKind.PERSON, TrackKind.MOVING)
CODE = ("patrol_core", "patrol_perception")
"""The packages that decide what is found."""


class Perception(Component):
    """Says what the map does not explain, and lets nobody be recognised."""

    name = "perception"
    reads = (
        topics.SCAN, topics.TF, topics.MAP, topics.LOCALIZATION_STATUS,
        topics.CAMERA_RAW, topics.CAMERA_DEPTH, topics.CAMERA_INFO, topics.INCIDENTS,
        topics.DOCK_APPROACH, topics.PATROL_STATUS, topics.THERMAL_IMAGE,
    )  # fmt: skip
    writes = (
        topics.TRACKS, topics.FINDINGS, topics.CAMERA_BLURRED, topics.DETECTED_DOCK_POSE,
        topics.DEPTH_OBSTACLES, topics.CANDIDATES, topics.DIAGNOSTICS,
        topics.CHECK_RESULTS,
    )  # fmt: skip
    rate_hz = 10.0

    def __init__(self, context: ProcessContext, params: PerceptionParams) -> None:
        self._params = params
        self._site = context.site
        self._lidar = context.robot.lidar.transform().pose2()
        clock = site_local_time(context.site.timezone, context.epoch_s)
        self._private = PrivatePlaces(context.site, context.epoch_s)
        self._rng = np.random.default_rng(context.seed)
        self._frames = TransformBuffer(extrapolate_s=_EXTRAPOLATE_S)
        config = config_hash(params, context.site, context.robot, CODE)
        recall = recall_from(params.site_model.folder, clock, params.site_model)
        self._book = FindingBook(params.evidence, self._rng, config, recall)
        self._observer: Observer | None = None
        if params.site_model.observe:
            self._observer = Observer(context.run_folder, clock, params.site_model.reach_m)
        self._mount = mount = camera_mount(context.robot.camera)
        self._markers = MarkerFinder(mount)
        self._inspector = Inspector(context.site.checks, params.inspection)
        people = make_detector(params.camera.detector, params.camera.detector_scale)
        self._namer = Namer(params.naming, people)
        by_network = params.camera.detector == "onnx"
        self._camera = BlurredCamera(
            params.camera, params.privacy, mount, self._namer if by_network else people
        )
        self._guard = Guard(params.guard, context.robot.camera.rate_hz)
        self._behaviour = BehaviourWatch(
            read_behaviour(context.site), clock, params.behaviour, self._book
        )
        self._changes = self._change_watch(context)
        before = self._changes.before if self._changes is not None else None
        self._photos = PhotoChooser(params.camera, before)
        self._obstacles = ObstacleMemory(context.robot, params.depth)
        self._robot = context.robot
        self._scene: Scene | None = None
        self._trusted = False
        self._pictured: Pose2 | None = None
        self._said_of_camera = ""
        self._low: LowThings | None = None
        self._observed_s = -math.inf
        self._seen = dict.fromkeys((row.name for row in _NOTED), 0)
        self._problem_s = -_PROBLEM_PERIOD_S

    def setup(self) -> None:
        """Load the network that names things, if there is one."""
        self._namer.setup()

    def close(self) -> None:
        if self._changes is not None:
            self._changes.close()
        if self._observer is not None:
            self._observer.close()

    def _change_watch(self, context: ProcessContext) -> ChangeWatch | None:
        """None where the site has no reference views and none are to be learnt."""
        change, site = self._params.change, context.site
        if not ChangeWatch.is_wanted(change, site.folder):
            return None
        return ChangeWatch(
            change, self._params.camera, site.folder, site.timezone, context.epoch_s
        )

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        self._frames.update(inputs.events(topics.TF))
        if self._private.refresh(now_s):
            self._heed_zones()
        self._book.acknowledge(inputs.events(topics.INCIDENTS))
        self._inspector.acknowledge(inputs.events(topics.INCIDENTS))
        for result in self._inspector.follow(inputs.fresh(topics.PATROL_STATUS, now_s), now_s):
            outputs.put(topics.CHECK_RESULTS, result)
        if self._is_new(inputs, topics.MAP.name):
            self._scene = self._new_scene(inputs)
        if self._is_new(inputs, topics.SCAN.name):
            tracks = self._look(inputs, now_s)
            if tracks is not None:
                outputs.put(topics.TRACKS, tracks)
                self._inspect(inputs, outputs, now_s)
        if self._is_new(inputs, topics.CAMERA_DEPTH.name):
            obstacles = self._obstructing(inputs, now_s)
            if obstacles is not None:
                outputs.put(topics.DEPTH_OBSTACLES, obstacles)
            self._look_low(inputs, now_s)
            self._look_for_bodies(inputs, now_s)
        if self._is_new(inputs, topics.CAMERA_RAW.name):
            self._find_dock(inputs, outputs, now_s)
            self._picture(inputs, outputs, now_s)
            self._stand_guard(inputs, now_s)
        self._say_of_naming(outputs, now_s)
        self._tell(outputs, now_s)
        return outputs

    def _tell(self, outputs: Outputs, now_s: float) -> None:
        """What has been found and judged, outside privacy zones."""
        for finding in (*self._book.due(now_s), *self._inspector.due(now_s)):
            if not self._private.hold(finding.x_m, finding.y_m):
                outputs.put(topics.FINDINGS, finding)
        if self._scene is not None:
            for candidate in self._scene.candidates.due(self._private.polygons_m):
                outputs.put(topics.CANDIDATES, candidate)

    def _is_new(self, inputs: Inputs, name: str) -> bool:
        sequence = inputs.sequences().get(name, 0)
        new = sequence > self._seen[name]
        self._seen[name] = sequence
        return new

    def _heed_zones(self) -> None:
        """Privacy zones as they are in force now: black in pictures, and nothing is judged."""
        margin_m = self._params.privacy.zone_margin_m
        polygons_m = self._private.polygons_m
        self._camera.private_m = tuple(grown(polygon_m, margin_m) for polygon_m in polygons_m)
        self._photos.forget()
        if self._scene is not None:
            self._scene.background.keep_private(polygons_m)

    def _new_scene(self, inputs: Inputs) -> Scene | None:
        grid = inputs.latest(topics.MAP)
        if grid is None:
            return None
        self._low = LowThings(grid, self._robot, self._params.low)
        return Scene(
            grid, self._site.outline_m, self._private.polygons_m, self._params, self._book,
            self._rng,
        )  # fmt: skip

    def _look(self, inputs: Inputs, now_s: float) -> Tracks | None:
        """Tracks of the newest scan; None while map or pose are missing or do not fit."""
        scan: LaserScan | None = inputs.fresh(topics.SCAN, now_s)
        if scan is None or self._scene is None:
            return None
        base = self._frames.try_pose("map", "base_link", scan.stamp_s)
        status = inputs.fresh(topics.LOCALIZATION_STATUS, now_s)
        if base is None or (status is not None and status.level is LocalizationLevel.LOST):
            return None
        self._trusted = status is not None and status.level is LocalizationLevel.GOOD
        trusted = status is not None and status.level is LocalizationLevel.GOOD
        self._trusted = trusted
        std_m = _DEFAULT_STD_M if status is None else status.position_std_m
        tracks = self._scene.step(scan, base.compose(self._lidar), std_m, now_s, self._trusted)
        if tracks is None:
            return None
        tracks = self._outside(tracks)
        if self._trusted:
            self._behaviour.step(tracks, std_m, self._private.zones.all_zones, now_s)
            self._observe(now_s)
        return tracks

    def _outside(self, tracks: Tracks) -> Tracks:
        """Those that are not in a privacy zone, into which a prediction may have led."""
        told = (track for track in tracks.tracks if not self._private.hold(track.x_m, track.y_m))
        return Tracks(tracks.stamp_s, tuple(told))

    def _observe(self, now_s: float) -> None:
        """Note once a second what stands and what is looked at."""
        look = None if self._scene is None else self._scene.look
        if self._observer is None or look is None or not look.fits:
            return
        if now_s - self._observed_s < _OBSERVE_EVERY_S:
            return
        self._observed_s = now_s
        kinds = (FindingKind.OBJECT, FindingKind.OBSTRUCTION, FindingKind.MISSING)
        findings = [e.finding for e in self._book.entries if e.finding.kind in kinds]
        self._observer.note(look, ((f.finding_id, sighting_of(f)) for f in findings), now_s)

    def _obstructing(self, inputs: Inputs, now_s: float) -> DepthObstacles | None:
        """What the newest depth picture shows in the way; None while it cannot be placed."""
        depth, info = inputs.latest(topics.CAMERA_DEPTH), inputs.latest(topics.CAMERA_INFO)
        scan: LaserScan | None = inputs.fresh(topics.SCAN, now_s)
        if depth is None or info is None or scan is None:
            return None
        if depth.depth_m.shape != (info.height_px, info.width_px):
            return None
        base = self._frames.try_pose("odom", "base_link", depth.stamp_s)
        then = self._frames.try_pose("odom", "base_link", scan.stamp_s)
        if base is None or then is None:
            return None
        lidar_m = then.compose(self._lidar).transform_points(scan.points_m())
        movers_m = self._movers(base, depth.stamp_s)
        return DepthObstacles(
            depth.stamp_s, self._obstacles.step(depth, info, base, lidar_m, movers_m)
        )

    def _look_low(self, inputs: Inputs, now_s: float) -> None:
        """Findings of low things by the newest depth picture, while the pose can be trusted."""
        depth, info = inputs.latest(topics.CAMERA_DEPTH), inputs.latest(topics.CAMERA_INFO)
        look = None if self._scene is None else self._scene.look
        if depth is None or info is None or look is None or self._scene is None:
            return
        base = self._base_at(depth.stamp_s)
        fresh = abs(depth.stamp_s - look.stamp_s) <= _LOOK_AGE_S
        shaped = depth.depth_m.shape == (info.height_px, info.width_px)
        if self._low is None or base is None or not (fresh and shaped and self._trusted):
            return
        if not look.fits:
            return
        scene = self._scene
        people = [(f.x_m, f.y_m) for f in scene.follows() if scene.kind_of(f) in _MOVERS]
        places = np.array(people).reshape(-1, 2)
        for claim in self._low.step(depth, info, base, scene.background, places):
            self._book.claim(claim, now_s)

    def _movers(self, base: Pose2, stamp_s: float) -> FloatArray:
        """Where people are (N, 2), in odom, in which base_link stands at `base`."""
        on_map = self._frames.try_pose("map", "base_link", stamp_s)
        if on_map is None or self._scene is None:
            return np.zeros((0, 2))
        scene = self._scene
        places = [(f.x_m, f.y_m) for f in scene.follows() if scene.kind_of(f) in _MOVERS]
        if not places:
            return np.zeros((0, 2))
        return base.transform_points(on_map.inverse().transform_points(places))

    def _find_dock(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Look for the marker of the dock that is being approached, if it has one."""
        approach = inputs.fresh(topics.DOCK_APPROACH, now_s)
        raw, info = inputs.latest(topics.CAMERA_RAW), inputs.latest(topics.CAMERA_INFO)
        if approach is None or raw is None or info is None:
            return
        dock = next((d for d in self._site.docks if d.dock_id == approach.dock_id), None)
        if dock is None or dock.marker is None:
            return
        seen = self._markers.find(raw, info, dock.marker)
        if seen is not None:
            outputs.put(topics.DETECTED_DOCK_POSE, DetectedDock(raw.stamp_s, seen))

    def _picture(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        raw = inputs.latest(topics.CAMERA_RAW)
        if raw is None:
            return
        shot = Shot(
            raw, self._base_at(raw.stamp_s), inputs.latest(topics.CAMERA_INFO),
            inputs.latest(topics.CAMERA_DEPTH), self._is_still(raw.stamp_s),
        )  # fmt: skip
        blurred, frame = self._camera.take(shot, self._scene, self._book)
        self._say_of_camera(outputs, now_s)
        if blurred is not None:
            outputs.put(topics.CAMERA_BLURRED, blurred)
        self._inspect(inputs, outputs, now_s, shot, blurred)
        if frame is not None:
            self._photos.step(frame, self._book, now_s)
            if self._changes is not None and frame.depth_m is not None and self._is_placed():
                assert shot.depth is not None
                self._changes.step(frame, shot.depth, self._private.polygons_m, self._book, now_s)
        if shot.base is not None and shot.info is not None:
            view = View(raw.stamp_s, shot.info, self._mount, shot.base)
            self._namer.name(raw, view, self._book, now_s)

    def _is_placed(self) -> bool:
        """Whether the newest scan was laid onto the map without much pulling, and trusted."""
        look = None if self._scene is None else self._scene.look
        return self._trusted and look is not None and look.fits

    def _is_still(self, stamp_s: float) -> bool:
        """Whether the robot stands where the last picture was taken, by odometry."""
        before, now = self._pictured, self._frames.try_pose("odom", "base_link", stamp_s)
        self._pictured = now
        if before is None or now is None:
            return False
        turned = abs(now.relative_to(before).yaw_rad)
        return now.distance_to(before) < _STILL_M and turned < _STILL_RAD

    def _say_of_camera(self, outputs: Outputs, now_s: float) -> None:
        """Tell when the image detector begins to fail, and when it works again."""
        problem = self._camera.problem
        if problem == self._said_of_camera:
            return
        self._said_of_camera = problem
        level = HealthLevel.WARN if problem else HealthLevel.OK
        failed = f"the person detector failed ({problem}): whatever moves is blurred"
        message = failed if problem else "the person detector works"
        outputs.put(topics.DIAGNOSTICS, Health(now_s, "perception/camera", level, message))

    def _say_of_naming(self, outputs: Outputs, now_s: float) -> None:
        """Tell why nothing is named, again and again."""
        if self._namer.problem and now_s - self._problem_s >= _PROBLEM_PERIOD_S:
            self._problem_s = now_s
            health = Health(now_s, "perception/naming", HealthLevel.WARN, self._namer.problem)
            outputs.put(topics.DIAGNOSTICS, health)

    def _stand_guard(self, inputs: Inputs, now_s: float) -> None:
        """What is left behind and taken away in the pictures of a robot that stands."""
        raw, info = inputs.latest(topics.CAMERA_RAW), inputs.latest(topics.CAMERA_INFO)
        if raw is None or info is None:
            return
        told = self._guard.step(raw, self._frames.try_pose("odom", "base_link", raw.stamp_s))
        base = self._base_at(raw.stamp_s) if told else None
        if base is None:
            return
        view = View(raw.stamp_s, info, self._mount, base)
        depth = inputs.fresh(topics.CAMERA_DEPTH, now_s)
        if depth is not None and depth.depth_m.shape != (info.height_px, info.width_px):
            depth = None
        for one in told:
            place = place_of(one.box, view, depth)
            if place is not None:
                tell(one, place, self._book, self._params.guard)

    def _look_for_bodies(self, inputs: Inputs, now_s: float) -> None:
        """What depth shows where somebody may lie."""
        if self._scene is None or not self._behaviour.wants_depth(now_s):
            return
        depth, info = inputs.latest(topics.CAMERA_DEPTH), inputs.latest(topics.CAMERA_INFO)
        base = None if depth is None else self._base_at(depth.stamp_s)
        if depth is None or info is None or base is None:
            return
        if depth.depth_m.shape != (info.height_px, info.width_px):
            return
        points = unexplained_points(depth, info, self._mount, base, self._scene.background)
        eye = base.transform_points(self._mount[None, :2, 3])[0]
        self._behaviour.see_depth(
            points, (float(eye[0]), float(eye[1])), depth.stamp_s, self._params.depth.low_m
        )

    def _inspect(
        self, inputs: Inputs, outputs: Outputs, now_s: float, shot: Shot | None = None,
        blurred: CompressedImage | None = None,
    ) -> None:  # fmt: skip
        """Read the checks of the checkpoint at which the robot dwells, by a scan or a picture."""
        if not self._inspector.watching:
            return
        look = None if self._scene is None else self._scene.look
        seen = InspectionShot(now_s, look=look)
        if shot is not None and shot.base is not None and shot.info is not None:
            image = decoded(shot.raw)
            if image is not None and image.shape[:2] == (shot.info.height_px, shot.info.width_px):
                view = View(shot.raw.stamp_s, shot.info, self._mount, shot.base)
                thermal = inputs.fresh(topics.THERMAL_IMAGE, now_s)
                seen = InspectionShot(now_s, image, view, look, shot.depth, thermal)
        for result in self._inspector.look(seen, blurred, now_s):
            outputs.put(topics.CHECK_RESULTS, result)

    def _base_at(self, stamp_s: float) -> Pose2 | None:
        """base_link in map: where the newest scan was laid onto the map, moved on by odometry."""
        look = None if self._scene is None else self._scene.look
        if look is None:
            return None
        then = self._frames.try_pose("odom", "base_link", look.stamp_s)
        now = self._frames.try_pose("odom", "base_link", stamp_s)
        if then is None or now is None:
            return None
        base = look.sensor.compose(self._lidar.inverse())
        return base.compose(now.relative_to(then))
