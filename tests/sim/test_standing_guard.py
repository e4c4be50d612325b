"""A robot that stands guard, in closed loop with its camera: somebody leaves a bag before it."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.processes import NAV, PERCEPTION
from patrol_core.types.motion import PoseEstimate
from patrol_core.types.perception import Finding, FindingKind
from patrol_sim.errors import CameraUnavailableError
from patrol_sim.scenario import Pedestrian, PlacedObject, Scenario, Start
from patrol_sim.simulator import Simulator
from ronda_cli.closed_loop import ClosedLoop
from ronda_cli.evaluation.trial import EPOCH_S
from ronda_cli.setting import load_setting

HERE = Pose2(-8.0, -17.0, 0.0)
BAG = PlacedObject("bag", "bag", (0.45, 0.3, 0.5), Pose2(-3.4, -16.25, 0.3), 7.7, planted=True)
OWNER = Pedestrian("owner", ((-3.0, -10.0), (-3.0, -16.4)), 1.0, 1.6, 1.0, gives_way=True)
VARIANCES = (0.01, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 0.001)
SECONDS = 18.0


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """Every revision that was said."""
    setting = load_setting("depot")
    scenario = Scenario("guard", (Start(HERE),), (OWNER,), (BAG,))
    try:
        simulator = Simulator(setting.world, [setting.setup()], scenario, 3000, camera=True)
    except CameraUnavailableError as error:
        pytest.skip(str(error))
    folder: Path = tmp_path_factory.mktemp("guard")
    context = ProcessContext(setting.site, setting.robot, folder, 3000, EPOCH_S)
    loop = ClosedLoop(simulator, context, processes=(NAV, PERCEPTION))
    heard = Mailbox((topics.FINDINGS,))
    loop.attach(heard, "cli")
    loop.setup()
    loop.publish(topics.INITIALPOSE, PoseEstimate(0.0, HERE, VARIANCES))
    found = {}
    while loop.now_s < SECONDS:
        loop.step()
        for finding in heard.snapshot().events(topics.FINDINGS):
            found[finding.finding_id, finding.revision] = finding
    loop.close()
    simulator.close()
    return list(found.values())


def test_the_bag_is_one_finding_where_it_lies_and_says_that_it_was_left(
    said: list[Finding],
) -> None:
    assert len({finding.finding_id for finding in said}) == 1
    last = said[-1]
    assert last.kind is FindingKind.OBJECT
    assert "left behind" in last.reason and "nobody has been at it" in last.reason
    assert math.hypot(last.x_m - BAG.pose.x_m, last.y_m - BAG.pose.y_m) < 0.4
    assert {"since", "nobody with it for"} <= {measure.name for measure in last.evidence}


def test_it_has_a_photo(said: list[Finding]) -> None:
    photo = next(finding.photo for finding in reversed(said) if finding.photo is not None)
    picture = cv2.imdecode(np.frombuffer(photo.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None and picture.shape == (480, 640, 3)
