"""Conversations with visitors."""

from __future__ import annotations

from patrol_interfaces import msg

from patrol_core.types.dialogue import DialogueEvent, OperatorLine
from patrol_host_ros.conversions.mirror import mirror

event_from_ros, event_to_ros = mirror(DialogueEvent, msg.DialogueEvent, "map")
line_from_ros, line_to_ros = mirror(OperatorLine, msg.OperatorLine)

CONVERSIONS = {
    (DialogueEvent, "patrol_interfaces/msg/DialogueEvent"): (event_from_ros, event_to_ros),
    (OperatorLine, "patrol_interfaces/msg/OperatorLine"): (line_from_ros, line_to_ros),
}
