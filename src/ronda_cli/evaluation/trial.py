"""One patrol in closed loop, from a seed to a verdict."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.types.motion import PoseEstimate
from patrol_gazebo.simulator import GazeboSimulator
from patrol_records.queries_patrols import patrol_starts
from patrol_records.reader import RecordReader
from patrol_sim.scenario import Scenario
from patrol_sim.scenario_random import Draw, Ground, ground_of, random_scenario
from patrol_sim.simulator import Simulator
from patrol_sim.stage import Stage
from ronda_cli.closed_loop import ClosedLoop, ParamsByProcess
from ronda_cli.environment.gazebo import FOLDER_VARIABLE
from ronda_cli.scorer import PoseErrorMeter, Scorer, Verdict
from ronda_cli.setting import Setting, load_setting

EPOCH_S = datetime(2026, 6, 2, 20, 0, tzinfo=timezone.utc).timestamp()
"""A Tuesday evening: every simulated patrol begins then."""
START_S = 1.0
TRACK_PERIOD_S = 0.5
SETTLE_S = 3.0
GIVE_UP_FACTOR = 4.0
"""A patrol that takes this many times the ideal has failed."""


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """What is varied between evaluations; between `min_people` and `people` there are.

    `engine`: which simulator, embedded or gazebo_classic (set up, and named by the environment).
    `own_params`: of a robot's own folder, by process and dotted name.
    """

    site: str
    laps: int = 1
    people: int = 10
    camera: bool = False
    controller: str = ""
    min_people: int = 0
    engine: str = "embedded"
    own_params: ParamsByProcess = field(default_factory=dict)

    def overrides(self) -> ParamsByProcess:
        return {"nav": {"controller": self.controller}} if self.controller else {}


@dataclass(frozen=True, slots=True)
class Trial:
    """A judged run: its seed, its verdict, the true track (x, y every half second), its cost."""

    seed: int
    verdict: Verdict
    track: tuple[tuple[float, float], ...]
    simulated_s: float
    wall_s: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class TrialRunner:
    """Runs trials of one site; what does not depend on the seed is loaded once."""

    def __init__(self, options: TrialOptions) -> None:
        self.options = options
        self.setting: Setting = load_setting(options.site)
        self._ground: Ground = ground_of(self.setting.world, self.setting.site)
        self._scorer = Scorer(self.setting.site, self.setting.world, self.setting.world_file)

    def scenario(self, seed: int) -> Scenario:
        """The people and things of a seed."""
        draw = Draw(min_people=self.options.min_people, max_people=self.options.people)
        return random_scenario(self.setting.world, self.setting.site, seed, draw, self._ground)

    def run(self, seed: int, wall_clock: Callable[[], float], folder: Path | None = None) -> Trial:
        """One patrol; records go to `folder`, or to a folder that is deleted afterwards."""
        if folder is None:
            with tempfile.TemporaryDirectory(prefix="ronda-") as temporary:
                return self._run(seed, wall_clock, Path(temporary))
        return self._run(seed, wall_clock, folder)

    def _run(self, seed: int, wall_clock: Callable[[], float], folder: Path) -> Trial:
        setting, options = self.setting, self.options
        simulator = self._simulator(seed)
        context = ProcessContext(setting.site, setting.robot, folder, seed, EPOCH_S)
        loop = ClosedLoop(simulator, context, options.overrides(), own_params=options.own_params)
        loop.setup()
        started = wall_clock()
        try:
            track, errors = self._drive(loop)
        finally:
            loop.close()
            simulator.close()
        reader = RecordReader(folder)
        patrol = patrol_starts(reader)[-1].patrol_id
        verdict = self._scorer.judge(
            simulator.truth(), reader.events(patrol), reader.incidents(), errors.result()
        )
        reader.close()
        return Trial(seed, verdict, tuple(track), simulator.now_s, wall_clock() - started)

    def _simulator(self, seed: int) -> Stage:
        setting, scenario = self.setting, self.scenario(seed)
        docks = tuple(dock.pose for dock in setting.site.docks)
        if self.options.engine == "gazebo_classic":
            return GazeboSimulator(
                setting.world, [setting.setup()], scenario, seed,
                folder=Path(os.environ[FOLDER_VARIABLE]), docks=docks,
            )  # fmt: skip
        camera = self.options.camera
        return Simulator(
            setting.world, [setting.setup()], scenario, seed, docks=docks, camera=camera
        )

    def _drive(self, loop: ClosedLoop) -> tuple[list[tuple[float, float]], PoseErrorMeter]:
        route_id = self.setting.site.routes[0].route_id
        limit_s = GIVE_UP_FACTOR * self.options.laps * self._scorer.ideal_lap_s(route_id) + 120.0
        meter = PoseErrorMeter()
        track: list[tuple[float, float]] = []
        believed: PoseEstimate | None = None
        real: deque[tuple[float, Pose2]] = deque(maxlen=50)
        robot = loop.simulator.robot()
        while loop.now_s < limit_s and not loop.finished():
            if abs(loop.now_s - START_S) < 1e-6:
                loop.start_patrol(route_id, self.options.laps)
            loop.step()
            real.append((loop.now_s, robot.pose))
            if loop.pose is not None and loop.pose is not believed:
                believed = loop.pose
                true = true_pose_at(believed.stamp_s, real)
                if true is not None:
                    meter.add(believed.pose, true)
            if loop.due(TRACK_PERIOD_S):
                track.append((round(robot.pose.x_m, 3), round(robot.pose.y_m, 3)))
        while loop.now_s < limit_s and not loop.due(SETTLE_S):
            loop.step()
        return track, meter


def true_pose_at(stamp_s: float, real: deque[tuple[float, Pose2]]) -> Pose2 | None:
    """The true pose at a belief's own stamp, among stamps and poses; None where not known."""
    return next((pose for at_s, pose in reversed(real) if abs(at_s - stamp_s) < 1e-3), None)
