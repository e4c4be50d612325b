"""Names for findings and boxes round people, from one network; none where there is none."""

from __future__ import annotations

import cv2
import numpy as np

from patrol_core.types.perception import FindingKind, Measure
from patrol_core.types.sensors import CompressedImage
from patrol_perception.findings import Entry, FindingBook
from patrol_perception.naming.errors import ModelError
from patrol_perception.naming.network import ObjectDetector, OnnxDetector
from patrol_perception.naming.objects import NamedObject
from patrol_perception.naming.own import OwnDetector
from patrol_perception.naming.params import NamingParams
from patrol_perception.people import PersonDetector
from patrol_perception.photos import finding_box
from patrol_perception.view import Box, Image, View

PERSON = "person"
_NAMED = (FindingKind.OBJECT, FindingKind.OBSTRUCTION)
_COVERED, _FILLED = 0.5, 0.15
_FARTHEST_M = 9.0
_SURER = 0.1


class Namer:
    """The network, loaded at `setup`; a `PersonDetector` for the blurring, too.

    `problem` says why nothing is named though a network was given: without onnxruntime everything
    else goes on.
    """

    def __init__(
        self,
        params: NamingParams,
        instead: PersonDetector | None,
        detector: ObjectDetector | None = None,
    ) -> None:
        """`instead` finds people while no network that knows them is there. `detector`: one that
        is loaded."""
        self._params = params
        self._instead = instead
        self._detector = detector
        self._next_s = 0.0
        self._seen: dict[str, dict[str, list[float]]] = {}
        self.problem = ""

    def setup(self) -> None:
        """Load the network, or the detector that is named instead. Raises ConfigError when it, its
        file or its labels cannot be used."""
        if self._detector is None and self._params.detector:
            self._detector = OwnDetector(self._params)
        if not self._params.model or self._detector is not None:
            return
        try:
            self._detector = OnnxDetector(self._params)
        except ImportError:
            self.problem = (
                "nothing is named: onnxruntime is not installed; install it, or leave "
                "naming.model empty"
            )

    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        """People (see `people.PersonDetector`). Where the network fails, the whole picture.

        Raises ModelError where nothing can tell people: no network, or one that does not know
        them, and nothing instead.
        """
        if self._detector is None or PERSON not in self._detector.labels:
            if self._instead is None:
                raise ModelError("nothing here tells people")
            return self._instead.find(image)
        try:
            found = self._detector.find(image)
        except ModelError as error:
            self.problem = str(error)
            return [(0.0, 0.0, float(image.shape[1]), float(image.shape[0]))]
        least = self._params.person_score
        return [o.box for o in found if o.name == PERSON and o.score >= least]

    def name(self, raw: CompressedImage, view: View, book: FindingBook, now_s: float) -> None:
        """Look at what findings are in view, now and then; a name is a remark, with its score."""
        if self._detector is None or now_s < self._next_s:
            return
        boxes = [
            (entry, box)
            for entry in book.entries
            if entry.finding.kind in _NAMED
            for box, away_m in (finding_box(view, entry.finding),)
            if box is not None and away_m <= _FARTHEST_M
        ]
        if not boxes:
            return
        self._next_s = now_s + self._params.every_s
        image = cv2.imdecode(np.frombuffer(raw.data, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            return
        try:
            found = self._detector.find(np.asarray(image, np.uint8))
        except ModelError as error:
            self.problem = str(error)
            return
        for entry, box in boxes:
            best = best_match(found, box, self._params.name_score)
            if best is not None:
                self._note(entry, best, book, now_s)

    def _note(self, entry: Entry, best: NamedObject, book: FindingBook, now_s: float) -> None:
        """What enough pictures agree on is told, and told again when it is clearly surer."""
        seen = self._seen.setdefault(entry.finding.finding_id, {})
        seen.setdefault(best.name, []).append(best.score)
        name = max(seen, key=lambda word: sum(seen[word]))
        scores = seen[name]
        if len(scores) < self._params.looks:
            return
        words = f"Looks like: {name}, {max(scores):.2f}."
        told = entry.remarks.get("naming")
        if told is not None:
            measure = told[1][0]
            same = measure.name == f"looks like {name}"
            if same and max(scores) < measure.value + _SURER:
                return
        score = Measure(f"looks like {name}", max(scores), self._params.name_score, "1")
        book.remark(entry, "naming", words, (score,), now_s)


def best_match(found: list[NamedObject], box: Box, least: float) -> NamedObject | None:
    """The surest thing that lies where a finding is: most of it inside the finding's box, or the
    box mostly covered by it, and not so much larger that it is something else."""
    for thing in found:
        if thing.score < least or thing.name == PERSON:
            continue
        left, top, right, bottom = thing.box
        own = max((right - left) * (bottom - top), 1.0)
        common = max(0.0, min(right, box.right) - max(left, box.left)) * max(
            0.0, min(bottom, box.bottom) - max(top, box.top)
        )
        smaller, larger = sorted((own, float(max(box.area(), 1))))
        if common >= _COVERED * smaller and common >= _FILLED * larger:
            return thing
    return None
