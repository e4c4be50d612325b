"""What viewers are shown: the site as it is in force, what moves, where the robot's links are."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patrol_console.viewing.viewer import Viewer
from patrol_core import topics
from patrol_core.bus import Mailbox
from patrol_core.component import Outputs, ProcessContext
from patrol_core.robot import load_robot
from patrol_core.site import load_site
from patrol_core.types.markers import Marker, Shape
from patrol_core.types.mission import PatrolState, PatrolStatus
from patrol_core.types.motion import JointStates
from patrol_core.types.perception import FindingKind, Incident, Track, TrackKind, Tracks
from patrol_core.types.status import Authority, GateState, GateStatus

ROOT = Path(__file__).parents[3]
URDF = ROOT / "urdf" / "urdf" / "rover.urdf.xacro"
WALKER = Track("t1", TrackKind.PERSON, 3.0, 4.0, 0.0, 1.2, 0.5, 0.4, 0.9, 0.0, 1.0)
BOX = Track("t2", TrackKind.STANDING, 5.0, 1.0, 0.0, 0.0, 0.8, 0.6, 0.7, 0.0, 1.0)

CART = replace(BOX, track_id="t3", kind=TrackKind.MOVING, vx_mps=0.8)


class Rig:
    """A viewer of the yard, in a folder of its own."""

    def __init__(self, folder: Path, description: str = str(URDF)) -> None:
        shutil.copytree(ROOT / "sites" / "yard", folder / "yard")
        site, robot = load_site(folder / "yard"), load_robot(ROOT / "urdf/config/rover.yaml")
        self.zones = folder / "yard" / "zones.geojson"
        self.site = site
        self.viewer = Viewer(ProcessContext(site, robot, folder), description)
        self.viewer.setup()
        self.mailbox = Mailbox(self.viewer.reads)
        self.now_s = 0.0

    def tick(self, *heard: tuple[topics.Topic[Any], Any]) -> Outputs:
        self.now_s += 0.02
        for topic, value in heard:
            self.mailbox.store(topic, value, self.now_s)
        return self.viewer.step(self.mailbox.snapshot(), self.now_s)

    def drawn(self, *heard: tuple[topics.Topic[Any], Any]) -> list[Marker]:
        """What is drawn next of what moves."""
        said = self.tick(*heard).of(topics.MARKERS)
        while not said:
            said = self.tick().of(topics.MARKERS)
        return list(said[0].markers)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def of(markers: list[Marker], namespace: str) -> list[Marker]:
    return [marker for marker in markers if marker.namespace == namespace]


def incident(number: int, kind: FindingKind = FindingKind.OBJECT, x_m: float = 2.0) -> Incident:
    return Incident(1.0, number, f"f{number}", 1, kind, x_m, 3.0, "said by Jo", False)


def test_the_site_is_drawn_once_and_anew_when_its_zones_change(rig: Rig) -> None:
    (site,) = rig.tick().of(topics.SITE_MARKERS)
    assert site.clears
    names = {marker.namespace for marker in site.markers}
    assert names >= {"outline", "checkpoints", "docks", "zones/keep_out", "zones/speed"}
    keys = [(marker.namespace, marker.number) for marker in site.markers]
    assert len(keys) == len(set(keys))
    assert not any(rig.tick().of(topics.SITE_MARKERS) for _ in range(60))
    document = json.loads(rig.zones.read_text())
    document["features"] = [
        one for one in document["features"] if one["properties"]["kind"] != "speed"
    ]
    rig.zones.write_text(json.dumps(document))
    (anew,) = (one for _ in range(60) for one in rig.tick().of(topics.SITE_MARKERS))
    assert "zones/speed" not in {marker.namespace for marker in anew.markers}


def test_what_moves_is_drawn_five_times_a_second_and_fades_by_itself(rig: Rig) -> None:
    tracks = (topics.TRACKS, Tracks(0.0, (WALKER, BOX, CART)))
    drawn = rig.drawn(tracks)
    person, box, cart = of(drawn, "tracks")
    assert [one.shape for one in (person, box, cart)] == [*[Shape.CYLINDER] * 2, Shape.CUBE]
    assert person.pose.pose2().x_m == 3.0 and box.size_m[:2] == (0.8, 0.8)
    assert cart.size_m[:2] == (0.8, 0.6) and cart.pose.yaw_rad() == pytest.approx(0.0)
    arrow, _ = of(drawn, "motion")
    assert arrow.pose.yaw_rad() == pytest.approx(math.pi / 2) and arrow.size_m[0] == 1.2
    assert all(0.2 < marker.lifetime_s < 5.0 for marker in drawn)
    assert sum(bool(rig.tick().of(topics.MARKERS)) for _ in range(50)) == 5
    assert not of(rig.drawn(), "tracks"), "they are stale by now"


def test_incidents_are_drawn_where_they_lie_without_peoples_words(rig: Rig) -> None:
    rows = [
        incident(7), incident(8, FindingKind.REPORT), incident(0), incident(9, x_m=math.nan),
        incident(10, FindingKind.MISSING),
    ]  # fmt: skip
    drawn = rig.drawn(*((topics.INCIDENTS, one) for one in rows))
    assert [one.number for one in of(drawn, "incidents")] == [7, 10]
    texts = [one.text for one in of(drawn, "incident words")]
    assert texts == ["object #7", "missing #10"]


def test_above_the_robot_stands_what_it_is_at(rig: Rig) -> None:
    gate = GateStatus(
        0.0, GateState.HOLD, Authority.MISSION, ("Jo",), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0
    )
    patrol = PatrolStatus(0.0, "p", PatrolState.DWELLING, "r", 1, 1, "gate", 0.5, "")
    (words,) = of(rig.drawn((topics.GATE_STATUS, gate), (topics.PATROL_STATUS, patrol)), "robot")
    assert words.frame_id == "base_link" and words.text == "dwelling, gate: hold"


def test_the_description_is_said_once_and_wheels_turn(rig: Rig) -> None:
    names = ("left_wheel_joint", "right_wheel_joint")
    said = rig.tick((topics.JOINT_STATES, JointStates(0.0, names, (1.0, 2.0), (0.0, 0.0))))
    (description,) = said.of(topics.ROBOT_DESCRIPTION)
    assert 'link name="base_link"' in description.urdf
    (transforms,) = said.of(topics.TF)
    by_child = {one.child: one for one in transforms.transforms}
    assert "lidar_link" not in by_child, "that is the base's to say"
    assert {"left_wheel", "right_wheel"} <= by_child.keys()
    ahead = by_child["left_wheel"].transform.matrix()[:3, :3] @ np.array([1.0, 0.0, 0.0])
    assert ahead == pytest.approx((math.cos(1.0), 0.0, -math.sin(1.0)), abs=1e-6)
    assert not any(rig.tick().of(topics.ROBOT_DESCRIPTION) for _ in range(20))


@pytest.mark.parametrize("description", ["", "/nowhere/rover.urdf.xacro"])
def test_without_a_description_all_else_is_drawn(tmp_path: Path, description: str) -> None:
    said = Rig(tmp_path, description).tick()
    assert said.of(topics.SITE_MARKERS) and said.of(topics.MARKERS)
    assert not said.of(topics.ROBOT_DESCRIPTION) and not said.of(topics.TF)


def test_many_incidents_do_not_pile_up(rig: Rig) -> None:
    for start in range(1, 401, 50):
        rows = [(topics.INCIDENTS, incident(number)) for number in range(start, start + 50)]
        drawn = rig.drawn(*rows)
    numbers = [one.number for one in of(drawn, "incidents")]
    assert numbers == list(range(201, 401))
