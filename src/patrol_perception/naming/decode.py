"""What detector networks give, as boxes with a class and a score.

The forms are those in which the YOLO family is exported: v5 (N boxes of centre, size, objectness
and classes), v8 and later (the same without objectness, one column a box), and `end2end` (N boxes
of corners, score and class, overlaps removed by the network itself).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray
from patrol_perception.naming.errors import ModelError

MOST_BOXES = 300
_STRIDES = (8, 16, 32)
_V5_ANCHORS = 3


class Form(Enum):
    V5 = "v5"
    V8 = "v8"
    END2END = "end2end"


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """`corners` (N, 4): left, top, right, bottom [px of the network's input]; `scores` (N,), best
    first; `classes` (N,)."""

    corners: FloatArray
    scores: FloatArray
    classes: npt.NDArray[np.int64]


def form_of(shape: tuple[int, ...], classes: int, size: tuple[int, int]) -> Form:
    """How a network of an input of `size` (height, width) gives its boxes, from the shape of what
    it gives. Raises ModelError where no form, or more than one, fits."""
    fitting = [form for form in Form if _fits(form, shape, classes)]
    if len(fitting) > 1:
        fitting = [form for form in fitting if _has_all(form, shape, size)] or fitting
    if len(fitting) == 1:
        return fitting[0]
    given = " x ".join(str(n) for n in shape)
    if fitting:
        raise ModelError(
            f"the network gives {given}, which several forms give",
            expected="one form: " + " or ".join(form.value for form in fitting),
            remedy="set naming.form",
        )
    raise ModelError(
        f"the network gives {given}, which is no detector's answer for {classes} classes",
        expected=f"1 x {4 + classes} x N (v8), 1 x N x {5 + classes} (v5) or 1 x N x 6 (end2end)",
        remedy="export the detector as ONNX anew, or give the labels that belong to it",
    )


def check_form(form: Form, shape: tuple[int, ...], classes: int) -> None:
    """Raises ModelError when a network does not give what the form has."""
    if not _fits(form, shape, classes):
        wanted = {
            Form.V8: f"1 x {4 + classes} x N", Form.V5: f"1 x N x {5 + classes}",
            Form.END2END: "1 x N x 6",
        }  # fmt: skip
        raise ModelError(
            f"the network gives {' x '.join(str(n) for n in shape)}",
            expected=f"{wanted[form]}, as form {form.value} with {classes} classes has",
            remedy="give the labels that belong to the network, or set naming.form to auto",
        )


def _fits(form: Form, shape: tuple[int, ...], classes: int) -> bool:
    if len(shape) != 3 or shape[0] != 1 or min(shape) < 1:
        return False
    if form is Form.V8:
        return shape[1] == 4 + classes
    return shape[2] == (5 + classes if form is Form.V5 else 6)


def _has_all(form: Form, shape: tuple[int, ...], size: tuple[int, int]) -> bool:
    """Whether there are as many boxes as a network without removal of overlaps gives."""
    cells = sum((size[0] // s) * (size[1] // s) for s in _STRIDES)
    if form is Form.END2END:
        return shape[1] not in (cells, _V5_ANCHORS * cells)
    return shape[1] == _V5_ANCHORS * cells if form is Form.V5 else shape[2] == cells


def decode(output: npt.NDArray[np.floating], form: Form, least: float, overlap: float) -> Boxes:
    """The boxes of a score of `least` or more; of those of one class that overlap more than
    `overlap` (intersection over union) the best. What is not finite or has no area is left out."""
    rows = np.asarray(output[0], dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        if form is Form.END2END:
            corners, scores, classes = rows[:, :4], rows[:, 4], rows[:, 5]
        else:
            rows = rows.T if form is Form.V8 else rows
            each = rows[:, 4:] if form is Form.V8 else rows[:, 5:] * rows[:, 4:5]
            each = np.where(np.isfinite(each), each, -1.0)
            classes = np.argmax(each, axis=1).astype(np.float64)
            scores = each[np.arange(len(each)), classes.astype(np.int64)]
            half = rows[:, 2:4] / 2.0
            corners = np.hstack((rows[:, :2] - half, rows[:, :2] + half))
        kept = (scores >= least) & (scores <= 1.0 + 1e-3) & np.isfinite(corners).all(axis=1)
        kept &= (np.abs(corners) < 1e6).all(axis=1) & np.isfinite(classes)
        kept &= (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
    index = np.flatnonzero(kept)
    index = index[np.argsort(-scores[index], kind="stable")][:MOST_BOXES]
    found = Boxes(
        corners[index], np.minimum(scores[index], 1.0), np.rint(classes[index]).astype(np.int64)
    )
    return found if form is Form.END2END else _without_overlaps(found, overlap)


def _without_overlaps(found: Boxes, overlap: float) -> Boxes:
    """Greedy, class by class."""
    if not len(found.scores):
        return found
    rectangles = np.hstack((found.corners[:, :2], found.corners[:, 2:] - found.corners[:, :2]))
    kept = cv2.dnn.NMSBoxesBatched(
        rectangles.tolist(), found.scores.tolist(), found.classes.tolist(), 0.0, overlap
    )
    index = np.sort(np.asarray(kept, dtype=np.int64).reshape(-1))
    return Boxes(found.corners[index], found.scores[index], found.classes[index])
