"""The folder of reference views: what is written comes back, and damage is said in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrol_core.errors import ConfigError
from patrol_core.geometry import Pose2
from patrol_core.types.sensors import CameraInfo
from patrol_perception.change.store import INDEX, load_views, save_views
from patrol_perception.change.views import ReferenceView, depth_png_of
from patrol_perception.view import View

INFO = CameraInfo(0.0, "camera_optical_frame", 32, 24, 20.0, 20.5, 16.0, 12.0)


def view(stamp_s: float, x_m: float) -> ReferenceView:
    rng = np.random.default_rng(round(stamp_s))
    depth = rng.uniform(0.5, 9.0, (12, 16)).astype(np.float32)
    hidden = rng.random((12, 16)) < 0.1
    depth[hidden | (rng.random((12, 16)) < 0.1)] = np.nan
    picture = rng.integers(0, 255, (24, 32, 3), np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    to_map = np.array(
        [[0.0, 0.0, 1.0, x_m], [-1.0, 0.0, 0.0, 2.0], [0.0, -1.0, 0.0, 0.5], [0.0, 0.0, 0.0, 1.0]]
    )
    png = depth_png_of(depth, hidden)
    return ReferenceView(stamp_s, 2, View(stamp_s, INFO, to_map, Pose2(0.0, 0.0)), jpeg, png)


def test_depth_and_what_is_hidden_come_back_from_a_png() -> None:
    depth = np.array([[1.234, np.nan, np.inf, 5.0]], np.float32)
    hidden = np.array([[False, False, False, True]])
    png = depth_png_of(depth, hidden)
    back, covered = replace(view(1.0, 0.0), depth_png=png).planes()
    np.testing.assert_array_equal(covered, hidden)
    np.testing.assert_allclose(back, [[1.23, np.nan, np.nan, np.nan]], atol=1e-6)


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    written = [view(1000.25, 1.0), view(1000.25, 3.0), view(2000.0, 5.0)]
    save_views(tmp_path, written)
    for before, after in zip(written, load_views(tmp_path), strict=True):
        assert (after.stamp_s, after.light) == (before.stamp_s, 2)
        assert (after.jpeg, after.depth_png) == (before.jpeg, before.depth_png)
        assert after.view.info == INFO
        np.testing.assert_allclose(after.view.to_map, before.view.to_map)


def test_pictures_that_are_replaced_are_removed(tmp_path: Path) -> None:
    save_views(tmp_path, [view(1000.0, 1.0), view(2000.0, 1.0)])
    save_views(tmp_path, [view(2000.0, 1.0)])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["000000002000000.jpg", "000000002000000.png", INDEX]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write the reference views"):
        save_views(tmp_path / "file" / "views", [view(1.0, 1.0)])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (INDEX, b"{"),
        (INDEX, b"[]"),
        (INDEX, b'{"version": 7, "views": []}'),
        (INDEX, b'{"version": 1, "views": [3]}'),
        (INDEX, b"\xff"),
        ("000000001000000.jpg", b""),
        ("000000001000000.jpg", b"no picture"),
        ("000000001000000.png", b""),
        ("000000001000000.png", depth_png_of(np.ones((3, 3), np.float32), np.eye(3) > 0.0)),
    ],
)
def test_damage_is_told_with_file_and_remedy(tmp_path: Path, name: str, data: bytes) -> None:
    save_views(tmp_path, [view(1000.0, 1.0)])
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigError) as told:
        load_views(tmp_path)
    assert told.value.place is not None and told.value.place.file == tmp_path / name
    assert "learn the views again" in told.value.remedy


def test_a_missing_picture_is_told(tmp_path: Path) -> None:
    save_views(tmp_path, [view(1000.0, 1.0)])
    (tmp_path / "000000001000000.jpg").unlink()
    with pytest.raises(ConfigError, match="No such file"):
        load_views(tmp_path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


_KEYS = ("name", "stamp_s", "light", "frame_id", "camera", "camera_in_map", "crc")


@settings(max_examples=60, deadline=None, suppress_health_check=[
    HealthCheck.function_scoped_fixture
])  # fmt: skip
@given(key=st.sampled_from(_KEYS),
       value=_JSON)  # fmt: skip
def test_whatever_an_entry_holds_it_is_read_or_refused(
    tmp_path: Path, key: str, value: object
) -> None:
    save_views(tmp_path, [view(1000.0, 1.0)])
    document = json.loads((tmp_path / INDEX).read_text(encoding="utf-8"))
    document["views"][0][key] = value
    (tmp_path / INDEX).write_text(json.dumps(document), encoding="utf-8")
    try:
        (read,) = load_views(tmp_path)
    except ConfigError:
        return
    assert read.planes()[0].shape == (12, 16)
