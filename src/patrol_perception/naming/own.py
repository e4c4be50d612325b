"""A detector that others wrote, held to what `ObjectDetector` promises."""

from __future__ import annotations

import math
from typing import Any

from patrol_core.plugin import load_plugin
from patrol_perception.naming.errors import ModelError
from patrol_perception.naming.objects import NamedObject
from patrol_perception.naming.params import NamingParams
from patrol_perception.view import Image

_MEMBERS = ("find",)


class OwnDetector:
    """Made from `naming.detector`; its class is called with the parameters of naming.

    Raises ConfigError where there is no such class, ModelError where it cannot be made.
    """

    def __init__(self, params: NamingParams) -> None:
        self._name = params.detector
        kind = load_plugin(self._name, "naming.detector", _MEMBERS)
        try:
            self._own: Any = kind(params)
            self.labels = tuple(str(label) for label in self._own.labels)
        except Exception as error:  # what foreign code raises
            raise self._wrong(f"cannot be made: {type(error).__name__}: {error}") from error
        if not self.labels:
            raise self._wrong("knows no names: 'labels' is empty")

    def find(self, image: Image) -> list[NamedObject]:
        """See `ObjectDetector`. Whatever goes wrong in it is a ModelError."""
        try:
            found = [self._checked(one, image) for one in self._own.find(image.copy())]
        except ModelError:
            raise
        except Exception as error:  # what foreign code raises
            raise self._wrong(f"fails: {type(error).__name__}: {error}") from error
        return sorted(found, key=lambda one: -one.score)

    def _checked(self, one: Any, image: Image) -> NamedObject:
        left, top, right, bottom = map(float, one.box)
        score, height, width = float(one.score), image.shape[0], image.shape[1]
        box = max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))
        sound = all(map(math.isfinite, (*box, score))) and box[2] > box[0] and box[3] > box[1]
        if not sound or not 0.0 <= score <= 1.0 or one.name not in self.labels:
            raise self._wrong(f"gives {one}, which is no box in the picture with a known name")
        return NamedObject(one.name, score, box)

    def _wrong(self, problem: str) -> ModelError:
        return ModelError(
            f"the detector '{self._name}' {problem}",
            expected="labels, and find(image) that gives NamedObjects",
            remedy="mend it, or leave naming.detector empty",
        )
