"""What a recording is made for: incidents, latched stops, whoever takes the robot."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from patrol_core.types.perception import REFUSED, Incident
from patrol_core.types.status import Authority, GateState, GateStatus

_REMEMBERED = 1000
_TAKEN = (Authority.TELEOP, Authority.ESTOP)


@dataclass(frozen=True, slots=True)
class Occasion:
    """`stamp_s`: Unix time. `kind`: incident, latched_stop, teleop or estop.

    `incident_id`: 0 where it is no incident. `words` name nobody.
    """

    stamp_s: float
    kind: str
    words: str
    incident_id: int = 0


class Occasions:
    """Tells each occasion once."""

    def __init__(self, epoch_s: float) -> None:
        self._epoch_s = epoch_s
        self._known: OrderedDict[int, None] = OrderedDict()
        self._gate: GateStatus | None = None

    def of_incidents(self, incidents: tuple[Incident, ...], now_s: float) -> list[Occasion]:
        """Of incidents that were stored now, and of no later revision of them."""
        told = []
        for incident in incidents:
            number = incident.incident_id
            if number == REFUSED or number in self._known:
                continue
            self._known[number] = None
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            words = incident.kind.value
            told.append(Occasion(now_s + self._epoch_s, "incident", words, number))
        return told

    def of_gate(self, gate: GateStatus | None, now_s: float) -> list[Occasion]:
        """Of what the gate says since it last said something else."""
        if gate is None:
            return []
        before, self._gate = self._gate, gate
        stamp_s = now_s + self._epoch_s
        told = []
        latched = gate.state is GateState.LATCHED
        if latched and (before is None or before.state is not GateState.LATCHED):
            told.append(Occasion(stamp_s, "latched_stop", "; ".join(gate.reasons)))
        if gate.authority in _TAKEN and (before is None or before.authority != gate.authority):
            told.append(Occasion(stamp_s, gate.authority.value, f"by {gate.authority.value}"))
        return told
