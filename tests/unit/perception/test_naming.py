"""What networks give is decoded whatever it is; findings get names, and people none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.perception.rover import INFO, ROBOT

from patrol_core.geometry import Pose2
from patrol_core.types.perception import FindingKind
from patrol_core.types.sensors import CompressedImage
from patrol_perception.claims import Claim
from patrol_perception.findings import FindingBook
from patrol_perception.naming.decode import Form, decode, form_of
from patrol_perception.naming.errors import ModelError
from patrol_perception.naming.letterbox import Letterbox
from patrol_perception.naming.namer import Namer
from patrol_perception.naming.objects import NamedObject
from patrol_perception.naming.params import NamingParams
from patrol_perception.outline import Outline
from patrol_perception.params import EvidenceParams
from patrol_perception.photos import finding_box
from patrol_perception.view import Image, View, camera_mount

FEW = settings(max_examples=25, deadline=None, derandomize=True)
ODD = (np.nan, np.inf, -np.inf, 1e30, -1e30, 0.0, -1.0, 2.0)


@FEW
@given(form=st.sampled_from(Form), seed=st.integers(0, 2**31), odd=st.floats(0.0, 0.6))
def test_whatever_a_network_gives_boxes_are_sound(form: Form, seed: int, odd: float) -> None:
    rng = np.random.default_rng(seed)
    shape = {Form.V5: (1, 40, 9), Form.V8: (1, 8, 40), Form.END2END: (1, 40, 6)}[form]
    output = rng.uniform(-5.0, 70.0, shape)
    output[rng.random(shape) < 0.5] = rng.random()
    output[rng.random(shape) < odd] = rng.choice(ODD)
    found = decode(output.astype(np.float32), form, 0.2, 0.45)
    assert len(found.corners) == len(found.scores) == len(found.classes) <= 40
    assert np.isfinite(found.corners).all()
    assert ((found.scores >= 0.2) & (found.scores <= 1.0)).all()
    assert (found.corners[:, 2:] > found.corners[:, :2]).all()
    assert (np.diff(found.scores) <= 0.0).all()


@FEW
@given(
    width=st.integers(1, 900), height=st.integers(1, 900),
    box=st.tuples(*[st.floats(0.0, 1.0)] * 4),
)  # fmt: skip
def test_a_letterbox_gives_back_what_was_put_in(
    width: int, height: int, box: tuple[float, float, float, float]
) -> None:
    letter = Letterbox(width, height, (320, 640))
    across, down = letter.shown[0] / width, letter.shown[1] / height
    left, top = letter.corner
    there = np.array([[box[0] * width, box[1] * height, box[2] * width, box[3] * height]])
    inside = there * (across, down, across, down) + (left, top, left, top)
    np.testing.assert_allclose(letter.to_picture(inside), there, atol=1e-6 * max(width, height))
    assert left >= 0 and left + letter.shown[0] <= 640 and top + letter.shown[1] <= 320


def test_forms_are_told_apart_by_shape_and_by_count() -> None:
    size = (640, 640)
    assert form_of((1, 84, 8400), 80, size) is Form.V8
    assert form_of((1, 25200, 85), 80, size) is Form.V5
    assert form_of((1, 300, 6), 80, size) is Form.END2END
    assert form_of((1, 300, 6), 1, size) is Form.END2END
    assert form_of((1, 25200, 6), 1, size) is Form.V5
    with pytest.raises(ModelError, match="no detector"):
        form_of((1, 84, 8400), 79, size)


class Told:
    """A detector that says what it is told to."""

    labels = ("person", "suitcase")

    def __init__(self, *things: NamedObject) -> None:
        self.things = list(things)
        self.asked = 0

    def find(self, image: Image) -> list[NamedObject]:
        self.asked += 1
        return self.things


class Rig:
    """A finding 3 m ahead of the robot's camera, and what a detector says there."""

    def __init__(self) -> None:
        self.book = FindingBook(EvidenceParams(), np.random.default_rng(1000))
        claim = Claim(
            FindingKind.OBJECT, Outline(3.4, 0.0, 0.5, 0.4, 0.0), 0.8, 0.0,
            "It stands.", (),
        )  # fmt: skip
        self.entry = self.book.open(claim, 1.0)
        self.view = View(1.0, INFO, camera_mount(ROBOT.camera), Pose2(0.0, 0.0))
        box, _ = finding_box(self.view, self.entry.finding)
        assert box is not None
        self.box = (float(box.left), float(box.top), float(box.right), float(box.bottom))
        grey = cv2.imencode(".jpg", np.full((480, 640, 3), 90, np.uint8))[1].tobytes()
        self.raw = CompressedImage(1.0, INFO.frame_id, "jpeg", grey)

    def name(self, detector: Told, seconds: int = 5) -> Namer:
        namer = Namer(NamingParams(), None, detector)
        for second in range(seconds):
            namer.name(self.raw, self.view, self.book, float(second))
        return namer


def test_a_finding_gets_the_name_with_its_score_once() -> None:
    rig = Rig()
    detector = Told(NamedObject("suitcase", 0.82, rig.box))
    rig.name(detector)
    finding = rig.entry.finding
    assert finding.reason == "It stands. Looks like: suitcase, 0.82."
    (measure,) = finding.evidence
    assert (measure.name, measure.value, measure.threshold) == ("looks like suitcase", 0.82, 0.5)
    assert finding.revision == 2 and finding.confidence == 0.8
    assert detector.asked == 5


def test_a_name_stays_when_the_lidar_says_more() -> None:
    rig = Rig()
    rig.name(Told(NamedObject("suitcase", 0.82, rig.box)))
    rig.book.amend(rig.entry, 9.0, reason="It still stands.")
    assert rig.entry.finding.reason == "It still stands. Looks like: suitcase, 0.82."


@pytest.mark.parametrize(
    ("name", "score", "shift_px"),
    [("person", 0.9, 0.0), ("suitcase", 0.4, 0.0), ("suitcase", 0.9, 150.0)],
)
def test_people_what_is_unsure_and_what_lies_elsewhere_name_nothing(
    name: str, score: float, shift_px: float
) -> None:
    rig = Rig()
    left, top, right, bottom = rig.box
    rig.name(Told(NamedObject(name, score, (left + shift_px, top, right + shift_px, bottom))))
    assert rig.entry.finding.reason == "It stands."


def test_what_only_one_picture_shows_is_no_name() -> None:
    rig = Rig()
    rig.name(Told(NamedObject("suitcase", 0.9, rig.box)), seconds=1)
    assert rig.entry.finding.revision == 1


class Broken:
    labels = ("person",)

    def find(self, image: Image) -> list[NamedObject]:
        raise ModelError("the network fails: out of memory")


def test_a_network_that_fails_hides_the_whole_picture_and_says_so() -> None:
    namer = Namer(NamingParams(), None, Broken())
    assert namer.find(np.zeros((48, 64, 3), np.uint8)) == [(0.0, 0.0, 64.0, 48.0)]
    assert "out of memory" in namer.problem


class Dogs:
    """A network that knows no people."""

    labels = ("dog",)

    def find(self, image: Image) -> list[NamedObject]:
        raise AssertionError("it cannot tell people")


class Everybody:
    def find(self, image: Image) -> list[tuple[float, float, float, float]]:
        return [(1.0, 2.0, 3.0, 4.0)]


def test_a_network_that_knows_no_people_is_not_asked_for_them() -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    assert Namer(NamingParams(), Everybody(), Dogs()).find(picture) == [(1.0, 2.0, 3.0, 4.0)]
    for detector in (Dogs(), None):
        with pytest.raises(ModelError, match="nothing here tells people"):
            Namer(NamingParams(), None, detector).find(picture)
