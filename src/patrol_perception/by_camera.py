"""What pictures tell: blurred they go on; raw they are only looked at, here."""

from __future__ import annotations

from patrol_core import topics
from patrol_core.component import Inputs, Outputs, ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.site.private_places import PrivatePlaces, grown
from patrol_core.types.inspection import CheckResult
from patrol_core.types.perception import DetectedDock
from patrol_core.types.sensors import CompressedImage
from patrol_core.types.status import Health, HealthLevel
from patrol_perception.camera import BlurredCamera, Shot, decoded
from patrol_perception.change.watch import ChangeWatch
from patrol_perception.dock_marker import MarkerFinder
from patrol_perception.findings import FindingBook
from patrol_perception.inspection.inspector import Inspector
from patrol_perception.inspection.shot import Shot as InspectionShot
from patrol_perception.naming.namer import Namer
from patrol_perception.params import PerceptionParams
from patrol_perception.people import make_detector
from patrol_perception.photos import Frame, PhotoChooser
from patrol_perception.surroundings import Surroundings, depth_of
from patrol_perception.view import View
from patrol_perception.watching.guard import Guard
from patrol_perception.watching.places import place_of, tell

_STILL_M, _STILL_RAD = 0.002, 0.001
_PROBLEM_PERIOD_S = 10.0


class ByCamera:
    """Blurs every picture, and has it looked at by whoever finds something in pictures."""

    def __init__(
        self,
        context: ProcessContext,
        params: PerceptionParams,
        around: Surroundings,
        private: PrivatePlaces,
        book: FindingBook,
    ) -> None:
        self._params = params
        self._docks = context.site.docks
        self._around = around
        self._private = private
        self._book = book
        self._markers = MarkerFinder(around.mount)
        people = make_detector(params.camera.detector, params.camera.detector_scale)
        self._namer = Namer(params.naming, people)
        by_network = params.camera.detector == "onnx"
        self._camera = BlurredCamera(
            params.camera, params.privacy, around.mount, self._namer if by_network else people
        )
        self._guard = Guard(params.guard, context.robot.camera.rate_hz)
        self._changes = _change_watch(context, params)
        before = self._changes.before if self._changes is not None else None
        self._photos = PhotoChooser(params.camera, before)
        self._inspector = Inspector(context.site.checks, params.inspection, book)
        self._pictured: Pose2 | None = None
        self._said_of_camera = ""
        self._problem_s = -_PROBLEM_PERIOD_S

    def setup(self) -> None:
        """Load the network that names things, if there is one."""
        self._namer.setup()

    def close(self) -> None:
        if self._changes is not None:
            self._changes.close()

    def heed_zones(self) -> None:
        """Privacy zones as they are in force now: black, with a margin."""
        margin_m = self._params.privacy.zone_margin_m
        private_m = tuple(grown(p, margin_m) for p in self._private.polygons_m)
        self._camera.private_m = private_m
        if self._changes is not None:
            self._changes.private_m = private_m
        self._photos.forget()

    def step(self, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Take in the newest picture."""
        raw = inputs.latest(topics.CAMERA_RAW)
        if raw is None:
            return
        shot = Shot(
            raw, self._around.by_scan(raw.stamp_s), inputs.latest(topics.CAMERA_INFO),
            inputs.latest(topics.CAMERA_DEPTH), self._is_still(raw.stamp_s),
        )  # fmt: skip
        view = None
        if shot.base is not None and shot.info is not None:
            view = View(raw.stamp_s, shot.info, self._around.mount, shot.base)
        self._find_dock(shot, inputs, outputs, now_s)
        blurred, frame = self._camera.take(shot, self._around.scene, self._book)
        if blurred is not None:
            outputs.put(topics.CAMERA_BLURRED, blurred)
        if self._inspector.watching:
            self._inspect(self._inspection_of(shot, view, inputs, now_s), blurred, outputs, now_s)
        if frame is not None:
            self._photos.step(frame, self._book, now_s)
            self._look_for_changes(frame, shot, now_s)
        if view is not None:
            self._namer.name(raw, view, self._book, now_s)
        self._stand_guard(raw, view, inputs, now_s)

    def follow_checks(self, inputs: Inputs, now_s: float) -> list[CheckResult]:
        """Results of the checks of a visit that has ended."""
        return self._inspector.follow(inputs.fresh(topics.PATROL_STATUS, now_s), now_s)

    def check_scan(self, outputs: Outputs, now_s: float) -> None:
        """Read the checks that a scan can answer."""
        if self._inspector.watching:
            self._inspect(InspectionShot(now_s, look=self._around.look), None, outputs, now_s)

    def tell_problems(self, outputs: Outputs, now_s: float) -> None:
        """When the image detector begins to fail and when it works again; why nothing is named."""
        problem = self._camera.problem
        if problem != self._said_of_camera:
            self._said_of_camera = problem
            level = HealthLevel.WARN if problem else HealthLevel.OK
            failed = f"the person detector failed ({problem}): whatever moves is blurred"
            message = failed if problem else "the person detector works"
            outputs.put(topics.DIAGNOSTICS, Health(now_s, "perception/camera", level, message))
        if self._namer.problem and now_s - self._problem_s >= _PROBLEM_PERIOD_S:
            self._problem_s = now_s
            health = Health(now_s, "perception/naming", HealthLevel.WARN, self._namer.problem)
            outputs.put(topics.DIAGNOSTICS, health)

    def _find_dock(self, shot: Shot, inputs: Inputs, outputs: Outputs, now_s: float) -> None:
        """Look for the marker of the dock that is being approached, if it has one."""
        approach = inputs.fresh(topics.DOCK_APPROACH, now_s)
        if approach is None or shot.info is None:
            return
        dock = next((d for d in self._docks if d.dock_id == approach.dock_id), None)
        if dock is None or dock.marker is None:
            return
        seen = self._markers.find(shot.raw, shot.info, dock.marker)
        if seen is not None:
            outputs.put(topics.DETECTED_DOCK_POSE, DetectedDock(shot.raw.stamp_s, seen))

    def _look_for_changes(self, frame: Frame, shot: Shot, now_s: float) -> None:
        """Compare with reference views, where it is known what is in view and how far off."""
        watch, depth = self._changes, shot.depth
        if watch is None or depth is None or frame.depth_m is None:
            return
        if self._around.is_placed():
            watch.step(frame, depth, self._book, now_s)

    def _is_still(self, stamp_s: float) -> bool:
        """Whether the robot stands where the last picture was taken, by odometry."""
        before, now = self._pictured, self._around.by_odometry(stamp_s)
        self._pictured = now
        if before is None or now is None:
            return False
        turned = abs(now.relative_to(before).yaw_rad)
        return now.distance_to(before) < _STILL_M and turned < _STILL_RAD

    def _stand_guard(
        self, raw: CompressedImage, view: View | None, inputs: Inputs, now_s: float
    ) -> None:
        """What is left behind and taken away in the pictures of a robot that stands."""
        told = self._guard.step(raw, self._around.by_odometry(raw.stamp_s))
        if view is None:
            return
        seen = depth_of(inputs) if inputs.fresh(topics.CAMERA_DEPTH, now_s) is not None else None
        for one in told:
            place = place_of(one.box, view, None if seen is None else seen[0])
            if place is not None:
                tell(one, place, self._book, self._params.guard)

    def _inspection_of(
        self, shot: Shot, view: View | None, inputs: Inputs, now_s: float
    ) -> InspectionShot:
        """What the checks of a checkpoint may look at."""
        look, image = self._around.look, None if view is None else decoded(shot.raw)
        if view is None or image is None:
            return InspectionShot(now_s, look=look)
        if image.shape[:2] != (view.info.height_px, view.info.width_px):
            return InspectionShot(now_s, look=look)
        thermal = inputs.fresh(topics.THERMAL_IMAGE, now_s)
        return InspectionShot(now_s, image, view, look, shot.depth, thermal)

    def _inspect(
        self, shot: InspectionShot, blurred: CompressedImage | None, outputs: Outputs, now_s: float
    ) -> None:
        """Read the checks of the checkpoint at which the robot dwells."""
        for result in self._inspector.look(shot, blurred, now_s):
            outputs.put(topics.CHECK_RESULTS, result)


def _change_watch(context: ProcessContext, params: PerceptionParams) -> ChangeWatch | None:
    """None where the site has no reference views and none are to be learnt."""
    change, site = params.change, context.site
    if not ChangeWatch.is_wanted(change, site.folder):
        return None
    return ChangeWatch(change, params.camera, site.folder, site.timezone, context.epoch_s)
