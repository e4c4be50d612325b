"""Detector networks in every form, loaded by onnxruntime from real files: boxes, and errors."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tests.unit.perception.onnx_files import FLOAT16, INT64, colours, fixed

from patrol_core.params import make_params
from patrol_perception.naming.errors import ModelError
from patrol_perception.naming.namer import Namer
from patrol_perception.naming.network import OnnxDetector
from patrol_perception.naming.params import NamingParams

LABELS = ("person", "suitcase", "dog")
BOXES = [(0, 20.0, 20.0, 8.0, 16.0, 0.9), (1, 44.0, 40.0, 12.0, 8.0, 0.8),
         (1, 45.0, 40.5, 12.0, 8.0, 0.7), (2, 44.0, 40.0, 12.0, 8.0, 0.6)]  # fmt: skip
"""Class, middle x and y, width, height [px of 64 x 64], score. The third is the second again."""


def answer(
    form: str, boxes: list[tuple[int, float, float, float, float, float]] = BOXES
) -> npt.NDArray[np.float32]:
    """What a network of three classes gives in a form, with idle boxes behind."""
    count = {"v5": 252, "v8": 84, "end2end": 20}[form]
    rows = np.zeros((count, {"v5": 8, "v8": 7, "end2end": 6}[form]), np.float32)
    for row, (number, x, y, width, height, score) in zip(rows, boxes, strict=False):
        if form == "end2end":
            half = width / 2.0, height / 2.0
            row[:] = (x - half[0], y - half[1], x + half[0], y + half[1], score, number)
        elif form == "v5":
            row[:5], row[5 + number] = (x, y, width, height, 0.96), score / 0.96
        else:
            row[:4], row[4 + number] = (x, y, width, height), score
    return (rows.T if form == "v8" else rows)[None].copy()


def write(
    folder: Path, network: bytes, labels: tuple[str, ...] = LABELS, **params: object
) -> NamingParams:
    (folder / "net.onnx").write_bytes(network)
    (folder / "net.txt").write_text("\n".join(labels), encoding="utf-8")
    return make_params(NamingParams, {"model": str(folder / "net.onnx"), **params})  # type: ignore[dict-item]


def picture(
    width: int = 64, height: int = 64, bgr: tuple[int, int, int] = (0, 0, 0)
) -> npt.NDArray[np.uint8]:
    return np.full((height, width, 3), bgr, np.uint8)


@pytest.mark.parametrize("form", ["v5", "v8", "end2end"])
@pytest.mark.parametrize("named", [True, False])
def test_every_form_gives_the_known_boxes(form: str, named: bool, tmp_path: Path) -> None:
    """Overlaps are removed class by class: the dog on the suitcase stays."""
    boxes = BOXES if form != "end2end" else [BOXES[0], BOXES[1], BOXES[3]]
    params = write(tmp_path, fixed(answer(form, boxes)), form=form if named else "auto")
    found = OnnxDetector(params).find(picture())
    assert [thing.name for thing in found] == ["person", "suitcase", "dog"]
    assert [thing.score for thing in found] == pytest.approx([0.9, 0.8, 0.6], abs=1e-6)
    assert found[0].box == pytest.approx((16.0, 12.0, 24.0, 28.0))


def test_boxes_come_back_through_the_letterbox_and_red_comes_first(tmp_path: Path) -> None:
    params = write(tmp_path, colours(), ("red", "green", "blue"), name_score=0.6, person_score=0.6)
    detector = OnnxDetector(params)
    for name, bgr in (("red", (0, 0, 255)), ("green", (0, 255, 0)), ("blue", (255, 0, 0))):
        (thing,) = detector.find(picture(320, 160, bgr))
        assert thing.name == name and thing.score == pytest.approx(1.0)
        assert thing.box == pytest.approx((120.0, 60.0, 200.0, 100.0))


def test_an_open_input_takes_the_size_of_the_parameters(tmp_path: Path) -> None:
    params = write(tmp_path, colours((1, 3, "height", "width")), size_px=64)
    assert OnnxDetector(params).find(picture(64, 64, (255, 255, 255)))


def test_half_precision_works(tmp_path: Path) -> None:
    params = write(tmp_path, fixed(answer("v8"), kind=FLOAT16))
    assert OnnxDetector(params).find(picture())[1].name == "suitcase"


@pytest.mark.parametrize(
    ("network", "labels", "told"),
    [
        (b"", LABELS, "a whole ONNX file"),
        (b"not a network at all", LABELS, "a whole ONNX file"),
        (fixed(answer("v8"))[:-40], LABELS, "a whole ONNX file"),
        (fixed(answer("v8"))[:900], LABELS, "a whole ONNX file"),
        (fixed(np.zeros((1, 1000), np.float32)), LABELS, "1 x 7 x N (v8)"),
        (fixed(answer("v8")), ("person",), "1 x 5 x N (v8)"),
        (fixed(np.zeros((2, 7, 84), np.float32)), LABELS, "export the detector"),
        (fixed(answer("v8"), (1, 3, 64)), LABELS, "1 x 3 x H x W"),
        (fixed(answer("v8"), (1, 1, 64, 64)), LABELS, "1 x 3 x H x W"),
        (fixed(answer("v8"), (4, 3, 64, 64)), LABELS, "takes 4 pictures"),
        (fixed(answer("v8"), kind=INT64), LABELS, "a whole ONNX file"),
        (fixed(answer("v8")), (), "one a line"),
        (fixed(answer("v8")), ("person", "", "dog"), "net.txt:2"),
    ],
)
def test_what_is_no_detector_is_told_in_one_sentence(
    network: bytes, labels: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    params = write(tmp_path, network, labels)
    with pytest.raises(ModelError) as caught:
        OnnxDetector(params)
    words = str(caught.value)
    assert told in words and "net." in words and "\n" not in words
    assert caught.value.expected and caught.value.remedy


def test_a_form_that_does_not_fit_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="as form v5 with 3 classes"):
        OnnxDetector(write(tmp_path, fixed(answer("v8")), form="v5"))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    params = write(tmp_path, b"")
    (tmp_path / "net.onnx").unlink()
    with pytest.raises(ModelError, match="leave it empty"):
        OnnxDetector(params)
    (tmp_path / "net.txt").unlink()
    with pytest.raises(ModelError, match="cannot read the labels"):
        OnnxDetector(params)


def test_without_onnxruntime_nothing_is_named_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    namer = Namer(write(tmp_path, fixed(answer("v8"))), None)
    namer.setup()
    assert "onnxruntime is not installed" in namer.problem
    with pytest.raises(ModelError, match="nothing here tells people"):
        namer.find(picture())


def test_without_a_network_there_is_nothing_to_say() -> None:
    namer = Namer(NamingParams(), None)
    namer.setup()
    assert namer.problem == ""
    with pytest.raises(ModelError, match="nothing here tells people"):
        namer.find(picture())


def test_it_finds_people_for_the_blurring(tmp_path: Path) -> None:
    namer = Namer(write(tmp_path, fixed(answer("v8"))), None)
    namer.setup()
    (box,) = namer.find(picture(128, 128))
    assert box == pytest.approx((32.0, 24.0, 48.0, 56.0))
