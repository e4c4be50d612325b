"""Whether a goal can be begun, and what it is about."""

from __future__ import annotations

import math
from dataclasses import replace

from patrol_core.action_client import ActionClient
from patrol_core.component import Inputs
from patrol_core.result import ErrorCode, Result
from patrol_core.site.private_places import PrivatePlaces
from patrol_core.topics import FINDINGS, INCIDENTS, MAP
from patrol_core.types.mission import InspectGoal
from patrol_core.types.perception import Finding, FindingKind
from patrol_mission.inspecting.inspection import Inspection
from patrol_mission.inspecting.interruptions import interruption, is_charging
from patrol_mission.inspecting.params import InspectParams
from patrol_mission.inspecting.subject import Outskirts, Subject

_MOST = 500
_BESIDE_M = 0.4
_THINGS = (FindingKind.OBJECT, FindingKind.OBSTRUCTION)


class KnownFindings:
    """The findings of this run, newest last and without their pictures, and their incidents."""

    def __init__(self) -> None:
        self.findings: dict[str, Finding] = {}
        self.incidents: dict[str, int] = {}

    def step(self, inputs: Inputs) -> None:
        """Take in what was said since the last tick."""
        for finding in inputs.events(FINDINGS):
            self.findings.pop(finding.finding_id, None)
            self.findings[finding.finding_id] = replace(finding, photo=None, before=None)
        for incident in inputs.events(INCIDENTS):
            self.incidents.pop(incident.finding_id, None)
            self.incidents[incident.finding_id] = incident.incident_id
        while len(self.findings) > _MOST:
            self.findings.pop(next(iter(self.findings)))
        while len(self.incidents) > _MOST:
            self.incidents.pop(next(iter(self.incidents)))

    def of(self, subject: Subject) -> Subject:
        """The subject with what perception says of it by now, and at least as large."""
        near = [
            finding
            for finding in self.findings.values()
            if finding.kind in _THINGS
            and math.hypot(finding.x_m - subject.x_m, finding.y_m - subject.y_m)
            <= subject.radius_m + _BESIDE_M
        ]
        if not near:
            return subject
        finding = near[-1]
        half_m = 0.5 * math.hypot(finding.length_m, finding.width_m)
        off_m = math.hypot(finding.x_m - subject.x_m, finding.y_m - subject.y_m)
        return replace(subject, finding=finding, radius_m=max(subject.radius_m, half_m + off_m))


def begin(
    goal: InspectGoal,
    client: ActionClient,
    inputs: Inputs,
    known: KnownFindings,
    private: PrivatePlaces,
    params: InspectParams,
    now_s: float,
    *,
    is_busy: bool,
) -> Inspection | Result:
    """The inspection of a goal, or why there is none."""
    if is_busy:
        return Result.failure(ErrorCode.BUSY, "another inspection is under way")
    subject = _subject(goal, known.findings.get(goal.subject), params)
    if subject is None:
        message = f"nothing is known of '{goal.subject}': give x and y, or a finding's id"
        return Result.failure(ErrorCode.SUBJECT_UNKNOWN, message)
    if private.hold(subject.x_m, subject.y_m):
        message = f"{subject.name} lies in a privacy zone: nothing is recorded there"
        return Result.failure(ErrorCode.INVALID_GOAL, message)
    site_map = inputs.latest(MAP)
    if site_map is None:
        return Result.failure(ErrorCode.INPUT_STALE, "there is no map yet")
    if is_charging(inputs):
        return Result.failure(ErrorCode.BUSY, "the robot is charging: it leaves the dock first")
    return interruption(inputs, params, now_s) or Inspection(
        goal, subject, Outskirts(subject, site_map), client,
        f"{round(now_s * 1000):010d}-inspection", now_s, now_s,
    )  # fmt: skip


def _subject(goal: InspectGoal, finding: Finding | None, params: InspectParams) -> Subject | None:
    """What a goal is about; None where nobody knows where that is."""
    name = f"finding {goal.subject}" if finding is not None else goal.subject or "something"
    x_m, y_m, radius_m = goal.x_m, goal.y_m, goal.radius_m
    if finding is not None and not math.isfinite(x_m + y_m):
        x_m, y_m = finding.x_m, finding.y_m
    if not math.isfinite(x_m + y_m):
        return None
    if not (math.isfinite(radius_m) and radius_m > 0.0) and finding is not None:
        radius_m = 0.5 * math.hypot(finding.length_m, finding.width_m)
    if not (math.isfinite(radius_m) and radius_m > 0.0):
        radius_m = params.unknown_radius_m
    return Subject(name, x_m, y_m, radius_m, finding)
