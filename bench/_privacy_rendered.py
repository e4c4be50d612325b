"""Patrols in closed loop with rendered pictures; where heads really are is known to the bench."""

from __future__ import annotations

import importlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import numpy.typing as npt
from _privacy_measure import HEAD_PX, Tally
from _privacy_videos import MODES, decoded, detector_of
from _video import Picture

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import Component, ProcessContext
from patrol_core.geometry import FloatArray, Points
from patrol_core.params import make_params, read_param_file
from patrol_core.processes import PERCEPTION
from patrol_core.site.private_places import PrivatePlaces
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.params import PerceptionParams
from patrol_perception.view import Box, View, camera_mount, clipped
from patrol_records.reader import RecordReader
from patrol_sim.scenario_random import Draw, random_scenario
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import CONFIG, ClosedLoop
from ronda_cli.setting import Setting

EPOCH_S = datetime(2026, 6, 2, 10, 0, tzinfo=timezone.utc).timestamp()
"""A Tuesday in the middle of the day: all privacy zones are in force."""
PEOPLE = 16
START_S, TICK_S, GIVE_UP_S = 1.0, 0.1, 900.0
HEAD_M = (0.0, 0.0, 1.605)
HEAD_RADIUS_M = 0.12
SEEN_SHARE, SEEN_M = 0.3, 0.4
"""A head is seen where so much of it is no farther and no nearer than it is."""
NEAR_M, FAR_M = 1.0, 15.0
BLACK = 40
"""What JPEG leaves of black beside something bright."""
_EDGE_PX = 8
_SHEET_EVERY, _SHEET_SHOWN = 10, 10


@dataclass(slots=True)
class Run:
    """What was streamed and stored on patrols."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {mode: Tally() for mode in MODES})
    zone_points: int = 0
    zone_shown: int = 0
    zone_pictures: int = 0
    stored: int = 0
    stored_private: int = 0
    tick_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MODES, 0.0))
    simulated_s: float = 0.0
    sheet: list[tuple[Picture, Picture, str]] = field(default_factory=list)
    """Before, after, and what is to be seen; where heads are shown, first."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A raw picture and what is true of it: where it was taken, its depth, heads to be seen."""

    picture: Picture
    depth: DepthImage
    view: View
    heads: tuple[Box, ...]


class Shadow:
    """A perception beside that of the patrol, which hears the same and is not heard."""

    def __init__(self, mode: str, context: ProcessContext, loop: ClosedLoop) -> None:
        assembly = importlib.import_module(PERCEPTION.assembly)
        values = read_param_file(CONFIG / f"{PERCEPTION.name}.yaml")
        params: PerceptionParams = make_params(assembly.PARAMS, values)
        detector = detector_of(mode, params)
        with mock.patch("patrol_perception.by_camera.make_detector", return_value=detector):
            (self._component,) = assembly.build(context, params)
        component: Component = self._component
        self._mailbox = Mailbox(component.reads)
        loop.attach(self._mailbox, PERCEPTION.name)

    def tick(self, now_s: float) -> tuple[Picture | None, float]:
        """The picture that it streams at this tick, and the time that all took."""
        inputs = self._mailbox.snapshot()
        begun_s = time.process_time()
        outputs = self._component.step(inputs, now_s)
        spent_s = time.process_time() - begun_s
        streamed = outputs.of(topics.CAMERA_BLURRED)
        return decoded(streamed[0].data) if streamed else None, spent_s


class Stage:
    """One patrol: raw pictures with the truth about them, and what becomes of them."""

    def __init__(self, setting: Setting, seed: int, folder: Path, run: Run) -> None:
        self._setting = setting
        self._run = run
        self._next_s = 0.0
        draw = Draw(area_per_person_m2=60.0, min_people=PEOPLE, max_people=PEOPLE)
        scenario = random_scenario(setting.world, setting.site, seed, draw)
        self.simulator = Simulator(
            setting.world, [setting.setup()], scenario, seed,
            docks=tuple(dock.pose for dock in setting.site.docks), camera=True,
        )  # fmt: skip
        context = ProcessContext(setting.site, setting.robot, folder, seed, EPOCH_S)
        self.loop = ClosedLoop(
            self.simulator, context, {PERCEPTION.name: {"camera.detector": "none"}}
        )
        self.shadows = {mode: Shadow(mode, context, self.loop) for mode in MODES}
        self._raw = Mailbox((topics.CAMERA_RAW, topics.CAMERA_DEPTH, topics.CAMERA_INFO))
        self.loop.attach(self._raw, PERCEPTION.name)
        self._private = PrivatePlaces(setting.site, EPOCH_S)
        self._mount = camera_mount(setting.robot.camera)

    def private_m(self) -> tuple[Points, ...]:
        """The privacy zones in force now."""
        self._private.refresh(self.loop.now_s)
        return self._private.polygons_m

    def pictures(self) -> Iterator[tuple[Taken, dict[str, tuple[Picture, float]]]]:
        """Drive; every raw picture, what each mode streams of it, and the time that took."""
        seen, route = 0, self._setting.site.routes[0].route_id
        taken: Taken | None = None
        while self.loop.now_s < GIVE_UP_S and not self.loop.finished():
            if abs(self.loop.now_s - START_S) < 1e-6:
                self.loop.start_patrol(route, 1)
            self.loop.step()
            heard = self._raw.snapshot()
            sample, depth = heard.sample(topics.CAMERA_RAW), heard.latest(topics.CAMERA_DEPTH)
            info: CameraInfo | None = heard.latest(topics.CAMERA_INFO)
            if sample is not None and depth and info and sample.sequence != seen:
                seen = sample.sequence
                view = View(sample.value.stamp_s, info, self._mount, self.simulator.robot().pose)
                heads = tuple(self.heads(view, depth))
                taken = Taken(decoded(sample.value.data), depth, view, heads)
            made = self.tick_all()
            if made and taken is not None:
                yield taken, made

    def tick_all(self) -> dict[str, tuple[Picture, float]]:
        """Let every shadow tick when it is time; what each streams, and the time it took."""
        made: dict[str, tuple[Picture, float]] = {}
        now_s = self.loop.now_s
        if now_s < self._next_s - 1e-9:
            return made
        self._next_s = max(self._next_s + TICK_S, now_s)
        for mode, shadow in self.shadows.items():
            picture, spent_s = shadow.tick(now_s)
            self._run.tick_s[mode] += spent_s
            if picture is not None:
                made[mode] = (picture, spent_s)
        return made

    def heads(self, view: View, depth: DepthImage) -> list[Box]:
        """Heads in the picture that nothing hides."""
        found = []
        for person in self.simulator.truth().people:
            place = person.pose.transform_points([HEAD_M[:2]])[0]
            centre = view.to_optical(np.array([[*place, HEAD_M[2]]]))
            far_m = float(centre[0, 2])
            if not NEAR_M <= far_m <= FAR_M:
                continue
            (u, v), radius = view.pixels(centre)[0], HEAD_RADIUS_M * view.info.fx_px / far_m
            box = clipped(
                u - radius, v - radius, u + radius, v + radius,
                view.info.width_px, view.info.height_px,
            )  # fmt: skip
            if box is None or min(box.right - box.left, box.bottom - box.top) < HEAD_PX:
                continue
            part = depth.depth_m[box.top : box.bottom, box.left : box.right]
            if (np.abs(part - far_m) < SEEN_M).mean() >= SEEN_SHARE:
                found.append(box)
        return found


def zone_pixels(
    view: View, depth: DepthImage, zones_m: tuple[Points, ...]
) -> npt.NDArray[np.int64]:
    """Pixels (N, 2; column, row) that really show something in a privacy zone, a few of each."""
    step = 4
    points: FloatArray = view.points_of_depth(depth.depth_m, step)
    flat = points.reshape(-1, 3)
    known = np.isfinite(flat).all(axis=1)
    inside = np.zeros(len(flat), bool)
    for polygon_m in zones_m:
        inside[known] |= _inside(flat[known, :2], polygon_m)
    rows, columns = np.divmod(np.flatnonzero(inside), points.shape[1])
    pixels = np.column_stack((columns, rows)) * step + step // 2
    edge = (view.info.width_px - _EDGE_PX, view.info.height_px - _EDGE_PX)
    return np.asarray(pixels[((pixels >= _EDGE_PX) & (pixels < edge)).all(axis=1)])


def _inside(points_m: FloatArray, polygon_m: Points) -> npt.NDArray[np.bool_]:
    """Which points (N, 2) lie in a polygon, by OpenCV's test."""
    ring = np.asarray(polygon_m, np.float32).reshape(-1, 1, 2)
    return np.array(
        [cv2.pointPolygonTest(ring, (float(x), float(y)), False) > 0 for x, y in points_m], bool
    )


def patrol(setting: Setting, seed: int, wanted: int, run: Run) -> None:
    """Drive one patrol, or as much of it as gives the pictures that are wanted; adds to `run`.

    Raises CameraUnavailableError where nothing can be rendered.
    """
    with tempfile.TemporaryDirectory(prefix="ronda-privacy-") as folder:
        stage = Stage(setting, seed, Path(folder), run)
        stage.loop.setup()
        try:
            for taken, made in stage.pictures():
                _see(run, taken, made, stage.private_m())
                if run.tallies[MODES[0]].pictures >= wanted:
                    break
        finally:
            zones_m = stage.private_m()
            stage.loop.close()
            stage.simulator.close()
        run.simulated_s += stage.loop.now_s
        _check_records(Path(folder), zones_m, run)


def _see(
    run: Run, taken: Taken, made: dict[str, tuple[Picture, float]], zones_m: tuple[Points, ...]
) -> None:
    private = zone_pixels(taken.view, taken.depth, zones_m)
    run.zone_pictures += bool(len(private))
    for mode, (streamed, spent_s) in made.items():
        tally = run.tallies[mode]
        tally.see(taken.picture, streamed, spent_s)
        shown = tally.see_heads(taken.picture, streamed, taken.heads)
        run.zone_points += len(private)
        if len(private):
            bright = streamed[private[:, 1], private[:, 0]].max(axis=1)
            run.zone_shown += int((bright > BLACK).sum())
        if shown and tally.shown <= _SHEET_SHOWN:
            run.sheet.insert(0, (taken.picture, streamed, f"detector {mode}: a head is shown"))
    if len(taken.heads) > 1 and run.tallies["off"].pictures % _SHEET_EVERY == 0:
        what = f"{len(taken.heads)} heads, detector off"
        run.sheet.append((taken.picture, made["off"][0], what))


def _check_records(folder: Path, zones_m: tuple[Points, ...], run: Run) -> None:
    reader = RecordReader(folder)
    places = [(i.x_m, i.y_m) for i in reader.incidents()]
    places += [(s.x_m, s.y_m) for s in reader.samples(0.0, 1e12) if s.x_m and s.y_m]
    reader.close()
    run.stored += len(places)
    for polygon_m in zones_m:
        run.stored_private += int(_inside(np.asarray(places), polygon_m).sum()) if places else 0
