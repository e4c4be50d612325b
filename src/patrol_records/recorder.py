"""The component that turns topics into records and acknowledges findings once they are durable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from patrol_core.component import Component, Inputs, Outputs
from patrol_core.site.model import Retention
from patrol_core.topics import (
    AMCL_POSE,
    BATTERY_STATE,
    CANDIDATES,
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
from patrol_core.types.perception import Finding
from patrol_records.entries import RunSample
from patrol_records.params import RecordsParams
from patrol_records.store import RecordStore

DAY_S = 86400.0

_Seen = TypeVar("_Seen", Finding, Candidate)


class Recorder(Component):
    """Writes findings, verdicts and events at the tick at which they arrive; samples and
    candidates in small batches.

    Records hold Unix time: `epoch_s` is added to every stamp. A verdict counts from its arrival.
    """

    name = "recorder"
    rate_hz = 10.0
    reads = (
        FINDINGS, PATROL_EVENTS, AMCL_POSE, ODOM, BATTERY_STATE, GATE_STATUS, LOCALIZATION_STATUS,
        PATROL_STATUS, CANDIDATES, INCIDENT_VERDICTS,
    )  # fmt: skip
    writes = (INCIDENTS,)

    def __init__(
        self, folder: Path, retention: Retention, params: RecordsParams, epoch_s: float = 0.0
    ) -> None:
        self._folder = folder
        self._epoch_s = epoch_s
        self._retention = retention
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
        if now_s - self._sampled_s >= self._params.sample_period_s - 1e-6:
            self._sampled_s = now_s
            self._samples.append(_sample(inputs, now_s, now_s + self._epoch_s))
        findings = [self._dated(finding) for finding in inputs.events(FINDINGS)]
        events = [
            replace(event, stamp_s=event.stamp_s + self._epoch_s)
            for event in inputs.events(PATROL_EVENTS)
        ]
        verdicts = [
            replace(verdict, stamp_s=now_s + self._epoch_s)
            for verdict in inputs.events(INCIDENT_VERDICTS)
        ]
        self._candidates += [self._dated(c) for c in inputs.events(CANDIDATES)]
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
