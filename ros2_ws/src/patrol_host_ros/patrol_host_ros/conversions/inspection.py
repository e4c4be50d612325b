"""Results of checks."""

from __future__ import annotations

from patrol_interfaces import msg

from patrol_core.types.inspection import CheckResult
from patrol_host_ros.conversions.mirror import mirror

check_result_from_ros, check_result_to_ros = mirror(CheckResult, msg.CheckResult, "map")

CONVERSIONS = {
    (CheckResult, "patrol_interfaces/msg/CheckResult"): (
        check_result_from_ros,
        check_result_to_ros,
    ),
}
