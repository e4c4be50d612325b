"""Parts that others bring along: found by name, and refused in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from patrol_core.errors import ConfigError
from patrol_core.robot import load_robot
from patrol_drivers.base.setup import load_motors
from patrol_perception.naming.errors import ModelError
from patrol_perception.naming.namer import Namer
from patrol_perception.naming.objects import NamedObject
from patrol_perception.naming.own import OwnDetector
from patrol_perception.naming.params import NamingParams
from patrol_perception.view import Image
from ronda_cli.setting import ROBOT_FILE

PICTURE: Image = np.zeros((48, 64, 3), np.uint8)
HERE = "tests.unit.test_plugins"


class Detector:
    """What a stranger might write: it answers with whatever stands in `answer`."""

    answer: object = ()

    def __init__(self, _: NamingParams) -> None:
        self.labels = ["person", "suitcase"]

    def find(self, _: Image) -> object:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Nothing:
    """Neither a detector nor a driver."""


class Driver:
    """All that a driver has, but parameters that say too little."""

    Params = NamingParams
    start = cycle = close = capabilities = None


@pytest.fixture
def detector() -> Iterator[OwnDetector]:
    before = Detector.answer
    yield OwnDetector(NamingParams(detector=f"{HERE}:Detector"))
    Detector.answer = before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("detector", "is 'detector'; expected package.module:Class"),
        ("a b:C", "expected package.module:Class"),
        ("no_such_module:Detector", "cannot be imported: ModuleNotFoundError"),
        (f"{HERE}:Detectr", "which is no class"),
        (f"{HERE}:Nothing", "has no find"),
    ],
)
def test_a_name_that_leads_nowhere_is_told(name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        Namer(NamingParams(detector=name), None).setup()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module:Driver", "cannot be imported"),
        (f"{HERE}:Detector", "has no Params, start, cycle, close"),
        (f"{HERE}:Driver", "lack port, baud, watchdog_s"),
    ],
)
def test_a_driver_that_is_none_is_told_with_the_robot_file(
    name: str, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "robot.yaml"
    text = ROBOT_FILE.read_text(encoding="utf-8").partition("motors:")[0]
    file.write_text(f"{text}motors: {{controller: '{name}'}}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=words) as caught:
        load_motors(file, load_robot(file))
    assert caught.value.place is not None and caught.value.place.file == file


def test_the_surest_comes_first_and_boxes_end_at_the_picture(detector: OwnDetector) -> None:
    Detector.answer = [
        NamedObject("person", 0.4, (1.0, 1.0, 9.0, 9.0)),
        NamedObject("suitcase", 0.9, (-5.0, 2.0, 70.0, 40.0)),
    ]
    surest, other = detector.find(PICTURE)
    assert surest == NamedObject("suitcase", 0.9, (0.0, 2.0, 64.0, 40.0))
    assert other.name == "person"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [3],
        [NamedObject("ghost", 0.5, (0.0, 0.0, 5.0, 5.0))],
        [NamedObject("person", float("nan"), (0.0, 0.0, 5.0, 5.0))],
        [NamedObject("person", 0.5, (5.0, 0.0, 5.0, 5.0))],
        [NamedObject("person", 0.5, (0.0, float("inf"), 5.0, 5.0))],
        RuntimeError("no memory"),
    ],
)
def test_who_answers_wrongly_has_the_whole_picture_blurred(answer: object) -> None:
    namer = Namer(NamingParams(detector=f"{HERE}:Detector"), None)
    namer.setup()
    Detector.answer = answer
    try:
        assert namer.find(PICTURE) == [(0.0, 0.0, 64.0, 48.0)]
        assert f"{HERE}:Detector" in namer.problem
        with pytest.raises(ModelError):
            OwnDetector(NamingParams(detector=f"{HERE}:Detector")).find(PICTURE)
    finally:
        Detector.answer = ()
