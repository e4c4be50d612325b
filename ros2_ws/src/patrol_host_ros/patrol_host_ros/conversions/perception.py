"""Tracks, findings, incidents."""

from __future__ import annotations

from patrol_interfaces import msg

from patrol_core.types.perception import Finding, Incident, Tracks
from patrol_host_ros.conversions.mirror import mirror

tracks_from_ros, tracks_to_ros = mirror(Tracks, msg.Tracks, "map")
finding_from_ros, finding_to_ros = mirror(Finding, msg.Finding, "map")
incident_from_ros, incident_to_ros = mirror(Incident, msg.Incident, "map")

CONVERSIONS = {
    (Tracks, "patrol_interfaces/msg/Tracks"): (tracks_from_ros, tracks_to_ros),
    (Finding, "patrol_interfaces/msg/Finding"): (finding_from_ros, finding_to_ros),
    (Incident, "patrol_interfaces/msg/Incident"): (incident_from_ros, incident_to_ros),
}
