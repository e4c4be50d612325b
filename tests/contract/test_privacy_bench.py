"""The bench of privacy: its heads, its measure, and what it says of files that are no videos."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from _privacy_measure import HEAD_PX, SHOWN, hidden_share, kept_of_head
from _privacy_videos import HEADS, Killed
from _video import Picture

from patrol_perception.privacy.blur import blur_all, blur_boxes
from patrol_perception.view import Box, Image
from ronda_cli.environment.paths import ROOT

SIZES = {"CAVIAR1": (384, 256), "HumanBody2": (320, 240)}


class Everybody:
    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        return [(0.0, 0.0, 1.0, 1.0)]


def picture() -> Picture:
    """Soft patches, as in a photograph of a room."""
    rough = np.random.default_rng(1000).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    large = cv2.resize(rough, (320, 240), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


def stored(shown: Picture) -> Picture:
    """As it comes out of a JPEG of the stream's quality."""
    data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    back = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert back is not None
    return np.asarray(back, np.uint8)


def test_every_known_head_lies_in_its_picture_and_is_large_enough() -> None:
    known = json.loads(HEADS.read_text(encoding="utf-8"))
    assert known["videos"].keys() == SIZES.keys() and known["how"]
    for name, pictures in known["videos"].items():
        for boxes in pictures.values():
            for left, top, right, bottom in boxes:
                assert 0 <= left < right <= SIZES[name][0]
                assert 0 <= top < bottom <= SIZES[name][1]
                assert max(right - left, bottom - top) >= HEAD_PX


@pytest.mark.parametrize("head", [Box(100, 60, 112, 74), Box(100, 60, 140, 108)])
def test_a_head_counts_as_shown_until_it_is_blurred(head: Box) -> None:
    before = picture()
    after = before.copy()
    assert kept_of_head(before, stored(after), head) > 0.7
    blur_boxes(after, [Box(head.left, head.top, head.right, (head.top + head.bottom) // 2)])
    assert kept_of_head(before, stored(after), head) > SHOWN, "half of it is still there"
    blur_boxes(after, [Box(head.left - 10, head.top - 10, head.right + 10, head.bottom + 60)])
    assert kept_of_head(before, stored(after), head) < SHOWN / 2.0


def test_the_hidden_share_is_that_of_what_there_is_to_see() -> None:
    before = picture()
    assert hidden_share(before, stored(before)) == 0.0
    half = before.copy()
    half[:, :160] = 0
    assert hidden_share(before, stored(half)) == pytest.approx(0.5, abs=0.05)
    blur_all(half)
    assert hidden_share(before, stored(half)) == 1.0
    assert hidden_share(np.full_like(before, 90), half) == 0.0


def test_a_killed_detector_works_for_a_while_and_then_raises() -> None:
    killed = Killed(Everybody())
    found = [killed.find(picture()) for _ in range(50)]
    assert all(found)
    with pytest.raises(RuntimeError, match="killed"):
        killed.find(picture())


def film(path: Path) -> bytes:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (96, 64))
    for number in range(60):
        writer.write(np.full((64, 96, 3), 4 * number, np.uint8))
    writer.release()
    return path.read_bytes()


@pytest.mark.parametrize("what", ["missing", "empty", "text", "truncated"])
def test_what_is_no_video_is_told_in_one_sentence(what: str, tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    whole = film(path)
    path.unlink()
    content = {"empty": b"", "text": b"no video\n" * 50, "truncated": whole[: len(whole) // 2]}
    if what in content:
        path.write_bytes(content[what])
    command = [sys.executable, str(ROOT / "bench" / "privacy.py"), str(path)]
    told = subprocess.run(
        [*command, "--out", str(tmp_path / "p.png")], capture_output=True, text=True, check=False
    )
    assert told.returncode == 1 and told.stdout == ""
    assert told.stderr.count("\n") == 1 and "film.avi" in told.stderr
    assert not (tmp_path / "p.png").exists()


def test_any_other_video_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    film(path)
    command = [sys.executable, str(ROOT / "bench" / "privacy.py"), str(path), "--json"]
    told = subprocess.run(
        [*command, "--out", str(tmp_path / "p.png")], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    names = [row["what"] for row in json.loads(told.stdout)["rows"]]
    assert any(name.startswith("film, detector off: hidden") for name in names)
    assert not any("heads" in name for name in names), "nobody knows where heads are in it"
    assert (tmp_path / "p.png").stat().st_size > 5000
