"""Every row of the table goes into plain values and back."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from patrol_core.geometry import Pose2
from patrol_core.plain import from_plain, to_plain
from patrol_core.types.mission import (
    Alarm,
    FollowRouteGoal,
    NavigateGoal,
    NavigateThroughGoal,
    PatrolCommand,
    PatrolVerb,
)
from patrol_core.types.perception import Finding, FindingKind, Measure
from patrol_core.types.sensors import CompressedImage

POSES = np.array([[0.1, 0.2, 0.3], [-0.0, 1e-300, math.pi]])
PHOTO = CompressedImage(1.0, "camera", "jpeg", b"\xff\xd8\x00")
VALUES = (
    Alarm(1.5, "shed", "ann"),
    NavigateGoal("g", Pose2(1.0, 2.0, 0.1 + 0.2)),
    PatrolCommand(1.0, PatrolVerb.LOOK, "ann", 1.0, 2.0),
    Finding("f", 1, 2.0, FindingKind.OBJECT, 1.0, 2.0, 0.4, 0.3, 0.8, 9.0, "stands",
            (Measure("age", 4.0, 3.0, "s"),), PHOTO),
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    plain = json.loads(json.dumps(to_plain(value)))
    assert from_plain(type(value), plain) == value


@pytest.mark.parametrize(
    "value", [FollowRouteGoal("g", POSES, 1.0), NavigateThroughGoal("g", POSES)],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_arrays_come_back_bit_by_bit(value: FollowRouteGoal | NavigateThroughGoal) -> None:
    again = from_plain(type(value), json.loads(json.dumps(to_plain(value))))
    assert again.poses.tobytes() == POSES.tobytes() and again.poses.shape == POSES.shape


def test_what_is_no_such_value_is_told() -> None:
    for plain in ({}, None, {"stamp_s": 1.0}, [1]):
        with pytest.raises(ValueError, match="no Alarm"):
            from_plain(Alarm, plain)
    with pytest.raises(TypeError, match="no plain form of set"):
        to_plain({1})
