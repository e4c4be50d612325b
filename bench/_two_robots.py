"""Two robots in one simulator, in closed loop: each with its own bus, processes and records."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.site.own_docks import with_own_docks
from patrol_records.queries_patrols import patrol_starts
from patrol_records.reader import RecordReader
from patrol_sim.scenario import Scenario
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop, step_together
from ronda_cli.evaluation.trial import EPOCH_S, GIVE_UP_FACTOR, START_S
from ronda_cli.scorer import PoseErrorMeter, Scorer, Verdict
from ronda_cli.setting import Setting

TRACK_PERIOD_S = 0.5
SETTLE_S = 3.0
MET_WITHIN_M = 4.0
"""Robots that come nearer than that meet; the meeting ends when they are a metre farther apart."""


@dataclass(frozen=True, slots=True)
class Task:
    """Which robot goes round which route, and rests in which dock."""

    robot: str
    route_id: str
    dock_id: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What became of a run. `nearest_m`: between the two base_links; `tracks`: (x, y) of each
    every half second; `strays`: poses believed by a robot that were nearer to the other's.
    """

    seed: int
    verdicts: tuple[Verdict, ...]
    touched: int
    nearest_m: float
    meetings: int
    strays: int
    tracks: tuple[tuple[tuple[float, float], ...], ...]

    @property
    def passed(self) -> bool:
        """All completed, nothing was touched, and nobody heard another's pose."""
        fine = all(verdict.completed and verdict.contacts == 0 for verdict in self.verdicts)
        return fine and self.touched == 0 and self.strays == 0


class PairRunner:
    """Runs the tasks (one or more) of one site; what does not depend on the seed is kept."""

    def __init__(self, setting: Setting, laps: int) -> None:
        self._setting, self._laps = setting, laps
        self._scorer = Scorer(setting.site, setting.world, setting.world_file)

    def run(self, seed: int, scenario: Scenario, tasks: Sequence[Task]) -> Pair:
        """Until every robot has ended its patrol, or time is up."""
        setting = self._setting
        simulator = Simulator(
            setting.world, [setting.setup(task.robot) for task in tasks], scenario, seed,
            docks=tuple(dock.pose for dock in setting.site.docks),
        )  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="ronda-two-") as name:
            folders = [Path(name) / task.robot for task in tasks]
            loops = [
                self._loop(simulator, task, folder, seed * len(tasks) + index)
                for index, (task, folder) in enumerate(zip(tasks, folders, strict=True))
            ]
            watch = _Watch(loops)
            self._drive(loops, tasks, watch)
            for loop in loops:
                loop.close()
            verdicts = tuple(
                self._judge(simulator, task, folder, meter)
                for task, folder, meter in zip(tasks, folders, watch.meters, strict=True)
            )
        names = {task.robot for task in tasks}
        touched = sum(contact.other in names for contact in simulator.truth().contacts)
        simulator.close()
        tracks = tuple(map(tuple, watch.tracks))
        return Pair(seed, verdicts, touched, watch.nearest_m, watch.meetings, watch.strays, tracks)

    def _loop(self, simulator: Simulator, task: Task, folder: Path, seed: int) -> ClosedLoop:
        folder.mkdir()
        setting = self._setting
        site = with_own_docks(setting.site, task.dock_id)
        context = ProcessContext(site, setting.robot, folder, seed, EPOCH_S)
        loop = ClosedLoop(simulator, context, namespace=task.robot)
        loop.setup()
        return loop

    def _drive(self, loops: Sequence[ClosedLoop], tasks: Sequence[Task], watch: _Watch) -> None:
        ideal_s = max(self._scorer.ideal_lap_s(task.route_id) for task in tasks)
        limit_s = GIVE_UP_FACTOR * self._laps * ideal_s + 120.0
        first = loops[0]
        while first.now_s < limit_s and not all(loop.finished() for loop in loops):
            if abs(first.now_s - START_S) < 1e-6:
                for loop, task in zip(loops, tasks, strict=True):
                    loop.start_patrol(task.route_id, self._laps)
            step_together(loops)
            watch.look()
        end_s = first.now_s + SETTLE_S
        while first.now_s < end_s:
            step_together(loops)

    def _judge(
        self, simulator: Simulator, task: Task, folder: Path, meter: PoseErrorMeter
    ) -> Verdict:
        reader = RecordReader(folder)
        try:
            patrol = patrol_starts(reader)[-1].patrol_id
            return self._scorer.judge(
                simulator.truth(),
                reader.events(patrol),
                reader.incidents(),
                meter.result(),
                task.robot,
            )
        finally:
            reader.close()


class _Watch:
    """What is seen from outside at every step."""

    def __init__(self, loops: Sequence[ClosedLoop]) -> None:
        self._loops = loops
        self.meters = [PoseErrorMeter() for _ in loops]
        self.tracks: list[list[tuple[float, float]]] = [[] for _ in loops]
        self.nearest_m = np.inf
        self.meetings = 0
        self.strays = 0
        self._met = True  # they start where they start

    def look(self) -> None:
        poses = [loop.robot.pose for loop in self._loops]
        if len(poses) > 1:
            self._note_distance(poses[0].distance_to(poses[1]))
        if not self._loops[0].due(TRACK_PERIOD_S):
            return
        for index, (loop, pose) in enumerate(zip(self._loops, poses, strict=True)):
            self.tracks[index].append((round(pose.x_m, 3), round(pose.y_m, 3)))
            if loop.pose is not None:
                self._note_belief(index, loop.pose.pose, poses)

    def _note_distance(self, distance_m: float) -> None:
        self.nearest_m = min(self.nearest_m, distance_m)
        if distance_m < MET_WITHIN_M and not self._met:
            self.meetings += 1
            self._met = True
        elif distance_m > MET_WITHIN_M + 1.0:
            self._met = False

    def _note_belief(self, index: int, believed: Pose2, poses: Sequence[Pose2]) -> None:
        self.meters[index].add(believed, poses[index])
        away_m = [believed.distance_to(pose) for pose in poses]
        self.strays += min(away_m) < away_m[index]
