"""The camera's core on a source that is told what to give, and on real video files."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol_core.robot import load_robot
from patrol_core.topics import CAMERA_INFO, CAMERA_RAW, DIAGNOSTICS
from patrol_core.types.sensors import CameraInfo, CompressedImage
from patrol_core.types.status import Health, HealthLevel
from patrol_drivers.camera.camera import Camera, pinhole
from patrol_drivers.camera.params import CameraParams
from patrol_drivers.camera.source import Picture, VideoSource
from ronda_cli.environment.paths import ROOT

MODEL = load_robot(ROOT / "urdf" / "config" / "rover.yaml").camera
EPOCH_S = 1.7e9


def picture(number: int, width_px: int = 640, height_px: int = 480) -> Picture:
    """One grey all over, another for every number."""
    return np.broadcast_to(np.uint8((number * 37) % 251), (height_px, width_px, 3))


class FakeSource:
    """Frames at 30 Hz, each another one; grabbing takes until the next is there."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.missing = ""
        self.gives = True
        self.stuck = False
        self.size = (640, 480)
        self.opened = 0
        self.is_open = False
        self.number = 0

    def open(self, steady_s: float) -> str:
        self.opened += 1
        self.is_open = not self.missing
        return self.missing

    def due(self, steady_s: float) -> bool:
        return True

    def grab(self) -> bool:
        assert self.is_open
        self.bench.now_s = (math.floor(self.bench.now_s * 30.0 + 1e-6) + 1) / 30.0
        self.number += not self.stuck
        return self.gives

    def retrieve(self) -> Picture | None:
        return picture(self.number, *self.size)

    def close(self) -> None:
        self.is_open = False


class Bench:
    """Camera and source on a clock of their own."""

    def __init__(self, params: CameraParams | None = None) -> None:
        self.now_s = 100.0
        self.source = FakeSource(self)
        self.camera = Camera(
            MODEL, params or CameraParams(), self.source,
            lambda: EPOCH_S + self.now_s, lambda: self.now_s,
        )  # fmt: skip
        self.pictures: list[CompressedImage] = []
        self.infos: list[CameraInfo] = []
        self.health: list[Health] = []

    def run(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            outputs = self.camera.step()
            self.pictures += outputs.of(CAMERA_RAW)
            self.infos += outputs.of(CAMERA_INFO)
            self.health += outputs.of(DIAGNOSTICS)
            self.now_s += 0.01


def grey(image: CompressedImage) -> int:
    decoded = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return round(float(decoded.mean()))


@pytest.mark.parametrize("rate_hz", [0.0, 2.0, 15.0])
def test_pictures_come_at_the_rate_stamped_when_they_were_grabbed(rate_hz: float) -> None:
    bench = Bench(CameraParams(rate_hz=rate_hz))
    bench.run(4.0)
    wanted_hz = rate_hz or MODEL.rate_hz
    assert len(bench.pictures) == pytest.approx(4.0 * wanted_hz, abs=2)
    for image in bench.pictures:
        after_s = (image.stamp_s - EPOCH_S) * 30.0
        assert after_s == pytest.approx(round(after_s), abs=1e-3), "when a frame was there"
        frame = round((image.stamp_s - EPOCH_S - 100.0) * 30.0)
        assert grey(image) == pytest.approx((frame * 37) % 251, abs=2), "the newest frame"
        assert (image.frame_id, image.encoding) == ("camera_optical_frame", "jpeg")
    assert bench.health[-1].level is HealthLevel.OK
    assert len(bench.infos) == 1


def test_the_pinhole_shows_the_field_of_view() -> None:
    info = pinhole(0.0, 640, 480, MODEL.horizontal_fov_rad)
    half_rad = math.atan2(info.width_px - info.cx_px, info.fx_px)
    assert 2.0 * half_rad == pytest.approx(MODEL.horizontal_fov_rad)
    assert info.fx_px == info.fy_px and (info.cx_px, info.cy_px) == (320.0, 240.0)


def test_another_size_is_told_and_has_a_model_of_its_own() -> None:
    bench = Bench()
    bench.source.size = (320, 240)
    bench.run(2.0)
    assert bench.health[-1].level is HealthLevel.WARN
    assert "320 x 240, not 640 x 480" in bench.health[-1].message
    bench.source.size = (640, 480)
    bench.run(2.0)
    assert [info.width_px for info in bench.infos] == [320, 640]
    assert bench.health[-1].level is HealthLevel.OK


def test_a_missing_camera_is_told_and_tried_again() -> None:
    bench = Bench()
    bench.source.missing = "there is no /dev/ronda_camera: is the camera plugged in?"
    bench.run(5.0)
    assert not bench.pictures
    assert bench.health[-1].level is HealthLevel.ERROR
    assert bench.health[-1].message == bench.source.missing
    assert bench.source.opened == 5
    bench.source.missing = ""
    bench.run(2.0)
    assert bench.pictures and bench.health[-1].level is HealthLevel.OK


def test_a_camera_that_is_pulled_out_comes_back() -> None:
    bench = Bench()
    bench.run(2.0)
    before = len(bench.pictures)
    bench.source.gives, bench.source.missing = False, "there is no /dev/ronda_camera"
    bench.run(3.0)
    assert len(bench.pictures) == before
    assert bench.health[-1].level is HealthLevel.ERROR
    bench.source.gives, bench.source.missing = True, ""
    bench.run(3.0)
    assert len(bench.pictures) > before + 5


def test_no_frame_is_told_as_new_twice_and_a_stuck_camera_is_opened_again() -> None:
    bench = Bench()
    bench.run(2.0)
    before, opened = len(bench.pictures), bench.source.opened
    bench.source.stuck = True
    bench.run(7.0)
    assert len(bench.pictures) <= before + 1
    assert bench.source.opened >= opened + 2
    assert "no new pictures" in bench.health[-1].message
    bench.source.stuck = False
    bench.run(1.0)
    assert len(bench.pictures) > before + 2


def test_health_goes_on_once_a_second() -> None:
    bench = Bench()
    bench.run(5.0)
    bench.source.gives = False
    bench.run(5.0)
    assert len(bench.health) == pytest.approx(10, abs=1)
    bench.camera.close()
    assert not bench.source.is_open


def test_a_video_file_plays_at_its_own_speed_and_begins_again(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (64, 48))
    for number in range(20):
        writer.write(picture(number, 64, 48))
    writer.release()
    source, taken = VideoSource(str(film), 64, 48), []
    assert source.open(50.0) == ""
    for tick in range(100):
        if source.due(50.0 + tick * 0.01):
            assert source.grab()
            shown = source.retrieve()
            assert shown is not None
            taken.append(round(float(shown.mean())))
    assert len(taken) == 10
    assert taken == pytest.approx([(number * 37) % 251 for number in range(10)], abs=2)
    while source.grab():
        pass
    assert source.open(60.0) == "" and source.due(60.0) and source.grab()
    source.close()
    assert source.retrieve() is None and not source.grab()


def test_what_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.avi"
    text.write_text("no video")
    assert "is the camera plugged in" in VideoSource(str(tmp_path / "video9"), 64, 48).open(0.0)
    assert "is not a video" in VideoSource(str(text), 64, 48).open(0.0)
    assert "is a folder" in VideoSource(str(tmp_path), 64, 48).open(0.0)
    assert "no camera" in VideoSource("/dev/null", 64, 48).open(0.0)
