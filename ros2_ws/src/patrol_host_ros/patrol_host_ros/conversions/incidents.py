"""What people do about incidents."""

from __future__ import annotations

from patrol_interfaces import msg

from patrol_core.types.incidents import IncidentAct
from patrol_host_ros.conversions.mirror import mirror

act_from_ros, act_to_ros = mirror(IncidentAct, msg.IncidentAct)

CONVERSIONS = {
    (IncidentAct, "patrol_interfaces/msg/IncidentAct"): (act_from_ros, act_to_ros),
}
