"""The component that turns topics into records and acknowledges findings once they are durable.

Nothing is recorded in a privacy zone: no finding, no photo of one, no sample of the robot, and of
what happened on a patrol, or of what people say, not where.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from patrol_core.component import Component, Inputs, Outputs
from patrol_core.geometry import Pose2
from patrol_core.site.model import Site
from patrol_core.site.private_places import PrivatePlaces
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    CANDIDATES,
    CHECK_RESULTS,
    FINDINGS,
    GATE_STATUS,
    INCIDENT_VERDICTS,
    INCIDENTS,
    LOCALIZATION_STATUS,
    ODOM,
    PATROL_EVENTS,
    PATROL_STATUS,
)
from patrol_core.types.learning import Candidate
from patrol_core.types.mission import PatrolEvent
from patrol_core.types.perception import REFUSED, Finding, Incident
from patrol_records.entries import RunSample
from patrol_records.params import RecordsParams
from patrol_records.store import RecordStore

DAY_S = 86400.0
_NOWHERE = Pose2(math.nan, math.nan, math.nan)

_Seen = TypeVar("_Seen", Finding, Candidate)


class Recorder(Component):
    """Writes findings, verdicts and events at the tick at which they arrive; samples and
    candidates in small batches.

    Records hold Unix time: `epoch_s` is added to every stamp. A verdict counts from its arrival.
    What a check on the round gave is an event of the patrol: `check_passed`, `check_failed` or
    `check_unread`.
    """

    name = "recorder"
    rate_hz = 10.0
    reads = (
        FINDINGS, PATROL_EVENTS, AMCL_POSE, ODOM, BATTERY_STATE, GATE_STATUS, LOCALIZATION_STATUS,
        PATROL_STATUS, CANDIDATES, INCIDENT_VERDICTS, CHECK_RESULTS,
    )  # fmt: skip
    writes = (INCIDENTS,)

    def __init__(
        self, folder: Path, site: Site, params: RecordsParams, epoch_s: float = 0.0
    ) -> None:
        self._folder = folder
        self._epoch_s = epoch_s
        self._retention = site.retention
        self._private = PrivatePlaces(site, epoch_s)
        self._params = params
        self._store: RecordStore | None = None
        self._samples: list[RunSample] = []
        self._candidates: list[Candidate] = []
        self._sampled_s = float("-inf")
        self._committed_s = float("-inf")
        self._cleaned_s = float("-inf")

    def setup(self) -> None:
        self._store = RecordStore(self._folder)

    def close(self) -> None:
        if self._store is not None:
            self._store.add(samples=self._samples, candidates=self._candidates)
            self._store.close()
            self._store = None

    def step(self, inputs: Inputs, now_s: float) -> Outputs:
        assert self._store is not None, "setup() comes first"
        outputs = Outputs()
        self._private.refresh(now_s)
        if now_s - self._sampled_s >= self._params.sample_period_s - 1e-6:
            self._sampled_s = now_s
            self._take_sample(inputs, now_s)
        verdicts = [
            replace(verdict, stamp_s=now_s + self._epoch_s)
            for verdict in inputs.events(INCIDENT_VERDICTS)
        ]
        self._candidates += [
            self._dated(candidate)
            for candidate in inputs.events(CANDIDATES)
            if not self._private.hold(candidate.x_m, candidate.y_m)
        ]
        findings = []
        for finding in inputs.events(FINDINGS):
            if not self._private.hold(finding.x_m, finding.y_m):
                findings.append(self._dated(finding))
            elif finding.kind.from_people:
                told = replace(finding, x_m=math.nan, y_m=math.nan, photo=None, before=None)
                findings.append(self._dated(told))
            else:
                outputs.put(INCIDENTS, _refused(finding, now_s))
        events = [
            self._placed(event) for event in (*inputs.events(PATROL_EVENTS), *_read(inputs, now_s))
        ]
        due = now_s - self._committed_s >= self._params.commit_period_s
        if findings or events or verdicts or due:
            stored = self._store.add(findings, events, self._samples, verdicts, self._candidates)
            for incident in stored:
                outputs.put(INCIDENTS, replace(incident, stamp_s=now_s))
            self._samples, self._candidates, self._committed_s = [], [], now_s
        if now_s - self._cleaned_s >= DAY_S:
            self._cleaned_s = now_s
            self._clean(self._store, now_s + self._epoch_s)
        return outputs

    def _take_sample(self, inputs: Inputs, now_s: float) -> None:
        sample = _sample(inputs, now_s, now_s + self._epoch_s)
        x_m, y_m = sample.x_m, sample.y_m
        if x_m is None or y_m is None or not self._private.hold(x_m, y_m):
            self._samples.append(sample)

    def _placed(self, event: PatrolEvent) -> PatrolEvent:
        private = self._private.hold(event.pose.x_m, event.pose.y_m)
        pose = _NOWHERE if private else event.pose
        return replace(event, stamp_s=event.stamp_s + self._epoch_s, pose=pose)

    def _dated(self, seen: _Seen) -> _Seen:
        return replace(
            seen,
            stamp_s=seen.stamp_s + self._epoch_s,
            first_seen_s=seen.first_seen_s + self._epoch_s,
        )

    def _clean(self, store: RecordStore, today_s: float) -> None:
        keep = self._retention
        store.remove_before(
            today_s - keep.incidents_days * DAY_S,
            today_s - keep.photos_days * DAY_S,
            today_s - keep.tracks_days * DAY_S,
        )


def _read(inputs: Inputs, now_s: float) -> list[PatrolEvent]:
    """What was read at checkpoints, passed or not, as events of the patrol under way."""
    patrol, estimate = inputs.fresh(PATROL_STATUS, now_s), inputs.fresh(AMCL_POSE, now_s)
    if patrol is None or not patrol.patrol_id:
        return []
    pose = estimate.pose if estimate else _NOWHERE
    return [
        PatrolEvent(
            result.stamp_s, patrol.patrol_id, f"check_{result.outcome.value}", result.check_id,
            result.reason, pose,
        )
        for result in inputs.events(CHECK_RESULTS)
    ]  # fmt: skip


def _refused(finding: Finding, now_s: float) -> Incident:
    """So that nobody repeats it; it says nothing of the place."""
    return Incident(
        now_s, REFUSED, finding.finding_id, finding.revision, finding.kind, math.nan, math.nan,
        "not recorded: it lies in a privacy zone", False,
    )  # fmt: skip


def _sample(inputs: Inputs, now_s: float, stamp_s: float) -> RunSample:
    estimate, odometry = inputs.fresh(AMCL_POSE, now_s), inputs.fresh(ODOM, now_s)
    battery, gate = inputs.latest(BATTERY_STATE), inputs.fresh(GATE_STATUS, now_s)
    localization = inputs.fresh(LOCALIZATION_STATUS, now_s)
    patrol = inputs.fresh(PATROL_STATUS, now_s)
    pose = estimate.pose if estimate else None
    return RunSample(
        stamp_s,
        pose.x_m if pose else None,
        pose.y_m if pose else None,
        pose.yaw_rad if pose else None,
        odometry.linear_mps if odometry else None,
        battery.charge_fraction if battery else None,
        gate.state.value if gate else None,
        gate.speed_limit_mps if gate else None,
        "; ".join(gate.reasons) if gate else None,
        localization.level.value if localization else None,
        patrol.patrol_id if patrol else None,
    )
