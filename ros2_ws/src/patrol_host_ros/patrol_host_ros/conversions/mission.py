"""The state of the patrol and what operators ask of it."""

from __future__ import annotations

from patrol_interfaces import msg

from patrol_core.types.mission import PatrolCommand, PatrolEvent, PatrolStatus, StoredEvent
from patrol_host_ros.conversions.mirror import mirror

patrol_status_from_ros, patrol_status_to_ros = mirror(PatrolStatus, msg.PatrolStatus, "map")
patrol_event_from_ros, patrol_event_to_ros = mirror(PatrolEvent, msg.PatrolEvent, "map")
stored_event_from_ros, stored_event_to_ros = mirror(StoredEvent, msg.StoredEvent)
patrol_command_from_ros, patrol_command_to_ros = mirror(PatrolCommand, msg.PatrolCommand)

CONVERSIONS = {
    (PatrolStatus, "patrol_interfaces/msg/PatrolStatus"): (
        patrol_status_from_ros,
        patrol_status_to_ros,
    ),
    (StoredEvent, "patrol_interfaces/msg/StoredEvent"): (
        stored_event_from_ros,
        stored_event_to_ros,
    ),
    (PatrolEvent, "patrol_interfaces/msg/PatrolEvent"): (
        patrol_event_from_ros,
        patrol_event_to_ros,
    ),
    (PatrolCommand, "patrol_interfaces/msg/PatrolCommand"): (
        patrol_command_from_ros,
        patrol_command_to_ros,
    ),
}
