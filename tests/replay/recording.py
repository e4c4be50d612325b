"""A recorded lap: what the base said, and where it was.

`python -m tests.replay.recording` makes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from patrol_core import topics
from patrol_core.geometry import Pose2, Transform3
from patrol_core.topics import Topic
from patrol_core.types.motion import Odometry, StampedTransform, Transforms
from patrol_core.types.sensors import Imu, LaserScan

LAP = Path(__file__).parent / "data" / "yard_lap.npz"
SITE, SEED, PEOPLE = "yard", 2001, 2
_MILLIMETRE = 1e-3
_NOTHING = 65535
_INVALID = 65534


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Arrays by row: stamps [s] and values; `truth` is (N, 4) of stamp, x, y, yaw."""

    scan_stamps: npt.NDArray[np.float64]
    scan_ranges_mm: npt.NDArray[np.uint16]
    scan_shape: npt.NDArray[np.float64]
    odometry: npt.NDArray[np.float64]
    imu: npt.NDArray[np.float64]
    truth: npt.NDArray[np.float64]
    objects: npt.NDArray[np.float64]

    def messages(self) -> Iterator[tuple[float, Topic[Any], Any]]:
        """Stamp, row and value of everything that the base said, in order of time."""
        said = [*self._scans(), *self._odometry(), *self._imu()]
        return iter(sorted(said, key=lambda message: message[0]))

    def _scans(self) -> Iterator[tuple[float, Topic[Any], Any]]:
        start, step, nearest, farthest = self.scan_shape.tolist()
        for stamp, row in zip(self.scan_stamps.tolist(), self.scan_ranges_mm, strict=True):
            ranges = row.astype(np.float32) * np.float32(_MILLIMETRE)
            ranges[row == _NOTHING] = np.inf
            ranges[row == _INVALID] = np.nan
            scan = LaserScan(stamp, "lidar_link", start, step, nearest, farthest, ranges)
            yield stamp, topics.SCAN, scan

    def _odometry(self) -> Iterator[tuple[float, Topic[Any], Any]]:
        for stamp, x, y, yaw, linear, angular in self.odometry.tolist():
            pose = Pose2(x, y, yaw)
            yield stamp, topics.ODOM, Odometry(stamp, pose, linear, angular)
            edge = StampedTransform(stamp, "odom", "base_link", Transform3.from_pose2(pose))
            yield stamp, topics.TF, Transforms((edge,))

    def _imu(self) -> Iterator[tuple[float, Topic[Any], Any]]:
        for stamp, *values in self.imu.tolist():
            rate, force = tuple(values[:3]), tuple(values[3:])
            yield stamp, topics.IMU, Imu(stamp, rate, force)


def load_recording(path: Path = LAP) -> Recording:
    with np.load(path) as arrays:
        return Recording(**arrays)


def _encode(ranges: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    with np.errstate(invalid="ignore"):
        code = np.round(np.nan_to_num(ranges, nan=0.0, posinf=0.0) / _MILLIMETRE).astype(np.uint16)
    code[np.isposinf(ranges)] = _NOTHING
    code[np.isnan(ranges)] = _INVALID
    return code


def record() -> None:
    """Drive one lap in closed loop and keep what the base said."""
    import tempfile

    from patrol_core.component import ProcessContext
    from patrol_sim.simulator import Simulator
    from ronda_cli.closed_loop import ClosedLoop
    from ronda_cli.evaluation.trial import EPOCH_S, TrialOptions, TrialRunner

    runner = TrialRunner(TrialOptions(SITE, people=PEOPLE))
    setting, scenario = runner.setting, runner.scenario(SEED)
    docks = tuple(dock.pose for dock in setting.site.docks)
    simulator = Simulator(setting.world, [setting.setup()], scenario, SEED, docks=docks)
    robot = simulator.robot()
    heard: list[tuple[str, Any]] = []
    truth: list[tuple[float, ...]] = []
    original = robot.outputs

    def listen() -> Any:
        outputs = original()
        heard.extend((topic.name, value) for topic, value in outputs)
        return outputs

    robot.outputs = listen  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        context = ProcessContext(setting.site, setting.robot, Path(folder), SEED, EPOCH_S)
        loop = ClosedLoop(simulator, context)
        loop.setup()
        loop.step()
        loop.start_patrol(setting.site.routes[0].route_id, 1)
        while not loop.finished():
            loop.step()
            pose = robot.pose
            truth.append((loop.now_s, pose.x_m, pose.y_m, pose.yaw_rad))
        loop.close()
    rows = {name: [v for n, v in heard if n == name] for name in ("scan", "odom", "imu/data")}
    scans: list[LaserScan] = rows["scan"]
    first = scans[0]
    np.savez_compressed(
        LAP,
        scan_stamps=np.array([scan.stamp_s for scan in scans]),
        scan_ranges_mm=np.stack([_encode(scan.ranges_m) for scan in scans]),
        scan_shape=np.array([
            first.angle_min_rad, first.angle_increment_rad, first.range_min_m, first.range_max_m
        ]),
        odometry=np.array([
            (o.stamp_s, o.pose.x_m, o.pose.y_m, o.pose.yaw_rad, o.linear_mps, o.angular_radps)
            for o in rows["odom"]
        ]),
        imu=np.array([
            (i.stamp_s, *i.angular_velocity_radps, *i.linear_acceleration_mps2)
            for i in rows["imu/data"]
        ]),
        truth=np.array(truth),
        objects=np.array([
            (o.pose.x_m, o.pose.y_m, o.size_m[0], o.planted) for o in scenario.objects
        ]),
    )  # fmt: skip


if __name__ == "__main__":
    record()
