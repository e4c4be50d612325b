"""Two recorded drives along the same way, rendered, at a quarter of the pixels.

On the first nothing special stands there; on the second, in another light, a bag does, and a box
has gone. `python -m tests.replay.change_recording` makes it anew (with `bench` on PYTHONPATH).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import CameraInfo, DepthImage
from patrol_perception.photos import Frame
from patrol_perception.view import View

DRIVES = Path(__file__).parent / "data" / "change_drives.npz"
SITE, SEED = "depot", 2001
NEW_M, GONE_M = (4.4, -0.5), (4.8, 0.7)
"""Where the bag stands and the box stood, in the robot's pose at the start."""
_MILLIMETRE = 1e-3
_FRAME_ID = "camera_optical_frame"


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """Pictures one after another: `jpegs` are joined bytes of `lengths`; depth is (N, H, W) in
    millimetres, 0 where unknown; `poses` (N, 4, 4) are of the camera in `map`, as believed."""

    jpegs: npt.NDArray[np.uint8]
    lengths: npt.NDArray[np.int64]
    depth_mm: npt.NDArray[np.uint16]
    poses: FloatArray

    def frames(self) -> Iterator[tuple[Frame, DepthImage]]:
        """One a second, as the blurred camera gives them."""
        ends = np.cumsum(self.lengths)
        for number, (end, length) in enumerate(zip(ends, self.lengths, strict=True)):
            jpeg = self.jpegs[end - length : end].tobytes()
            depth = self.depth_mm[number].astype(np.float32) * np.float32(_MILLIMETRE)
            depth[depth == 0.0] = np.nan
            stamp_s = float(number)
            view = View(stamp_s, info_of(depth), self.poses[number], Pose2(0.0, 0.0))
            yield Frame(jpeg, view, (), depth), DepthImage(stamp_s, _FRAME_ID, depth)


def info_of(depth: npt.NDArray[np.float32]) -> CameraInfo:
    """The rover's camera with pictures twice as wide as its depth."""
    height, width = depth.shape
    focal_px = 337.4 * width / 320.0
    return CameraInfo(
        0.0, _FRAME_ID, 2 * width, 2 * height, focal_px, focal_px, width - 0.5, height - 0.5
    )


def load_drives() -> tuple[Drive, Drive, FloatArray]:
    """The drive to learn on, the one to judge, and where (2, 2) the bag stands and the box stood
    (`map`)."""
    with np.load(DRIVES) as data:
        first, second = (
            Drive(*(data[f"{name}{k}"] for name in ("jpegs", "lengths", "depth_mm", "poses")))
            for k in (0, 1)
        )
        return first, second, data["truth"]


def record() -> None:
    """Render both drives."""
    from _change_scenes import Stage, Thing, light_of

    from ronda_cli.setting import load_setting

    stage, rng = Stage(load_setting(SITE), SEED), np.random.default_rng(SEED)
    start = stage.place(220)
    at = [start.compose(Pose2(*place, 0.4)) for place in (NEW_M, GONE_M)]
    box = Thing(6, at[1], (0.55, 0.4, 0.15))
    bag = Thing(3, at[0], (0.15, 0.2, 0.45))
    saved: dict[str, npt.NDArray[np.generic]] = {"truth": np.array([(p.x_m, p.y_m) for p in at])}
    for k, (things, light) in enumerate((((box,), "morning"), ((bag,), "shadows"))):
        lit = replace(light_of(light, rng), azimuth_rad=2.0) if k else light_of(light, rng)
        jpegs, depths, poses = [], [], []
        for step in range(9):
            base = start.compose(Pose2(0.42 * step + 0.1 * k, 0.12 * k, 0.02 * k))
            shot = stage.shot(things, lit, base, rng)
            small = cv2.resize(shot.picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            jpegs.append(np.frombuffer(cv2.imencode(".jpg", small)[1].tobytes(), np.uint8))
            mm = np.nan_to_num(shot.depth.depth_m[1::4, 1::4] / _MILLIMETRE, nan=0.0)
            depths.append(np.rint(mm / 10.0).astype(np.uint16) * np.uint16(10))
            poses.append(shot.view.to_map)
        saved |= {
            f"jpegs{k}": np.concatenate(jpegs), f"lengths{k}": np.array([len(j) for j in jpegs]),
            f"depth_mm{k}": np.stack(depths), f"poses{k}": np.stack(poses),
        }  # fmt: skip
    stage.close()
    np.savez_compressed(DRIVES, **saved)  # type: ignore[arg-type]


if __name__ == "__main__":
    record()
