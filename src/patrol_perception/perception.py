"""The component: rows in, tracks, findings and the blurred picture out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from patrol_core import topics
from patrol_core.component import Component, Inputs, Outputs, ProcessContext
from patrol_core.configuration import config_hash
from patrol_core.site.behaviour_file import BEHAVIOUR_FILE, read_behaviour
from patrol_core.site.local_time import site_local_time
from patrol_core.site.private_places import PrivatePlaces
from patrol_perception.behaviour.watch import BehaviourWatch
from patrol_perception.by_camera import ByCamera
from patrol_perception.by_depth import ByDepth
from patrol_perception.by_lidar import ByLidar
from patrol_perception.change.store import INDEX
from patrol_perception.findings import FindingBook
from patrol_perception.params import PerceptionParams
from patrol_perception.scene import Scene
from patrol_perception.site_model.model_file import newest_file
from patrol_perception.site_model.recall import Observer, recall_from
from patrol_perception.surroundings import Surroundings

_NOTED = (topics.SCAN, topics.MAP, topics.CAMERA_RAW, topics.CAMERA_DEPTH)
CODE = ("patrol_core", "patrol_perception")
"""The packages that decide what is found."""


class Perception(Component):
    """Says what the map does not explain, and lets nobody be recognised.

    Lidar, depth and camera each have a part; what they find goes into one book.
    """

    name = "perception"
    reads = (
        topics.SCAN, topics.TF, topics.MAP, topics.LOCALIZATION_STATUS,
        topics.CAMERA_RAW, topics.CAMERA_DEPTH, topics.CAMERA_INFO, topics.INCIDENTS,
        topics.DOCK_APPROACH, topics.PATROL_STATUS, topics.THERMAL_IMAGE,
    )  # fmt: skip
    writes = (
        topics.TRACKS, topics.FINDINGS, topics.CAMERA_BLURRED, topics.DETECTED_DOCK_POSE,
        topics.DEPTH_OBSTACLES, topics.CANDIDATES, topics.CHECK_RESULTS, topics.DIAGNOSTICS,
    )  # fmt: skip
    rate_hz = 10.0

    def __init__(self, context: ProcessContext, params: PerceptionParams) -> None:
        self._params = params
        site, model = context.site, params.site_model
        clock = site_local_time(site.timezone, context.epoch_s)
        self._outline_m = site.outline_m
        self._private = PrivatePlaces(site, context.epoch_s)
        self._rng = np.random.default_rng(context.seed)
        files = _deciding_files(params, site.folder)
        config = config_hash(params, site, context.robot, CODE, files)
        recall = recall_from(site.folder, clock, model)
        self._book = FindingBook(params.evidence, self._rng, config, recall)
        self._around = Surroundings(context.robot)
        behaviour = BehaviourWatch(read_behaviour(site), clock, params.behaviour, self._book)
        observer = Observer(context.run_folder, clock, model.reach_m) if model.observe else None
        self._lidar = ByLidar(self._around, self._private, behaviour, self._book, observer)
        self._depth = ByDepth(context.robot, params, self._around, behaviour, self._book)
        self._camera = ByCamera(context, params, self._around, self._private, self._book)
        self._seen = dict.fromkeys((row.name for row in _NOTED), 0)

    def setup(self) -> None:
        self._camera.setup()

    def close(self) -> None:
        self._camera.close()
        self._lidar.close()

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        self._around.update(inputs)
        if self._private.refresh(now_s):
            self._heed_zones()
        self._book.acknowledge(inputs.events(topics.INCIDENTS))
        for result in self._camera.follow_checks(inputs, now_s):
            outputs.put(topics.CHECK_RESULTS, result)
        if self._is_new(inputs, topics.MAP.name):
            self._begin(inputs)
        if self._is_new(inputs, topics.SCAN.name):
            tracks = self._lidar.step(inputs, now_s)
            if tracks is not None:
                outputs.put(topics.TRACKS, tracks)
                self._camera.check_scan(outputs, now_s)
        if self._is_new(inputs, topics.CAMERA_DEPTH.name):
            obstacles = self._depth.step(inputs, now_s)
            if obstacles is not None:
                outputs.put(topics.DEPTH_OBSTACLES, obstacles)
        if self._is_new(inputs, topics.CAMERA_RAW.name):
            self._camera.step(inputs, outputs, now_s)
        self._camera.tell_problems(outputs, now_s)
        self._tell(outputs, now_s)
        return outputs

    def _is_new(self, inputs: Inputs, name: str) -> bool:
        sequence = inputs.sequences().get(name, 0)
        new = sequence > self._seen[name]
        self._seen[name] = sequence
        return new

    def _heed_zones(self) -> None:
        """Privacy zones as they are in force now: black in pictures, and nothing is judged."""
        self._camera.heed_zones()
        if self._around.scene is not None:
            self._around.scene.background.keep_private(self._private.polygons_m)

    def _begin(self, inputs: Inputs) -> None:
        """On a new map everything is found anew."""
        grid = inputs.latest(topics.MAP)
        if grid is None:
            self._around.scene = None
            return
        self._depth.begin(grid)
        self._around.scene = Scene(
            grid, self._outline_m, self._private.polygons_m, self._params, self._book, self._rng
        )

    def _tell(self, outputs: Outputs, now_s: float) -> None:
        """What has been found and judged, outside privacy zones."""
        for finding in self._book.due(now_s):
            if not self._private.hold(finding.x_m, finding.y_m):
                outputs.put(topics.FINDINGS, finding)
        if self._around.scene is not None:
            for candidate in self._around.scene.candidates.due():
                if not self._private.hold(candidate.x_m, candidate.y_m):
                    outputs.put(topics.CANDIDATES, candidate)


def _deciding_files(params: PerceptionParams, site_folder: Path) -> tuple[Path, ...]:
    """Files beside parameters and site that have a part in what is found."""
    model = params.site_model
    version = newest_file(Path(model.folder), model.version) if model.folder else None
    named = (Path(name) for name in (params.naming.model, params.naming.labels) if name)
    views = site_folder / params.change.folder / INDEX
    return (site_folder / BEHAVIOUR_FILE, views, *named, *(() if version is None else (version,)))
