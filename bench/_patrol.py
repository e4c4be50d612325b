"""A patrol that runs in the ROS graph at real time, for benchmarks that look at it or hurt it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from patrol_sim.truth import RobotTruth, truth_from_json
from ronda_cli.environment.paths import ROOT
from ronda_cli.launcher.start import start
from ronda_cli.live.watcher import RobotWatcher
from ronda_cli.scorer import TruthListener
from ronda_cli.setting import Setting

MOVING_MPS = 0.8
START_WITHIN_S = 120.0
MOVE_WITHIN_S = 90.0
LAPS = 20


class MeasurementError(Exception):
    """The system did not do what is to be measured."""


class RunningPatrol:
    """Starts everything at once, with the site's own scenario. `close` ends it."""

    def __init__(self, setting: Setting, seed: int, folder: Path, *, camera: bool = False) -> None:
        """Raises MeasurementError when it does not start."""
        site = setting.site
        self.robot: RobotTruth | None = None
        self.stamp_s = 0.0
        self.watcher = RobotWatcher()
        self.launch = start(
            "sim.launch.xml",
            {
                "site": str(site.folder),
                "world": str(setting.world_file),
                "scenario": str(ROOT / "sim" / "scenarios" / f"{site.folder.name}.yaml"),
                "run_folder": str(folder),
                "seed": str(seed),
                "speed": "1.0",
                "camera": str(camera).lower(),
            },
            folder / "logs",
        )
        self.watcher.listen()
        self.watcher.on_text(TruthListener.topic, self._hear)
        try:
            missing = self.watcher.state.missing
            self.until(lambda: not missing(), START_WITHIN_S, "it did not start")
        except MeasurementError:
            self.close()
            raise
        self.watcher.start_patrol(site.routes[0].route_id, LAPS)

    def close(self) -> None:
        """End every process."""
        self.launch.stop()
        self.watcher.close()

    def drive(self) -> None:
        """Wait until the robot drives. Raises MeasurementError when it does not."""
        self.until(self._drives, MOVE_WITHIN_S, "the robot did not drive")

    def spin(self, duration_s: float) -> None:
        """Go on for a while of wall time."""
        self.launch.poll()
        self.watcher.spin(duration_s)

    def until(self, condition: Callable[[], bool], limit_s: float, problem: str) -> None:
        """Go on until the condition holds. Raises MeasurementError after the limit."""
        end_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end_s:
                raise MeasurementError(problem)
            self.spin(0.05)

    def _hear(self, text: str) -> None:
        truth = truth_from_json(text)
        self.stamp_s, self.robot = truth.stamp_s, truth.robots[0]

    def _drives(self) -> bool:
        return self.robot is not None and abs(self.robot.linear_mps) > MOVING_MPS
