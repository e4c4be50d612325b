"""A hosted process hands on within the tick and keeps the order of its components."""

from __future__ import annotations

from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.hosting import HostedProcess
from patrol_core.topics import AMCL_POSE, GOAL_POSE, INITIALPOSE
from patrol_core.types.motion import PoseEstimate


class Relay(Component):
    """Adds one metre to what it reads."""

    rate_hz = 10.0

    def __init__(self, name: str, source: object, target: object, log: list[str]) -> None:
        self.name, self.reads, self.writes = name, (source,), (target,)  # type: ignore[assignment]
        self._log = log

    def setup(self) -> None:
        self._log.append(f"open {self.name}")

    def close(self) -> None:
        self._log.append(f"close {self.name}")

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        outputs = Outputs()
        found = [*inputs.events(self.reads[0])]
        newest = inputs.latest(self.reads[0])
        for value in found or ([newest] if newest else []):
            outputs.put(self.writes[0], PoseEstimate(now_s, Pose2(value.pose.x_m + 1.0, 0.0)))
        return outputs


def test_later_components_see_earlier_outputs_in_the_same_tick() -> None:
    log: list[str] = []
    process = HostedProcess(
        "nav",
        [Relay("first", INITIALPOSE, AMCL_POSE, log), Relay("second", AMCL_POSE, GOAL_POSE, log)],
    )
    process.setup()
    process.store(INITIALPOSE, PoseEstimate(0.0, Pose2(1.0, 0.0)), 0.0)
    published = process.tick(1.0)
    assert [(topic.name, value.pose.x_m) for topic, value in published] == [
        ("amcl_pose", 2.0),
        ("goal_pose", 3.0),
    ]
    assert [row.name for row in process.reads] == ["initialpose", "amcl_pose"]
    process.close()
    assert log == ["open first", "open second", "close second", "close first"]
