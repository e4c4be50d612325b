"""Recorded drives through the camera's search for changes: learnt on one, judged on the other."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from patrol_core.geometry import FloatArray
from patrol_core.types.perception import Finding, FindingKind
from patrol_perception.change.params import ChangeParams
from patrol_perception.change.watch import ChangeWatch
from patrol_perception.findings import FindingBook
from patrol_perception.params import CameraParams, EvidenceParams
from tests.replay.change_recording import Drive, load_drives


def drive(recorded: Drive, folder: Path, *, learn: bool) -> list[Finding]:
    """What is found on a drive, with the views in `folder`."""
    watch = ChangeWatch(ChangeParams(learn=learn), CameraParams(), folder, "UTC", 1e9)
    book = FindingBook(EvidenceParams(), np.random.default_rng(1))
    for frame, depth in recorded.frames():
        watch.step(frame, depth, book, frame.view.stamp_s)
    watch.close()
    return [entry.finding for entry in book.entries]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Finding], FloatArray, Path]:
    folder = tmp_path_factory.mktemp("site")
    first, second, truth = load_drives()
    assert drive(first, folder, learn=True) == []
    return drive(second, folder, learn=False), truth, folder


def test_what_came_and_what_went_is_found_once_each_and_nothing_else(
    found: tuple[list[Finding], FloatArray, Path],
) -> None:
    findings, truth, _ = found
    assert [finding.kind for finding in findings] == [FindingKind.CHANGE] * 2
    for words, place in zip(("that did not", "has gone"), truth.tolist(), strict=True):
        (finding,) = (f for f in findings if words in f.reason)
        assert math.dist((finding.x_m, finding.y_m), place) < 0.35
        assert finding.photo is not None and finding.before is not None
        assert all(m.value >= m.threshold for m in finding.evidence if m.unit != "m")


def test_the_same_recording_gives_the_same_findings(
    found: tuple[list[Finding], FloatArray, Path],
) -> None:
    findings, _, folder = found
    assert drive(load_drives()[1], folder, learn=False) == findings


def test_the_drive_that_was_learnt_on_shows_no_change(
    found: tuple[list[Finding], FloatArray, Path],
) -> None:
    assert drive(load_drives()[0], found[2], learn=False) == []
