"""What operators do, on its way into the log."""

from __future__ import annotations

from patrol_interfaces import msg

from patrol_core.types.audit import LoggedAct, OperatorAct
from patrol_host_ros.conversions.mirror import mirror

operator_act_from_ros, operator_act_to_ros = mirror(OperatorAct, msg.OperatorAct)
logged_act_from_ros, logged_act_to_ros = mirror(LoggedAct, msg.LoggedAct)

CONVERSIONS = {
    (OperatorAct, "patrol_interfaces/msg/OperatorAct"): (
        operator_act_from_ros, operator_act_to_ros
    ),
    (LoggedAct, "patrol_interfaces/msg/LoggedAct"): (logged_act_from_ros, logged_act_to_ros),
}  # fmt: skip
