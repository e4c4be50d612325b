"""The real link of a robot to the console, told by a test what other processes say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from patrol_console.assembly import Console
from patrol_console.link import RobotLink
from patrol_core.component import ProcessContext
from patrol_core.hosting import HostedProcess
from patrol_core.robot import load_robot
from patrol_core.site import load_site
from patrol_core.topics import Topic
from tests.simulated import ROOT


class LinkedRobot:
    """`link`: as the web sees the robot. `said`: everything that the console has published."""

    def __init__(
        self, folder: Path, site: Path = ROOT / "sites" / "depot", name: str = "ronda"
    ) -> None:
        model = load_robot(ROOT / "urdf" / "config" / "rover.yaml")
        self.link = RobotLink(name, ProcessContext(load_site(site), model, folder))
        self._hosted = HostedProcess("console", [Console(self.link)])
        self.now_s = 0.0
        self.said: list[tuple[Topic[Any], Any]] = []

    def hear(self, topic: Topic[Any], value: Any) -> None:
        """Another process publishes."""
        self._hosted.store(topic, value, self.now_s)

    def tick(self, seconds: float = 0.02) -> None:
        """Time passes, in ticks of 20 ms."""
        end_s = self.now_s + seconds
        while self.now_s < end_s - 1e-9:
            self.now_s = round(self.now_s + 0.02, 2)
            self.said += self._hosted.tick(self.now_s)

    def said_on(self, topic: Topic[Any]) -> list[Any]:
        return [value for row, value in self.said if row is topic]

    def serve(self) -> None:
        """Events are told at once, as if the web's loop were this thread."""
        self.link.serve(lambda call: call())
