"""A detector network: its file, loaded and checked, and run on one core."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from patrol_core.errors import Place
from patrol_perception.naming.decode import Form, check_form, decode, form_of
from patrol_perception.naming.errors import ModelError
from patrol_perception.naming.letterbox import Letterbox
from patrol_perception.naming.objects import NamedObject
from patrol_perception.naming.params import NamingParams
from patrol_perception.view import Image

_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
_LEAST = 0.01
_QUIET = 4


class ObjectDetector(Protocol):
    """Finds things by name in a BGR picture."""

    @property
    def labels(self) -> tuple[str, ...]:
        """All names that it knows."""

    def find(self, image: Image) -> list[NamedObject]:
        """What is in it, the surest first. Raises ModelError when it fails."""


class OnnxDetector:
    """A network of the YOLO family, by onnxruntime on one thread.

    Raises ModelError when its file or its labels cannot be used, ImportError where there is no
    onnxruntime.
    """

    def __init__(self, params: NamingParams) -> None:
        self._params = params
        self._file = Path(params.model)
        self.labels = read_labels(labels_file(params))
        self._session = _open(self._file)
        self._input = self._session.get_inputs()[0]
        self._size = self._input_size()
        self._form = self._checked_form()

    def find(self, image: Image) -> list[NamedObject]:
        box = Letterbox(image.shape[1], image.shape[0], self._size)
        least = max(_LEAST, min(self._params.person_score, self._params.name_score))
        output = self._run(box.tensor(image))
        check_form(self._form, output.shape, len(self.labels))
        found = decode(output, self._form, least, self._params.overlap)
        corners = box.to_picture(found.corners)
        return [
            NamedObject(self.labels[number], score, (left, top, right, bottom))
            for number, score, (left, top, right, bottom) in zip(
                found.classes.tolist(), found.scores.tolist(), corners.tolist(), strict=True
            )
            if 0 <= number < len(self.labels) and right > left and bottom > top
        ]

    def _run(self, tensor: Any) -> Any:
        try:
            (output, *_) = self._session.run(
                None, {self._input.name: tensor.astype(_TYPES[self._input.type], copy=False)}
            )
        except Exception as error:  # noqa: BLE001 - onnxruntime's errors have no common base
            problem = f"the network fails: {_one_line(error)}"
            raise self._wrong(problem, "a network that runs") from None
        return np.asarray(output)

    def _input_size(self) -> tuple[int, int]:
        """Height and width; of what the file leaves open, `size_px`."""
        shape, kind = self._input.shape, self._input.type
        extra = len(self._session.get_inputs()) != 1
        if extra or kind not in _TYPES or len(shape) != 4 or shape[1] not in (3, "3"):
            shown = " x ".join(str(n) for n in shape)
            raise self._wrong(
                f"the network takes {kind} of {shown}", "one picture, float of 1 x 3 x H x W"
            )
        if isinstance(shape[0], int) and shape[0] != 1:
            raise self._wrong(f"the network takes {shape[0]} pictures at once", "one")
        height, width = (
            edge if isinstance(edge, int) and edge > 0 else self._params.size_px
            for edge in shape[2:]
        )
        return height, width

    def _checked_form(self) -> Form:
        """From what the network gives for a grey picture."""
        shape = self._run(np.full((1, 3, *self._size), 0.5, np.float32)).shape
        try:
            if self._params.form == "auto":
                return form_of(shape, len(self.labels), self._size)
            form = Form(self._params.form)
            check_form(form, shape, len(self.labels))
        except ModelError as error:
            raise ModelError(
                error.problem,
                place=Place(self._file),
                expected=error.expected,
                remedy=error.remedy,
            ) from None
        return form

    def _wrong(self, problem: str, expected: str) -> ModelError:
        return ModelError(
            problem, place=Place(self._file), expected=expected,
            remedy="export the detector as ONNX anew",
        )  # fmt: skip


def labels_file(params: NamingParams) -> Path:
    """Where the class names stand."""
    return Path(params.labels) if params.labels else Path(params.model).with_suffix(".txt")


def read_labels(file: Path) -> tuple[str, ...]:
    """Class names, one a line, in the network's order. Raises ModelError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ModelError(
            f"cannot read the labels: {reason}", place=Place(file),
            expected="a text file of class names, one a line",
            remedy="put it beside the network, or set naming.labels",
        ) from None  # fmt: skip
    labels = tuple(line.strip() for line in lines)
    while labels and not labels[-1]:
        labels = labels[:-1]
    for number, label in enumerate(labels, start=1):
        if not label:
            raise ModelError(
                "a line without a name", place=Place(file, number),
                expected="one class name a line", remedy="fill the line, or remove it",
            )  # fmt: skip
    if not labels:
        raise ModelError(
            "there are no class names", place=Place(file), expected="one a line",
            remedy="write the names of the network's classes in their order",
        )  # fmt: skip
    return labels


def _open(file: Path) -> Any:
    """A session on one thread. Raises ModelError; ImportError where there is no onnxruntime."""
    import onnxruntime

    if not file.is_file():
        raise ModelError(
            "there is no such file", place=Place(file), expected="a detector in ONNX form",
            remedy="correct naming.model, or leave it empty: then nothing is named",
        )  # fmt: skip
    onnxruntime.set_default_logger_severity(_QUIET)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    try:
        session = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
        if not session.get_inputs() or not session.get_outputs():
            raise ValueError("it has no input or no output")
    except Exception as error:  # noqa: BLE001 - onnxruntime's errors have no common base
        raise ModelError(
            f"this file cannot be read as a network: {_one_line(error)}", place=Place(file),
            expected="a whole ONNX file of a detector", remedy="copy it again, or export it anew",
        ) from None  # fmt: skip
    return session


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else f"{text[:157]}..."
