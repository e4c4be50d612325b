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
    INCIDENT_ACTS,
    INCIDENT_VERDICTS,
    INCIDENTS,
    LOCALIZATION_STATUS,
    ODOM,
    PATROL_EVENTS,
    PATROL_STATUS,
    STORED_EVENTS,
)
from patrol_core.types.incidents import IncidentAct
from patrol_core.types.learning import Candidate, IncidentVerdict
from patrol_core.types.mission import PatrolEvent, StoredEvent
from patrol_core.types.perception import REFUSED, Finding, Incident
from patrol_records.entries import Circumstances, RunSample
from patrol_records.params import RecordsParams
from patrol_records.retention import Limits
from patrol_records.store import RecordStore

DAY_S = 86400.0
_NOWHERE = Pose2(math.nan, math.nan, math.nan)

_Seen = TypeVar("_Seen", Finding, Candidate)
_Said = TypeVar("_Said", IncidentVerdict, IncidentAct)


class Recorder(Component):
    """Writes findings, verdicts, acts and events at the tick at which they arrive; samples and
    candidates in small batches. Retention is applied once a day, a little at every tick.

    Records hold Unix time: `epoch_s` is added to every stamp. A verdict or an act counts from its
    arrival. What a check on the round gave is an event of the patrol: `check_passed`,
    `check_failed` or `check_unread`.
    """

    name = "recorder"
    rate_hz = 10.0
    reads = (
        FINDINGS, PATROL_EVENTS, AMCL_POSE, ODOM, BATTERY_STATE, GATE_STATUS, LOCALIZATION_STATUS,
        PATROL_STATUS, CANDIDATES, INCIDENT_VERDICTS, INCIDENT_ACTS, CHECK_RESULTS,
    )  # fmt: skip
    writes = (INCIDENTS, STORED_EVENTS)

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
        self._limits: Limits | None = None

    def setup(self) -> None:
        database = None
        if self._params.database_url:
            from patrol_records.postgres import PostgresDatabase

            url, robot_id = self._params.database_url, self._params.robot_id
            database = PostgresDatabase(url, robot_id, writable=True, alone=True)
        self._store = RecordStore(self._folder, self._params.grouping, database)

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
        verdicts = self._now(inputs.events(INCIDENT_VERDICTS), now_s)
        acts = self._now(inputs.events(INCIDENT_ACTS), now_s)
        self._candidates += [
            self._dated(candidate, now_s)
            for candidate in inputs.events(CANDIDATES)
            if math.isfinite(candidate.x_m + candidate.y_m)
            and not self._private.hold(candidate.x_m, candidate.y_m)
        ]
        findings = self._findings(inputs, outputs, now_s)
        said = (*inputs.events(PATROL_EVENTS), *_read(inputs, now_s))
        events = [self._placed(event, now_s) for event in said]
        due = now_s - self._committed_s >= self._params.commit_period_s
        if findings or events or verdicts or acts or due:
            stored = self._store.add(
                findings, events, self._samples, verdicts, self._candidates, acts,
                _circumstances(inputs, now_s),
            )  # fmt: skip
            for incident in stored:
                outputs.put(INCIDENTS, replace(incident, stamp_s=now_s))
            for event in events:
                if event.number:
                    stored_event = StoredEvent(now_s, event.patrol_id, event.number)
                    outputs.put(STORED_EVENTS, stored_event)
            self._samples, self._candidates, self._committed_s = [], [], now_s
        self._clean(self._store, now_s)
        return outputs

    def _findings(self, inputs: Inputs, outputs: Outputs, now_s: float) -> list[Finding]:
        """What may be recorded; of the rest it is said that it is not."""
        findings = []
        for finding in inputs.events(FINDINGS):
            if not self._private.hold(finding.x_m, finding.y_m):
                findings.append(self._found(finding, now_s))
            elif finding.kind.from_people:
                told = replace(finding, x_m=math.nan, y_m=math.nan, photo=None, before=None)
                findings.append(self._found(told, now_s))
            else:
                outputs.put(INCIDENTS, _refused(finding, now_s))
        return findings

    def _take_sample(self, inputs: Inputs, now_s: float) -> None:
        sample = _sample(inputs, now_s, now_s + self._epoch_s)
        x_m, y_m = sample.x_m, sample.y_m
        if x_m is None or y_m is None or not self._private.hold(x_m, y_m):
            self._samples.append(sample)

    def _placed(self, event: PatrolEvent, now_s: float) -> PatrolEvent:
        private = self._private.hold(event.pose.x_m, event.pose.y_m)
        pose = _NOWHERE if private else event.pose
        stamp_s = _number(event.stamp_s, now_s) + self._epoch_s
        return replace(event, stamp_s=stamp_s, pose=pose)

    def _dated(self, seen: _Seen, now_s: float) -> _Seen:
        """In Unix time."""
        return replace(
            seen,
            stamp_s=_number(seen.stamp_s, now_s) + self._epoch_s,
            first_seen_s=_number(seen.first_seen_s, now_s) + self._epoch_s,
        )

    def _found(self, finding: Finding, now_s: float) -> Finding:
        return replace(
            self._dated(finding, now_s),
            length_m=_number(finding.length_m),
            width_m=_number(finding.width_m),
            confidence=_number(finding.confidence),
        )

    def _now(self, said: tuple[_Said, ...], now_s: float) -> list[_Said]:
        return [replace(word, stamp_s=now_s + self._epoch_s) for word in said]

    def _clean(self, store: RecordStore, now_s: float) -> None:
        if now_s - self._cleaned_s >= DAY_S:
            self._cleaned_s = now_s
            today_s, keep = now_s + self._epoch_s, self._retention
            self._limits = Limits(
                today_s - keep.incidents_days * DAY_S,
                today_s - keep.photos_days * DAY_S,
                today_s - keep.tracks_days * DAY_S,
            )
        if self._limits is not None and not store.forget_some(self._limits):
            self._limits = None


def _number(value: float, otherwise: float = 0.0) -> float:
    """What is not a number must not keep the rest from being stored."""
    return value if math.isfinite(value) else otherwise


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


def _circumstances(inputs: Inputs, now_s: float) -> Circumstances:
    gate, patrol = inputs.fresh(GATE_STATUS, now_s), inputs.fresh(PATROL_STATUS, now_s)
    authority = gate.authority.value if gate else ""
    if patrol is None:
        return Circumstances(authority)
    return Circumstances(authority, patrol.patrol_id, patrol.route_id, patrol.next_checkpoint)


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
        gate.authority.value if gate else None,
    )
