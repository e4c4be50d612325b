"""A recorded lap of the yard through localisation and perception: accuracy, findings, sameness."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patrol_core import topics
from patrol_core.component import ProcessContext
from patrol_core.geometry import Pose2
from patrol_core.hosting import HostedProcess
from patrol_core.robot import load_robot
from patrol_core.site import load_map, load_site
from patrol_core.types.perception import Finding, FindingKind
from patrol_nav.localization.localizer import Localizer
from patrol_nav.localization.params import LocalizerParams
from patrol_nav.maps.map_server import MapServer
from patrol_perception.params import PerceptionParams
from patrol_perception.perception import Perception
from ronda_cli.environment.paths import ROOT
from tests.replay.recording import SEED, Recording, load_recording


class Replayed:
    """The newest pose estimate at each stamp, and every finding, of one replay."""

    def __init__(self, recording: Recording, folder: Path) -> None:
        site, robot = (
            load_site(ROOT / "sites" / "yard"),
            load_robot(ROOT / "urdf/config/rover.yaml"),
        )
        context = ProcessContext(site, robot, folder, SEED)
        grid, rng = load_map(site.map_file), np.random.default_rng(SEED)
        process = HostedProcess(
            "replay",
            [
                MapServer(grid),
                Localizer(LocalizerParams(), robot, grid, site.frame, site.docks[0].pose, rng),
                Perception(context, PerceptionParams()),
            ],
        )
        self.poses: dict[float, Pose2] = {}
        self.findings: list[Finding] = []
        tick_s = 0.05
        for stamp, topic, value in recording.messages():
            while stamp >= tick_s:
                self._keep(process.tick(tick_s))
                tick_s = round(tick_s + 0.05, 6)
            process.store(topic, value, stamp)

    def _keep(self, said: list[tuple[Any, Any]]) -> None:
        for topic, value in said:
            if topic is topics.AMCL_POSE:
                self.poses[round(value.stamp_s, 3)] = value.pose
            elif topic is topics.FINDINGS:
                self.findings.append(value)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return load_recording()


@pytest.fixture(scope="module")
def replayed(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    return Replayed(recording, tmp_path_factory.mktemp("replay"))


def test_localisation_stays_within_five_centimetres_and_one_degree(
    recording: Recording, replayed: Replayed
) -> None:
    truth = {round(stamp, 3): Pose2(x, y, yaw) for stamp, x, y, yaw in recording.truth.tolist()}
    shared = sorted(truth.keys() & replayed.poses.keys())
    assert len(shared) > 300
    off = [replayed.poses[stamp].relative_to(truth[stamp]) for stamp in shared]
    assert math.sqrt(np.mean([o.x_m**2 + o.y_m**2 for o in off])) < 0.05
    assert math.sqrt(np.mean([o.yaw_rad**2 for o in off])) < math.radians(1.0)


def test_the_planted_object_is_found_once_and_nothing_else(
    recording: Recording, replayed: Replayed
) -> None:
    newest = {finding.finding_id: finding for finding in replayed.findings}
    objects = [f for f in newest.values() if f.kind is FindingKind.OBJECT]
    planted = [row for row in recording.objects.tolist() if row[3]]
    assert len(objects) == len(planted) == 1
    assert math.dist((objects[0].x_m, objects[0].y_m), planted[0][:2]) < 0.2


def test_the_same_recording_gives_the_same_answers(
    recording: Recording, replayed: Replayed, tmp_path: Path
) -> None:
    again = Replayed(recording, tmp_path)
    assert again.poses == replayed.poses
    assert again.findings == replayed.findings
