"""An operator who sees what really stands on a simulated site, and says so of every incident."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import yaml
from shapely.geometry import Point, Polygon

from patrol_core.types.learning import IncidentVerdict, VerdictKind
from patrol_core.types.perception import FindingKind
from patrol_mission.route import lap_poses
from patrol_records.entries import StoredIncident
from patrol_records.queries_patrols import patrol_starts
from patrol_records.reader import RecordReader
from patrol_records.store import RecordStore
from patrol_sim.scenario import PlacedObject, Scenario
from ronda_cli.scorer import COUNTED_SIZE_M, MATCH_MARGIN_M, Scorer
from ronda_cli.setting import Setting

WHO = "scripted operator"


class Operator:
    """Judges the records of simulated patrols of one site."""

    def __init__(self, setting: Setting) -> None:
        site = setting.site
        self._scorer = Scorer(site, setting.world, setting.world_file)
        self._route = lap_poses(site, site.routes[0])
        moved = setting.world_file.with_suffix(".moved.yaml")
        entries = yaml.safe_load(moved.read_text("utf-8"))["moved"] if moved.is_file() else []
        self._moved = [Polygon(entry["after"]) for entry in entries]

    def judge(self, folder: Path, scenario: Scenario) -> None:
        """Give a verdict on every incident of a run, and name what was in sight and missed."""
        with closing(RecordReader(folder)) as reader:
            incidents = reader.incidents()
            now_s = reader.events(patrol_starts(reader)[-1].patrol_id)[-1].stamp_s
        verdicts = [self._verdict(i, scenario.objects, now_s) for i in incidents]
        missed = [
            thing
            for thing in scenario.objects
            if thing.planted
            and max(thing.size_m[:2]) >= COUNTED_SIZE_M
            and self._scorer.in_sight(thing, self._route)
            and not any(_stands_at(thing, incident) for incident in incidents)
        ]
        verdicts += [
            IncidentVerdict(
                now_s,
                f"missed {thing.name}",
                0,
                VerdictKind.MISSED,
                WHO,
                thing.name,
                thing.pose.x_m,
                thing.pose.y_m,
            )
            for thing in missed
        ]
        with closing(RecordStore(folder)) as store:
            store.add(verdicts=verdicts)

    def _verdict(
        self, incident: StoredIncident, objects: Sequence[PlacedObject], now_s: float
    ) -> IncidentVerdict:
        place = Point(incident.x_m, incident.y_m)
        stands = [thing for thing in objects if _stands_at(thing, incident)]
        if stands:
            kind, why = VerdictKind.TRUE, stands[0].name
        elif any(hull.distance(place) <= MATCH_MARGIN_M for hull in self._moved):
            kind, why = VerdictKind.KNOWN, "moved since the map was made"
        else:
            kind, why = VerdictKind.FALSE, "nothing stands there"
        return IncidentVerdict(
            now_s, f"incident {incident.incident_id}", incident.incident_id, kind, WHO, why,
            incident.x_m, incident.y_m,
        )  # fmt: skip


def _stands_at(thing: PlacedObject, incident: StoredIncident) -> bool:
    off_m = math.hypot(incident.x_m - thing.pose.x_m, incident.y_m - thing.pose.y_m)
    return (
        incident.kind is not FindingKind.BLOCKED
        and off_m <= MATCH_MARGIN_M + max(thing.size_m[:2]) / 2.0
    )
