"""Gate, localisation, emergency stops, health."""

from __future__ import annotations

from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from patrol_interfaces import msg

from patrol_core.types.status import (
    DockApproach,
    EstopState,
    GateReset,
    GateStatus,
    Health,
    HealthLevel,
    LocalizationStatus,
    MotionWarning,
    OperatorLink,
    TeleopLease,
)
from patrol_host_ros.conversions.common import ConversionError, header_to_ros, stamp_from_ros
from patrol_host_ros.conversions.mirror import mirror

estop_from_ros, estop_to_ros = mirror(EstopState, msg.EstopState)
gate_status_from_ros, gate_status_to_ros = mirror(GateStatus, msg.GateStatus, "base_link")
gate_reset_from_ros, gate_reset_to_ros = mirror(GateReset, msg.GateReset)
warning_from_ros, warning_to_ros = mirror(MotionWarning, msg.MotionWarning)
lease_from_ros, lease_to_ros = mirror(TeleopLease, msg.TeleopLease)
link_from_ros, link_to_ros = mirror(OperatorLink, msg.OperatorLink)
approach_from_ros, approach_to_ros = mirror(DockApproach, msg.DockApproach)
localization_from_ros, localization_to_ros = mirror(
    LocalizationStatus, msg.LocalizationStatus, "map"
)


def health_from_ros(message: Any) -> Health:
    """The worst entry of the array: Ronda's own arrays have one."""
    if not message.status:
        raise ConversionError("a diagnostic array without entries", expected="at least one")
    worst = max(message.status, key=lambda status: status.level)
    return Health(
        stamp_from_ros(message.header.stamp),
        worst.name,
        HealthLevel(worst.level[0]),
        worst.message,
        tuple((pair.key, pair.value) for pair in worst.values),
    )


def health_to_ros(health: Health) -> DiagnosticArray:
    status = DiagnosticStatus(
        level=bytes([health.level.value]),
        name=health.name,
        message=health.message,
        hardware_id="ronda",
        values=[KeyValue(key=key, value=value) for key, value in health.values],
    )
    return DiagnosticArray(header=header_to_ros(health.stamp_s, ""), status=[status])


CONVERSIONS = {
    (EstopState, "patrol_interfaces/msg/EstopState"): (estop_from_ros, estop_to_ros),
    (GateStatus, "patrol_interfaces/msg/GateStatus"): (gate_status_from_ros, gate_status_to_ros),
    (GateReset, "patrol_interfaces/msg/GateReset"): (gate_reset_from_ros, gate_reset_to_ros),
    (MotionWarning, "patrol_interfaces/msg/MotionWarning"): (warning_from_ros, warning_to_ros),
    (OperatorLink, "patrol_interfaces/msg/OperatorLink"): (link_from_ros, link_to_ros),
    (TeleopLease, "patrol_interfaces/msg/TeleopLease"): (lease_from_ros, lease_to_ros),
    (DockApproach, "patrol_interfaces/msg/DockApproach"): (approach_from_ros, approach_to_ros),
    (LocalizationStatus, "patrol_interfaces/msg/LocalizationStatus"): (
        localization_from_ros,
        localization_to_ros,
    ),
    (Health, "diagnostic_msgs/msg/DiagnosticArray"): (health_from_ros, health_to_ros),
}
