"""Verdicts and candidates."""

from __future__ import annotations

from patrol_interfaces import msg

from patrol_core.types.learning import Candidate, IncidentVerdict
from patrol_host_ros.conversions.mirror import mirror

candidate_from_ros, candidate_to_ros = mirror(Candidate, msg.Candidate, "map")
verdict_from_ros, verdict_to_ros = mirror(IncidentVerdict, msg.IncidentVerdict, "map")

CONVERSIONS = {
    (Candidate, "patrol_interfaces/msg/Candidate"): (candidate_from_ros, candidate_to_ros),
    (IncidentVerdict, "patrol_interfaces/msg/IncidentVerdict"): (
        verdict_from_ros,
        verdict_to_ros,
    ),
}
