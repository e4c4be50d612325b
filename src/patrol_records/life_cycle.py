"""The life cycle of a group of incidents: a state that follows from what was done, act by act.

The states and shelving are those of alarm management (ISA-18.2, IEC 62682).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from patrol_core.types.incidents import ActKind, IncidentAct


class IncidentState(Enum):
    """NEW: nobody has seen it. ACKNOWLEDGED: somebody has. SHELVED: put aside until a time.
    RESOLVED: nothing is left to do, unless its cause is seen again.
    """

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Standing:
    """A state and since when [Unix time]. What is shelved has the state that it comes back to."""

    state: IncidentState
    since_s: float
    shelved_until_s: float = 0.0

    def at(self, now_s: float) -> IncidentState:
        """The state at a time: what is shelved comes back by itself when its time is up."""
        return IncidentState.SHELVED if now_s < self.shelved_until_s else self.state

    def after(self, act: IncidentAct) -> Standing:
        """The standing once an act was done. What is resolved cannot be shelved."""
        if act.act is ActKind.SHELVE:
            if self.state is IncidentState.RESOLVED:
                return self
            return replace(self, shelved_until_s=act.stamp_s + act.for_s)
        return Standing(_STATES[act.act], act.stamp_s)


_STATES = {
    ActKind.ACKNOWLEDGE: IncidentState.ACKNOWLEDGED,
    ActKind.RESOLVE: IncidentState.RESOLVED,
    ActKind.REOPEN: IncidentState.NEW,
}
