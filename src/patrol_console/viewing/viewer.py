"""The component that serves RViz and Foxglove what nobody else has a use for."""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from pathlib import Path

from patrol_console.viewing.moving_view import (
    has_a_place,
    incident_markers,
    robot_words,
    track_markers,
)
from patrol_console.viewing.site_view import site_markers
from patrol_core import topics
from patrol_core.component import Component, Inputs, Outputs, ProcessContext
from patrol_core.errors import ConfigError
from patrol_core.robot_description import expand_xacro
from patrol_core.site.local_time import site_local_time
from patrol_core.site.zone_watch import ZoneWatch
from patrol_core.types.markers import Markers
from patrol_core.types.motion import (
    JointStates,
    RobotDescription,
    StampedTransform,
    Transforms,
)
from patrol_core.types.perception import Incident
from patrol_core.urdf_joints import Joint, read_joints

PERIOD_S = 0.2
MOST_INCIDENTS = 200
_log = logging.getLogger(__name__)


class Viewer(Component):
    """Draws the site when it changes and the rest five times a second; says the robot's
    description once, and where its wheels and other links are (what a robot_state_publisher does).

    Sensors' frames are the base's to say. `description`: a xacro file; empty: neither is said.
    """

    name = "viewer"
    rate_hz = 50.0
    reads = (
        topics.TRACKS, topics.INCIDENTS, topics.GATE_STATUS, topics.PATROL_STATUS,
        topics.JOINT_STATES,
    )  # fmt: skip
    writes = (topics.SITE_MARKERS, topics.MARKERS, topics.ROBOT_DESCRIPTION, topics.TF)

    def __init__(self, context: ProcessContext, description: str) -> None:
        self._site = context.site
        self._zones = ZoneWatch(
            context.site, site_local_time(context.site.timezone, context.epoch_s)
        )
        self._said_by_base = {child for _, child, _ in context.robot.mounts()}
        self._description = description
        self._urdf = ""
        self._joints: tuple[Joint, ...] = ()
        self._incidents: OrderedDict[int, Incident] = OrderedDict()
        self._begun = False
        self._drawn_s = -math.inf

    def setup(self) -> None:
        """A description that cannot be read is told, and harms nothing else."""
        if not self._description:
            return
        try:
            self._urdf = expand_xacro(Path(self._description))
            joints = read_joints(self._urdf)
        except ConfigError as error:
            _log.error("viewers get no robot description: %s", error)
            return
        self._joints = tuple(one for one in joints if one.child not in self._said_by_base)

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        """See Component."""
        outputs = Outputs()
        for incident in filter(has_a_place, inputs.events(topics.INCIDENTS)):
            self._incidents[incident.incident_id] = incident
            self._incidents.move_to_end(incident.incident_id)
            if len(self._incidents) > MOST_INCIDENTS:
                self._incidents.popitem(last=False)
        if self._zones.refresh(now_s) or not self._begun:
            outputs.put(topics.SITE_MARKERS, site_markers(self._site, self._zones.zones, now_s))
        if not self._begun and self._urdf:
            outputs.put(topics.ROBOT_DESCRIPTION, RobotDescription(self._urdf))
        self._begun = True
        if abs(now_s - self._drawn_s) >= PERIOD_S - 1e-6:
            self._drawn_s = now_s
            outputs.put(topics.MARKERS, self._moving(inputs, now_s))
            turned = inputs.fresh(topics.JOINT_STATES, now_s)
            if turned is not None and self._joints:
                outputs.put(topics.TF, self._links(turned))
        return outputs

    def _moving(self, inputs: Inputs, now_s: float) -> Markers:
        tracks = inputs.fresh(topics.TRACKS, now_s)
        gate = inputs.fresh(topics.GATE_STATUS, now_s)
        patrol = inputs.fresh(topics.PATROL_STATUS, now_s)
        drawn = (
            *track_markers(() if tracks is None else tracks.tracks, now_s),
            *incident_markers(self._incidents.values(), now_s),
            *robot_words(gate, patrol, now_s),
        )
        return Markers(drawn)

    def _links(self, turned: JointStates) -> Transforms:
        angles_rad = dict(zip(turned.names, turned.positions_rad, strict=True))
        return Transforms(
            tuple(
                StampedTransform(
                    turned.stamp_s, one.parent, one.child, one.at(angles_rad.get(one.name, 0.0))
                )
                for one in self._joints
            )
        )
