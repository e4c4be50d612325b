"""Reference views in a folder: `views.json`, and for each view NAME.jpg and NAME.png.

The JPEG is the blurred picture, the PNG its depth and what is hidden in it (`depth_png_of`). No
picture is stored that was not blurred before. The index has the check sums of both (CRC-32).
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import Pose2
from patrol_core.types.sensors import CameraInfo
from patrol_core.whole_file import write_whole
from patrol_perception.change.views import ReferenceView
from patrol_perception.view import View

INDEX = "views.json"
VERSION = 1
_REMEDY = "learn the views again, or remove the folder: then no changes are looked for"
_CAMERA = ("width_px", "height_px", "fx_px", "fy_px", "cx_px", "cy_px")


def load_views(folder: Path) -> list[ReferenceView]:
    """The views of a folder. Raises ConfigError where there are none or one is damaged."""
    path = folder / INDEX
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(path, f"cannot read the reference views: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise _wrong(path, f"not valid JSON: {error.msg}", line=error.lineno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise _wrong(path, "not the index of reference views") from error
    known = document.get("views") if isinstance(document, dict) else None
    if not isinstance(known, list) or document.get("version") != VERSION:
        raise _wrong(path, "not an index of reference views", f"version {VERSION} and a list")
    return [_view(folder, number, entry) for number, entry in enumerate(known)]


def save_views(folder: Path, views: Iterable[ReferenceView]) -> None:
    """Write the views, and remove pictures that are no longer among them.

    The index is written last: until then the old one holds. Raises ConfigError.
    """
    index: list[dict[str, Any]] = []
    names: set[str] = set()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for view in views:
            name = _name(view, names)
            names.add(name)
            write_whole(folder / f"{name}.jpg", view.jpeg)
            write_whole(folder / f"{name}.png", view.depth_png)
            info = view.view.info
            index.append(
                {
                    "name": name, "stamp_s": view.stamp_s, "light": view.light,
                    "frame_id": info.frame_id, "camera": [getattr(info, key) for key in _CAMERA],
                    "camera_in_map": view.view.to_map[:3].tolist(),
                    "crc": [zlib.crc32(view.jpeg), zlib.crc32(view.depth_png)],
                }
            )  # fmt: skip
        document = {"version": VERSION, "views": index}
        write_whole(folder / INDEX, json.dumps(document, indent=0).encode())
        for path in (*folder.glob("*.jpg"), *folder.glob("*.png")):
            if path.stem not in names:
                path.unlink()
    except OSError as error:
        raise ConfigError(
            f"cannot write the reference views: {error.strerror}", place=Place(folder),
            remedy="free disk space and check that the folder is writable",
        ) from error  # fmt: skip


def _name(view: ReferenceView, taken: set[str]) -> str:
    name = f"{round(view.stamp_s * 1000.0):015d}"
    while name in taken:
        name = f"{name}a"
    return name


def _view(folder: Path, number: int, entry: Any) -> ReferenceView:
    path = folder / INDEX
    what = f"view {number + 1} in the list"
    try:
        name, frame_id = entry["name"], entry["frame_id"]
        jpeg_crc, png_crc = entry["crc"]
        numbers = [float(value) for value in entry["camera"]]
        pose = np.array(entry["camera_in_map"], dtype=np.float64)
        stamp_s, light = float(entry["stamp_s"]), int(entry["light"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _wrong(path, f"{what} is incomplete") from error
    if (
        not isinstance(name, str) or not name.isalnum() or not isinstance(frame_id, str)
        or len(numbers) != len(_CAMERA) or not all(map(math.isfinite, (*numbers, stamp_s)))
        or not all(16 <= edge <= 10000 for edge in numbers[:2]) or min(numbers[2:4]) <= 0.0
        or pose.shape != (3, 4) or not np.isfinite(pose).all()
        or not np.allclose(pose[:, :3] @ pose[:, :3].T, np.eye(3), atol=1e-3)
    ):  # fmt: skip
        raise _wrong(path, f"{what} makes no sense", "a name, a camera and where it stood")
    info = CameraInfo(0.0, frame_id, int(numbers[0]), int(numbers[1]), *numbers[2:])
    to_map = np.concatenate((pose, [[0.0, 0.0, 0.0, 1.0]]))
    return ReferenceView(
        stamp_s, light, View(stamp_s, info, to_map, Pose2(0.0, 0.0)),
        _bytes(folder / f"{name}.jpg", jpeg_crc), _bytes(folder / f"{name}.png", png_crc),
    )  # fmt: skip


def _bytes(path: Path, crc: object) -> bytes:
    """What was written to a file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _wrong(path, f"cannot read a reference view: {error.strerror}") from error
    if zlib.crc32(data) != crc:
        raise _wrong(path, "a reference view is damaged", "the check sum in the index")
    return data


def _wrong(
    path: Path, problem: str, expected: str = "what learning views writes", line: int | None = None
) -> ConfigError:
    return ConfigError(problem, place=Place(path, line), expected=expected, remedy=_REMEDY)
